"""Boards: the pins on a picture, edited and judged at once; wiring and parts."""

from __future__ import annotations

import copy
import pprint
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from nicegui import run, ui

from massager_tools.boards import Finding, board_names, check, load_board
from massager_tools.boards.drawing import draw
from massager_tools.boards.parts import parts_csv
from massager_tools.panel.panel import Panel
from massager_tools.panel.pin_map import pin_map
from massager_tools.panel.widgets import button, card, guarded_async, title

_ICONS = {"error": "error", "warning": "warning", "note": "info"}
_PIN_MAX = 48


def build(panel: Panel) -> None:
    """Build the page."""
    _Boards(panel)


def board_file(board: dict[str, Any]) -> str:
    """Return the text of a board file."""
    literal = pprint.pformat(board, width=99, compact=True, sort_dicts=False)
    return f'"""{board["title"]}"""\n\nBOARD = {literal}\n'


def wiring(board: dict[str, Any]) -> str:
    """Return the wiring drawing as SVG. Takes a second."""
    with tempfile.TemporaryDirectory(prefix="massager-panel-") as folder:
        path = Path(folder) / "wiring.svg"
        draw(board, path)
        return path.read_text(encoding="utf-8").partition("<svg")[2]


class _Boards:
    """The board that is looked at, a copy that may be edited."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self.board: dict[str, Any] = {}
        self._inputs: dict[str, ui.number] = {}
        with card("Which board"):
            title("Boards")
            with ui.row().classes("switches"):
                names = {name: load_board(name)["title"] for name in board_names()}
                here = panel.virtual.board["name"]
                chosen = here if here in names else next(iter(names))
                choice = ui.select(names, value=chosen, label="Board").classes("board-choice")
                choice.on_value_change(lambda event: self._take(event.value)).mark("board")
                button("Parts as CSV", self._parts, "table_view").mark("parts")
                button("Save as a board file", self._save, "download")
                button(
                    "Put it on the virtual massager", guarded_async(panel, self._flash), "memory"
                )
        with ui.element("div").classes("two"):
            with card("Pins"):
                title("Pins of the module")
                self._map = ui.html("", sanitize=False).classes("wide")
                ui.label(
                    "USB is at the bottom. Compare with what is printed on your module."
                ).classes("note")
            with card("Findings"):
                title("What the rules find").props("aria-live=polite")
                self._verdict = ui.column().classes("findings")
                self._verdict.props('role="status" aria-live="polite"')
                title("Edit a pin")
                self._roles = ui.element("div").classes("roles")
        with card("Wiring"):
            title("Wiring")
            self._wiring_note = ui.label("drawing …").classes("note")
            self._wiring = ui.html("", sanitize=False).classes("wiring")
        self._to_draw: dict[str, Any] | None = None
        self._drawing = False
        self._take(chosen)

    def _take(self, name: str) -> None:
        self.board = copy.deepcopy(load_board(name))
        self._roles.clear()
        self._inputs = {}
        with self._roles:
            for role, spec in self.board["roles"].items():
                entry = ui.number(
                    role.replace("_", " "), value=spec["pin"], min=0, max=_PIN_MAX, precision=0
                )
                entry.props("dense").mark(f"pin-{role}")
                entry.on_value_change(partial(self._edit, role))
                self._inputs[role] = entry
        self._judge()

    def _edit(self, role: str, event: Any) -> None:
        if event.value is not None:
            self.board["roles"][role]["pin"] = int(event.value)
            self._judge()

    def _judge(self) -> None:
        found = check(self.board)
        self._map.content = pin_map(self.board, found)
        self._verdict.clear()
        with self._verdict:
            for finding in found:
                self._show(finding)
            if not any(finding.severity == "error" for finding in found):
                with ui.row().classes("finding good"):
                    ui.icon("check_circle").props("aria-hidden=true")
                    ui.label("May be flashed.").mark("may-be-flashed")
        if not any(finding.severity == "error" for finding in found):
            self._to_draw = copy.deepcopy(self.board)
            ui.timer(0.05, self._draw, once=True)

    async def _draw(self) -> None:
        """Draw the wiring, one drawing at a time; of several edits the last is drawn."""
        if self._drawing:
            return
        self._drawing = True
        self._wiring_note.set_visibility(True)
        try:
            while (board := self._to_draw) is not None:
                self._to_draw = None
                svg = await run.io_bound(wiring, board)
                self._wiring.content = f'<svg role="img" aria-label="Wiring"{svg}'
        finally:
            self._drawing = False
            self._wiring_note.set_visibility(False)

    def _show(self, finding: Finding) -> None:
        with ui.row().classes(f"finding {finding.severity}"):
            ui.icon(_ICONS[finding.severity]).props("aria-hidden=true")
            with ui.element("div"):
                where = finding.role.replace("_", " ") or "board"
                pin = f" on pin {finding.pin}" if finding.pin is not None else ""
                ui.label(f"{finding.severity}: {where}{pin}: {finding.message}")
                if finding.try_pins and finding.role in self._inputs:
                    with ui.row().classes("chips"):
                        ui.label("free pins that would do:").classes("note")
                        for number in finding.try_pins:
                            entry = self._inputs[finding.role]
                            button(str(number), partial(entry.set_value, number), None, "flat")

    def _parts(self) -> None:
        ui.download.content(parts_csv(self.board).encode(), "parts.csv", "text/csv")

    def _save(self) -> None:
        name = f"{self.board['name']}.py"
        ui.download.content(board_file(self.board).encode(), name, "text/x-python")

    async def _flash(self, _: Any) -> None:
        self._panel.go_virtual()
        await run.io_bound(self._panel.virtual.restart, copy.deepcopy(self.board))
        ui.navigate.to("/")
