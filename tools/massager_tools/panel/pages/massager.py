"""The home page: the leg as a picture, what the device says, and the buttons of a virtual one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nicegui import run, ui
from nicegui.events import KeyEventArguments, ValueChangeEventArguments

from massager_tools.device.ports import find_port, usb_ports
from massager_tools.firmware_tables import button_bits, core, fault_name, state_names
from massager_tools.manual.fault_texts import faults
from massager_tools.panel import leg_picture, live_plot
from massager_tools.panel.device import Values, chamber_names
from massager_tools.panel.panel import LOOKING_ON, Panel
from massager_tools.panel.widgets import button, guarded, guarded_async, paced
from massager_tools.panel.words import heat_word, minutes_left, program_name, state_word
from massager_tools.sim.board_faults import faults_of
from massager_tools.ui.keys import BUTTONS as KEYS
from massager_tools.units import PA_PER_MMHG

PICTURE_S = 0.05
"""How often the page looks for new values; they come every tenth of a second."""
PLOT_S = 1.0
SPEEDS = (1, 2, 5, 10, 20)
FEET_NM = 0.06
PLUG_MS = 3_000
_HINTS = {
    "power": "hold ½ s: start; touch: stop; hold 3 s: clear a fault",
    "up": "stronger",
    "down": "gentler",
    "program": "next program; running: fade out",
    "heat": "off, 41, 42, 43 °C; hold 1.5 s: boost",
}
_ICONS = {
    "power": "power_settings_new",
    "up": "add",
    "down": "remove",
    "program": "list",
    "heat": "local_fire_department",
}


def build(panel: Panel) -> None:
    """Build the page."""
    _Home(panel)


class _Meter:
    """A value with its name, its number and a bar with marks; moved by a property of CSS."""

    def __init__(self, name: str, colour: str, unit: str, low: float, high: float) -> None:
        self._unit = unit
        self._low, self._span = low, high - low
        self._style = ""
        self._colour = colour
        with ui.element("div").classes("meter") as self.element:
            ui.label(name).classes("name")
            self._number = ui.label("–").classes("number")
            with ui.element("div").classes("track").props("aria-hidden=true"):
                for part in ("fill", "set", "limit"):
                    ui.element("div").classes(part)

    def show(
        self, value: float | None, digits: int = 0, set_to: float = 0, limit: float | None = None
    ) -> None:
        """Show a value; marks for the set-point, where there is one, and the limit."""
        # a sum with zero, or a little below zero would be written -0
        shown = None if value is None else round(value, digits) + 0.0
        self._number.text = "–" if shown is None else f"{shown:.{digits}f} {self._unit}"
        at = self._share(value or self._low)
        style = f"--at:{at:.3f};--colour:var(--{self._colour});"
        style += f"--set:{self._share(set_to):.3f};--has-set:1;" if set_to else "--has-set:0;"
        style += f"--limit:{self._share(limit):.3f}" if limit is not None else "--limit:2"
        if style != self._style:
            self._style = style
            self.element.style(replace=style)

    def _share(self, value: float) -> float:
        return min(max((value - self._low) / self._span, 0.0), 1.0)


class _Home:
    """Elements of the page, and how they follow the device."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._client = ui.context.client
        self._seen = -1
        self._paused = False
        self._properties: dict[str, str] = {}
        self._device = panel.device
        with ui.element("div").classes("home") as self._root:
            with ui.element("section").classes("card live").props('aria-label="Live picture"'):
                self._build_live()
            with ui.element("section").classes("card plots").props('aria-label="Last minutes"'):
                self._build_plot()
            with ui.element("section").classes("card hands").props('aria-label="Try it"'):
                self._build_hands()
            with ui.element("section").classes("card says").props('aria-label="Messages"'):
                self._build_messages()
        ui.keyboard(self._key, repeating=False)
        ui.timer(PICTURE_S, paced(self._refresh))
        ui.timer(PLOT_S, paced(self._refresh_slowly))
        self._refresh()
        self._refresh_slowly()

    # --- the picture --------------------------------------------------------------------

    def _build_live(self) -> None:
        limits = core("limits")
        with ui.element("div").classes("status").props('role="status" aria-live="polite"'):
            self._state = ui.label("…").classes("state").mark("state")
            self._session = ui.label().classes("session").mark("session")
            self._fault = ui.label().classes("fault").mark("fault")
            self._condition = ui.label().classes("condition").mark("condition")
        with ui.element("div").classes("live-grid"):
            with ui.element("div").classes("picture"):
                chambers = self._chambers()
                ui.html(leg_picture.picture(chambers), sanitize=False)
                self._pressures = []
                for number in range(1, chambers + 1):
                    left, top = leg_picture.place(number, chambers)
                    label = ui.label().classes("pressure")
                    label.style(f"left:{left:.1f}%;top:{top:.1f}%")
                    self._pressures.append(label)
            with ui.element("div").classes("meters"):
                top_c = limits.PAD_TRIP_MC / 1000 + 1
                top_mmhg = limits.PRESSURE_TRIP_PA / PA_PER_MMHG
                self._pad_a = _Meter("pad A", "heat", "°C", 20, top_c)
                self._pad_b = _Meter("pad B", "heat", "°C", 20, top_c)
                self._pressure = _Meter("pressure", "air", "mmHg", 0, top_mmhg)
                self._motor = _Meter("motor", "motor", "rpm", 0, limits.MOTOR_MAX_RPM)
                self._heater = _Meter("heater", "heat", "%", 0, 100)
                self._pump = _Meter("pump", "air", "%", 0, 100)
                self._supply = _Meter("supply", "faint", "V", 0, 15)
                with ui.element("div").classes("key"):
                    for words, colour in (("set-point", "ink"), ("limit", "bad")):
                        with ui.element("span").style(f"--mark:var(--{colour})"):
                            ui.label(words).style("display:inline")
        with ui.element("div").classes("case"):
            self._lights = ui.element("div").classes("lights")
            self._lights.props('role="img" aria-label="The lights of the case"')
            with self._lights:
                for number in range(1, leg_picture.LIGHTS + 1):
                    ui.element("span").style(f"--light:var(--l{number})")
            with ui.element("div").classes("buttons"):
                self._buttons = {name: self._button(name) for name in button_bits()}
            self._hint = ui.label("Click, or hold to hold it. Keys: P, U, D, N, H").classes("hint")

    def _chambers(self) -> int:
        board = self._device.board
        if board is not None:
            return sum(role.startswith("chamber_") for role in board["roles"])
        return 3

    def _button(self, name: str) -> ui.button:
        key = KEYS[name].keys[0].upper()
        with ui.button(icon=_ICONS[name], color=None).props(
            f'unelevated aria-label="{name}: {_HINTS[name]}"'
        ) as element:
            ui.label(name)
            ui.tooltip(f"{_HINTS[name]} (key {key})").props("delay=600")
        element.classes("case-button").mark(f"button-{name}")
        press, release = partial(self._press, name), partial(self._release, name)
        for event in ("pointerdown", "keydown.space.prevent", "keydown.enter.prevent"):
            element.on(event, press, args=[])
        for event in ("pointerup", "pointerleave", "pointercancel", "blur"):
            element.on(event, release, args=[])
        for event in ("keyup.space.prevent", "keyup.enter.prevent"):
            element.on(event, release, args=[])
        element.on("contextmenu.prevent", lambda: None, args=[])
        return element

    def _refresh(self) -> bool:
        """Show the newest values; return whether there were any."""
        device = self._panel.device
        if device is not self._device:
            ui.navigate.to("/")  # another kind has another page
            return False
        status = device.status
        self._condition.text = status.condition
        if status.count == self._seen:
            return False
        self._seen = status.count
        values = status.values
        found = leg_picture.properties(values)
        if found != self._properties:
            self._properties = found
            self._root.style(replace=";".join(f"{name}:{value}" for name, value in found.items()))
        self._show_words(values)
        self._show_meters(values)
        for name, element in self._buttons.items():
            held = values.get("buttons", 0) & button_bits()[name]
            element.classes(add="down" if held else "", remove="" if held else "down")
        return True

    def _show_words(self, values: Values) -> None:
        if "fw_state" not in values:
            self._state.text = "Starting"
            return
        state = values["fw_state"]
        self._state.text = state_word(state)
        self._state.classes(replace=f"state {state_names()[state].lower()}")
        name = program_name(values.get("fw_program", 0), self._device.board)
        parts = [name, f"level {values.get('fw_level', 0)}"]
        parts += [f"heat {heat_word(values.get('fw_heat_level', 0))}"]
        left_s = values.get("fw_left_s", 0)
        parts += [f"{minutes_left(left_s)} left"] if left_s else []
        self._session.text = " · ".join(parts)
        code = values.get("fw_fault", 0)
        self._fault.text = _fault_words(code) if code else ""

    def _show_meters(self, values: Values) -> None:
        limits = core("limits")
        heat_set = values.get("fw_heat_set_mc", 0) / 1000
        limit_c = limits.HEAT_CUT_MC / 1000
        for letter, meter in (("a", self._pad_a), ("b", self._pad_b)):
            meter.show(values.get(f"fw_pad_{letter}_mc", 0) / 1000, 1, heat_set, limit_c)
        self._pressure.show(
            values.get("fw_pressure_pa", 0) / PA_PER_MMHG,
            0,
            values.get("fw_pressure_set_pa", 0) / PA_PER_MMHG,
            limits.PRESSURE_WARNING_PA / PA_PER_MMHG,
        )
        self._motor.show(values.get("fw_rpm", 0))
        self._heater.show(values.get("fw_heater_permille", 0) / 10)
        self._pump.show(values.get("fw_pump_permille", 0) / 10)
        supply = values.get("supply_mv")
        self._supply.show(None if supply is None else supply / 1000, 1)
        for label, name in zip(self._pressures, chamber_names(values), strict=False):
            label.text = f"{values[name] / PA_PER_MMHG:.0f}"

    # --- plots --------------------------------------------------------------------------

    def _build_plot(self) -> None:
        with ui.row().classes("bar"):
            ui.label("Last five minutes").classes("title")
            ui.space()
            self._pause = button("Pause", self._toggle_pause, "pause", "flat").mark("pause")
        self._curves = live_plot.VIRTUAL if self._device.can_press else live_plot.REAL
        options = live_plot.options(self._curves)
        points = live_plot.data(self._curves, self._device.status.recent())
        for series, known in zip(options["series"], points["series"], strict=True):
            series.update(known)
        self._chart = ui.echart(options, renderer="svg").classes("chart")
        self._chart.props('role="img" aria-label="Temperature, pressure, speed and power"')

    def _toggle_pause(self) -> None:
        self._paused = not self._paused
        self._pause.set_icon("play_arrow" if self._paused else "pause")
        self._pause.text = "Go on" if self._paused else "Pause"

    def _refresh_slowly(self) -> bool:
        status = self._device.status
        if not self._paused:
            points = live_plot.data(self._curves, status.recent())
            self._chart.run_chart_method("setOption", points)
        text = "\n".join(list(status.messages)[-12:])
        self._log.text = text or "nothing yet"
        self._crash.text = status.crash
        self._crash_box.set_visibility(bool(status.crash))
        return not self._paused

    # --- what a virtual massager can be done to ------------------------------------------

    def _build_hands(self) -> None:
        with ui.row().classes("bar"):
            ui.label("Try it").classes("title")
        if not self._device.can_press:
            ui.label(
                "A real massager: the page watches, the buttons on the case command it."
            ).classes("note")
            button("Back to the virtual massager", self._guarded(self._go_virtual))
            return
        virtual = self._panel.virtual
        ui.label("Speed").classes("name")
        speed = ui.toggle({times: f"×{times}" for times in SPEEDS}, value=int(virtual.speed))
        speed.props('unelevated toggle-color=fill toggle-text-color=on-fill padding="4px 14px"')
        speed.props('aria-label="Speed of time"').mark("speed")
        speed.on_value_change(self._guarded(lambda event: virtual.set_speed(event.value)))
        with ui.row().classes("switches"):
            self._switch("leg in the wrap", True, lambda on: {"do": "leg", "on": on})
            self._switch("blanket over it", False, partial(_fault_event, "blanket"))
            self._switch(
                "feet on the plate",
                False,
                lambda on: {"do": "motor_load", "nm": FEET_NM if on else 0.0},
            )
        with ui.row().classes("switches"):
            button("Pull the plug for 3 s", self._guarded(self._unplug), "power_off")
            restart = guarded_async(self._panel, self._restart)
            button("Start anew", restart, "restart_alt").mark("restart")
        self._names = faults_of(virtual.board)
        names = {name: f"{name}: {words}" for name, words in sorted(self._names.items())}
        self._choice = ui.select(names, label="Break something", with_input=True)
        self._choice.classes("wide").mark("break")
        self._choice.on_value_change(self._guarded(self._break))
        self._broken = ui.row().classes("chips")
        self._show_broken()
        ui.separator()
        self._build_ports()

    def _switch(self, words: str, on: bool, event: Callable[[bool], Mapping[str, Any]]) -> None:
        switch = ui.switch(words, value=on)
        switch.on_value_change(
            self._guarded(lambda change: self._panel.virtual.send(event(change.value)))
        )

    def _build_ports(self) -> None:
        ui.label("A real massager").classes("name")
        with ui.row().classes("switches"):
            self._port = ui.input(label="Port", placeholder="found by itself").props("dense")
            self._port.mark("port")
            button("Watch it", self._guarded(self._watch), "usb").mark("watch")
        self._found = ui.label().classes("note")
        self._look_for_ports()
        ui.timer(3.0, self._look_for_ports)

    def _look_for_ports(self) -> None:
        found = usb_ports()
        self._found.text = f"plugged in: {', '.join(found)}" if found else "no board is plugged in"

    def _watch(self, _: Any) -> None:
        self._panel.watch_port(find_port(self._port.value.strip() or None))
        ui.navigate.to("/")

    def _go_virtual(self, _: Any) -> None:
        self._panel.go_virtual()
        ui.navigate.to("/")

    def _unplug(self, _: Any) -> None:
        self._panel.virtual.send({"do": "power_cut", "for_ms": PLUG_MS})

    async def _restart(self, _: Any) -> None:
        await run.io_bound(self._panel.virtual.restart)
        self._show_broken()

    def _break(self, event: ValueChangeEventArguments[Any]) -> None:
        if event.value:
            self._panel.virtual.set_fault(event.value, True)
            self._choice.value = None
            self._show_broken()

    def _mend(self, name: str, _: Any) -> None:
        self._panel.virtual.set_fault(name, False)
        self._show_broken()

    def _show_broken(self) -> None:
        self._broken.clear()
        with self._broken:
            for name in sorted(self._panel.virtual.faults):
                chip = ui.chip(name, icon="build", removable=True, color="warning")
                chip.props(f'outline aria-label="Mend: {self._names.get(name, name)}"')
                chip.on_value_change(self._guarded(partial(self._mend, name)))

    def _build_messages(self) -> None:
        ui.label("What it says").classes("title")
        with ui.element("div").classes("crash").props('role="alert"') as self._crash_box:
            self._crash = ui.label().classes("trace").mark("crash")
        self._log = ui.label().classes("log")

    # --- hands --------------------------------------------------------------------------

    def _guarded(self, do: Callable[[Any], None]) -> Callable[[Any], None]:
        return guarded(self._panel, do)

    def _press(self, name: str) -> None:
        if not self._device.can_press:
            ui.notify("The buttons on its case command a real massager.")
        elif self._panel.drives(self._client):
            self._panel.virtual.press(name)
        else:
            ui.notify(LOOKING_ON)

    def _release(self, name: str) -> None:
        self._panel.virtual.release(name)

    def _key(self, event: KeyEventArguments) -> None:
        key = str(event.key).lower()
        plain = not (event.modifiers.ctrl or event.modifiers.alt or event.modifiers.meta)
        for name in (name for name, case_button in KEYS.items() if key == case_button.keys[0]):
            if event.action.keyup:
                self._release(name)
            elif plain and not event.action.repeat:
                self._press(name)


def _fault_event(name: str, on: bool) -> Mapping[str, Any]:
    return {"do": "fault", "name": name, "on": on}


def _fault_words(code: int) -> str:
    """Return a fault in words: code, name and what happened."""
    for one in faults():
        if one.code == code:
            return f"{one.label} {one.name}: {one.happened}"
    return fault_name(code)
