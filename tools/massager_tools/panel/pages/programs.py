"""The programs on a time line, and an editor that checks one's own and plays it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from nicegui import run, ui

from massager_tools.errors import UsageError
from massager_tools.firmware_tables import Program, built_in, core, own_program, programs
from massager_tools.manual.program_notes import program_notes
from massager_tools.panel.panel import Panel
from massager_tools.panel.time_line import heat_words, time_line
from massager_tools.panel.widgets import button, card, guarded_async, title
from massager_tools.programs import (
    compile_program,
    findings,
    phase_rules,
    program_rules,
    read_program,
)
from massager_tools.ui.live_session import presses_for

EXAMPLE = """PROGRAM = {
    "name": "sunday",
    "heat_c": 41,
    "level": 2,
    "phases": (
        {"minutes": 10, "air": "wave", "motor": "swell"},
        {"minutes": 8, "air": "ripple", "gradient_percent": 10},
        {"minutes": 4, "air": "wave", "motor": "fade", "fades": True},
    ),
}
"""
THEME: Literal["githubLight"] = (
    "githubLight"  # its colours have enough contrast, those of the basic one have not
)
_START = {"at_ms": 0, "do": "press", "button": "power", "for_ms": 500}
_START_AFTER_MS = 1_000


def build(panel: Panel) -> None:
    """Build the page."""
    with card("Your own program", "editor"):
        _Editor(panel)
    with card("The programs of the firmware"):
        title("The seven programs")
        form = core("session.program_format")
        table = {row[form.NAME]: row for row in core("session.programs").PROGRAMS}
        for note in program_notes():
            program = programs()[note.name]
            with ui.element("div").classes("program"):
                with ui.row().classes("bar"):
                    ui.label(f"{note.name}, {note.minutes} min").classes("program-name")
                    ui.label(heat_words(table[note.name])).classes("note")
                    ui.space()
                    button("Play", _player(panel, program), "play_arrow", "flat")
                ui.html(time_line(table[note.name]), sanitize=False).classes("scrolls")
                ui.label(note.evidence).classes("note")


def check_text(text: str) -> tuple[Mapping[str, Any] | None, list[str]]:
    """Return the program in a text, and all that is wrong with it: the command's own words."""
    with tempfile.TemporaryDirectory(prefix="massager-panel-") as folder:
        path = Path(folder) / "program.py"
        path.write_text(text, encoding="utf-8")
        try:
            program = read_program(path)
        except UsageError as error:
            return None, [str(error).replace(f"{path}, ", "").replace(f"{path}: ", "")]
    found = findings(program)
    return (None if found else program), found


async def play(panel: Panel, program: Program) -> None:
    """Flash the virtual massager with `program` built in, choose it and press power."""
    board = {key: value for key, value in panel.virtual.board.items() if key != "programs"}
    presses = presses_for(program)
    start_ms = (presses[-1]["at_ms"] if presses else 0) + _START_AFTER_MS
    panel.go_virtual()
    events = (*presses, {**_START, "at_ms": start_ms})
    await run.io_bound(panel.virtual.restart, built_in(board, program), events)
    ui.navigate.to("/")


def _player(panel: Panel, program: Program) -> Any:
    return guarded_async(panel, lambda _: play(panel, program))


class _Editor:
    """The text, what is wrong with it, and its time line."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._program: Mapping[str, Any] | None = None
        with ui.row().classes("bar"):
            title("Your own")
            ui.space()
            button("Save as a file", self._save, "download", "flat").mark("save")
            self._play = button(
                "Play it", guarded_async(panel, self._on_play), "play_arrow", "main"
            )
            self._play.mark("play-own")
        with ui.element("div").classes("two wide-left"):
            text = panel.program_text or EXAMPLE
            self.text = ui.codemirror(text, language="Python", theme=THEME, line_wrapping=True)
            self.text.classes("code-text").mark("program-text")
            self.text.on_value_change(lambda event: self._check(event.value))
            with ui.element("div").classes("verdict").props('role="status" aria-live="polite"'):
                self._verdict = ui.column().classes("findings")
                with ui.expansion("What may stand there").classes("wide"):
                    _rules()
        self._line = ui.html("", sanitize=False).classes("scrolls")
        self._check(text)

    def _check(self, text: str) -> None:
        self._panel.program_text = text
        self._program, found = check_text(text)
        self._play.set_enabled(self._program is not None)
        self._verdict.clear()
        with self._verdict:
            for words in found:
                with ui.row().classes("finding error"):
                    ui.icon("error").props("aria-hidden=true")
                    ui.label(words)
            if self._program is not None:
                with ui.row().classes("finding good"):
                    ui.icon("check_circle").props("aria-hidden=true")
                    ui.label("May be built in.").mark("may-be-built-in")
        if self._program is not None:
            compiled = compile_program(self._program)
            self._line.content = time_line(compiled)

    async def _on_play(self, _: Any) -> None:
        if self._program is not None:
            await play(self._panel, own_program(compile_program(self._program)))

    def _save(self) -> None:
        name = self._program["name"] if self._program else "my_program"
        ui.download.content(self.text.value.encode(), f"{name}.py", "text/x-python")


def _rules() -> None:
    for heading, rules in (("PROGRAM", program_rules()), ("a phase", phase_rules())):
        ui.label(heading).classes("name")
        for name, rule in rules.items():
            with ui.element("div").classes("fact rule"):
                ui.label(name).classes("mono")
                ui.label(rule.takes)
