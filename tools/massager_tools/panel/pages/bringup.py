"""First power-up as a wizard: one step at a time, Stop always at hand."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from massager_tools.boards import board_names, load_board
from massager_tools.bringup.runner import Outcome
from massager_tools.bringup.steps import STEPS
from massager_tools.device.ports import find_port
from massager_tools.errors import UsageError
from massager_tools.panel import leg_picture
from massager_tools.panel.bringup import BringUp, swapped
from massager_tools.panel.panel import Panel
from massager_tools.panel.pin_map import pin_map
from massager_tools.panel.widgets import button, card, guarded, title
from massager_tools.sim.board_faults import faults_of

REFRESH_S = 0.1
VIRTUAL = "virtual"
_PARTS = {
    "sensors": ("pad_temp", "pressure", "supply", "rail", "heater_sense", "tach"),
    "buttons": ("button_",),
    "lights": ("pixels", "lamp"),
    "valves": ("chamber_", "exhaust"),
    "pump": ("pump", "pressure"),
    "order": ("pump", "chamber_"),
    "motor": ("motor", "tach"),
    "heater": ("heater_", "pad_temp"),
}
"""Step → the beginnings of the roles that it is about."""

_ROOM_C = (0.0, 45.0)


def build(panel: Panel) -> None:
    """Build the page."""
    _Wizard(panel)


def roles_of(step: int, board: Any) -> set[str]:
    """Return the roles of a board that a step is about."""
    if not 0 <= step < len(STEPS):
        return set()
    return {role for role in board["roles"] if role.startswith(_PARTS[STEPS[step].name])}


class _Wizard:
    """The choices before it, and the step under way."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._shown: Any = None
        self._seen = -1
        self._board = dict(panel.virtual.board)
        with ui.element("div").classes("stop-bar"):
            title("First power-up")
            ui.space()
            self._stop = button("Stop: everything off", self._on_stop, "front_hand", "stop")
            self._stop.mark("stop").props('aria-keyshortcuts="Escape"')
        with card("Before", "start") as self._before:
            self._choices()
        with ui.element("div").classes("two wide-left") as self._during:
            with card("Step"):
                self._step = ui.label().classes("state").props("role=heading aria-level=2")
                with ui.element("div").props('role="status" aria-live="polite"'):
                    self._asked = ui.column().classes("question")
                self._error = ui.label().classes("fault").mark("bringup-error")
                self._verdict = ui.label().classes("verdict-line").mark("verdict")
                with ui.element("div").classes("part-pictures"):
                    self._pins = ui.html("", sanitize=False)
                    with ui.element("div").classes("picture") as self._leg:
                        self._leg_html = ui.html("", sanitize=False)
                self._said = ui.label().classes("log").mark("said")
            with card("Steps"):
                title("The steps")
                self._list = ui.element("ol").classes("steps")
        ui.keyboard(self._key, ignore=[])
        ui.timer(REFRESH_S, self._refresh)
        self._refresh()

    def _choices(self) -> None:
        ui.label(
            "Each output is tried alone, for seconds and at low power; you say what moved. What "
            "is wired wrong is named with its pin. The heat stays locked until every step has "
            "passed. Stop, closing this page or the browser switches everything off."
        ).classes("note")
        names = {name: load_board(name)["title"] for name in board_names()}
        here = self._panel.virtual.board["name"]
        with ui.row().classes("switches"):
            self._name = ui.select(names, value=here if here in names else next(iter(names)))
            self._name.props('label="Board"').classes("board-choice")
            kinds = {VIRTUAL: "a virtual massager, to practise", "real": "a real massager"}
            self._kind = ui.radio(kinds, value=VIRTUAL).props("inline").mark("kind")
            self._port = ui.input("Port", placeholder="found by itself").props("dense")
            self._port.bind_visibility_from(self._kind, "value", value="real").mark("port")
        with ui.column().classes("wide") as practice:
            roles = {role: role.replace("_", " ") for role in self._board["roles"]}
            with ui.row().classes("switches"):
                self._one = ui.select(roles, label="exchange the wire of", clearable=True)
                self._other = ui.select(roles, label="with that of", clearable=True)
                self._one.classes("board-choice").mark("swap-one")
                self._other.classes("board-choice").mark("swap-other")
            faults = {name: f"{name}: {words}" for name, words in faults_of(self._board).items()}
            self._faults = ui.select(faults, label="break", multiple=True, with_input=True)
            self._faults.classes("wide").props("use-chips").mark("faults")
            self._helped = ui.switch("somebody answers for me").mark("helped")
        practice.bind_visibility_from(self._kind, "value", value=VIRTUAL)
        button("Begin", guarded(self._panel, self._begin), "play_arrow", "main").mark("begin")

    def _begin(self, _: Any) -> None:
        running = self._panel.bringup
        if running is not None and not running.done:
            raise UsageError("a first power-up is under way; stop it first")
        self._board = load_board(self._name.value)
        if self._kind.value != VIRTUAL:
            port = find_port(self._port.value.strip() or None)
            self._panel.unwatch(port)
            self._panel.bringup = BringUp(self._board, port)
            return
        one, other = self._one.value, self._other.value
        wiring = swapped(self._board, one, other) if one and other else None
        self._panel.bringup = BringUp(
            self._board, wiring=wiring, faults=self._faults.value or (), helped=self._helped.value
        )

    def _on_stop(self) -> None:
        self._panel.stop_bringup()

    def _key(self, event: Any) -> None:
        if event.key.escape and event.action.keydown:
            self._on_stop()

    def _refresh(self) -> None:
        run = self._panel.bringup
        self._before.set_visibility(run is None or run.done)
        self._during.set_visibility(run is not None)
        self._stop.set_enabled(run is not None and not run.done)
        if run is None:
            return
        now = (id(run), run.step, len(run.outcomes), run.question, run.done, run.error)
        if now != self._shown:
            self._shown = now
            self._show(run)
        self._said.text = "\n".join(run.said[-6:])
        if run.virtual and run.status.count != self._seen:
            self._seen = run.status.count
            moved = leg_picture.properties(run.status.values)
            self._leg.style(";".join(f"{name}:{value}" for name, value in moved.items()))

    def _show(self, run: BringUp) -> None:
        step = min(run.step, len(STEPS) - 1)
        if run.done:
            self._step.text = "Done" if run.kept else "Ended"
        else:
            self._step.text = STEPS[step].title if step >= 0 else "Getting ready"
        self._error.text = run.error
        self._verdict.text = _verdict(run)
        marked = roles_of(run.step, self._board) if not run.done else set()
        self._pins.content = pin_map(self._board, marked=marked)
        chambers = sum(role.startswith("chamber_") for role in self._board["roles"])
        self._leg_html.content = leg_picture.picture(chambers) if run.virtual else ""
        self._ask(run)
        self._list.clear()
        with self._list:
            for number, one in enumerate(STEPS):
                done = run.outcomes[number] if number < len(run.outcomes) else None
                _step_line(one.title, done, number == run.step and not run.done)

    def _ask(self, run: BringUp) -> None:
        self._asked.clear()
        question = run.question
        if question is None:
            return
        with self._asked:
            ui.label(question.text).classes("asked").mark("question")
            with ui.row().classes("switches"):
                if question.answers:
                    for number, words in enumerate(question.answers):
                        answer = guarded(self._panel, partial(_answer, run, words))
                        button(words, answer, None, "plain" if number else "main")
                else:
                    self._number(run)

    def _number(self, run: BringUp) -> None:
        low, high = _ROOM_C
        entry = ui.number("°C", min=low, max=high, step=0.1).props("dense")

        def take(_: Any) -> None:
            if entry.value is not None and not low < entry.value < high:
                raise UsageError(f"{entry.value:g} °C is not the temperature of a room")
            run.answer("" if entry.value is None else str(entry.value))

        button("It says that", guarded(self._panel, take), None, "main")
        button("No thermometer here", guarded(self._panel, lambda _: run.answer("")))


def _answer(run: BringUp, words: str, _: Any) -> None:
    run.answer(words)


def _verdict(run: BringUp) -> str:
    passed = sum(outcome.passed for outcome in run.outcomes)
    if run.kept:
        return f"All {len(STEPS)} steps passed: calibration stored, heat unlocked."
    if run.done:
        return f"{passed} of {len(STEPS)} steps passed; the heat stays locked. Mend, then again."
    return ""


def _step_line(words: str, outcome: Outcome | None, now: bool) -> None:
    icon, kind = "radio_button_unchecked", "later"
    if now:
        icon, kind = "arrow_forward", "now"
    if outcome is not None:
        icon, kind = ("check_circle", "good") if outcome.passed else ("error", "error")
        if outcome.missing:
            icon, kind = "remove_circle_outline", "later"
    with ui.element("li").classes(f"finding {kind}"):
        ui.icon(icon).props(f'aria-label="{kind}"')
        with ui.element("div"):
            ui.label(words)
            if outcome is not None and outcome.missing:
                ui.label(f"left out until {', '.join(outcome.missing)} pass").classes("note")
            for trouble in outcome.troubles if outcome is not None else ():
                ui.label(str(trouble)).classes("fault")
