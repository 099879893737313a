"""Show a row of the virtual massager as gauges in the terminal."""

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from massager_tools.firmware_tables import fault_name, programs, state_names
from massager_tools.ui.fault_menu import FaultMenu
from massager_tools.units import PA_PER_MMHG

_BAR_CELLS = 28
_PAD_RANGE_C = (20.0, 50.0)
_PAD_HOT_C = 45.0
_PRESSURE_MAX_MMHG = 45.0
_MOTOR_MAX_RPM = 2_400.0
_PIXEL_GAIN = 10  # the stick is dimmed for the dark; a terminal is not
_HEAT_NAMES = ("off", "41 °C", "42 °C", "43 °C", "boost")
_STATE_STYLES = {"RUN": "bold green", "ENDING": "bold cyan", "FAULT": "bold red"}
_HELP = "p power  u d level  h heat  n program  f faults  l leg  x mains  q quit"


def gauges(
    row: dict[str, Any], title: str, held: Sequence[str], menu: FaultMenu, message: str
) -> RenderableType:
    """Return the whole screen for one row."""
    parts: list[RenderableType] = [
        _head(row, title),
        _meters(row),
        _panel(row, held),
        _faults(row, menu),
    ]
    if menu.open:
        parts.append(_menu(menu))
    if message:
        parts.append(Text(message, style="dim", no_wrap=True, overflow="ellipsis"))
    parts.append(Text(_HELP, style="dim"))
    return Group(*parts)


def bar(value: float, low: float, high: float, mark: float | None = None) -> str:
    """Return a bar of fixed width; `mark` is the position of the set-point."""
    span = high - low
    filled = round(min(max((value - low) / span, 0), 1) * _BAR_CELLS)
    cells = ["█"] * filled + ["·"] * (_BAR_CELLS - filled)
    if mark is not None:
        at = min(max((mark - low) / span, 0), 1) * (_BAR_CELLS - 1)
        cells[round(at)] = "┃"
    return "".join(cells)


def _head(row: dict[str, Any], title: str) -> Text:
    state = state_names()[row.get("fw_state", 0)]
    left_s = row.get("fw_left_s", 0)
    text = Text(f"{title}   ")
    text.append(f"{state:<9}", style=_STATE_STYLES.get(state, "bold"))
    text.append(f"{left_s // 60:>2}:{left_s % 60:02} left" if left_s else "")
    text.append(f"   t {row['t_ms'] / 1000:.0f} s", style="dim")
    return text


def _meters(row: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=9)
    table.add_column(width=10, justify="right")
    table.add_column(width=_BAR_CELLS)
    table.add_column()
    set_c = row.get("fw_heat_set_mc", 0) / 1000
    for letter in "ab":
        read_c = row.get(f"fw_pad_{letter}_mc", 0) / 1000
        style = "red" if read_c >= _PAD_HOT_C else "yellow"
        meter = Text(bar(read_c, *_PAD_RANGE_C, mark=set_c or None), style=style)
        note = f"set {set_c:.1f}" if set_c and letter == "a" else ""
        table.add_row(f"pad {letter.upper()}", f"{read_c:.1f} °C", meter, note)
    set_mmhg = row.get("fw_pressure_set_pa", 0) / PA_PER_MMHG
    chambers = sorted(name for name in row if name.startswith("chamber_") and name[8].isdigit())
    for number, name in enumerate(chambers):
        mmhg = row[name] / PA_PER_MMHG
        meter = Text(bar(mmhg, 0, _PRESSURE_MAX_MMHG, mark=set_mmhg or None), style="blue")
        valve = "valve on" if row["valves"] >> number & 1 else ""
        table.add_row(f"chamber {number + 1}", f"{mmhg:.0f} mmHg", meter, valve)
    rpm = row["motor_rpm"]
    table.add_row("motor", f"{rpm} rpm", Text(bar(rpm, 0, _MOTOR_MAX_RPM), style="green"), "")
    pump = row["pump_duty_permille"] / 10
    heater = row["heater_duty_permille"] / 10 if row["heater_enable"] else 0
    table.add_row("pump", f"{pump:.0f} %", Text(bar(pump, 0, 100), style="cyan"), "")
    table.add_row("heater", f"{heater:.0f} %", Text(bar(heater, 0, 100), style="red"), "")
    return table


def _panel(row: dict[str, Any], held: Sequence[str]) -> Text:
    """Return the front panel: lights, settings and the buttons that are down."""
    text = pixels(row.get("pixels", ""))
    names = list(programs())
    heat = row.get("fw_heat_level", 0)
    text.append(f"  program {names[row.get('fw_program', 0)]}")
    text.append(f"  level {row.get('fw_level', 0)}")
    text.append(f"  heat {_HEAT_NAMES[heat] if heat < len(_HEAT_NAMES) else heat}")
    if held:
        text.append(f"  pressed: {', '.join(held)}", style="bold")
    return text


def pixels(grb_hex: str) -> Text:
    """Return the light stick: a dot for each light in its colour, bright enough for a screen."""
    data = bytes.fromhex(grb_hex)
    text = Text()
    for at in range(0, len(data) - 2, 3):
        green, red, blue = (min(255, value * _PIXEL_GAIN) for value in data[at : at + 3])
        if red or green or blue:
            text.append("● ", style=f"rgb({red},{green},{blue})")
        else:
            text.append("○ ", style="dim")
    return text


def _faults(row: dict[str, Any], menu: FaultMenu) -> Text:
    code = row.get("fw_fault", 0)
    text = Text("fault   ")
    text.append(f"{code} {fault_name(code)}" if code else "none", style="bold red" if code else "")
    if menu.on:
        text.append(f"   broken: {', '.join(menu.on)}", style="yellow")
    if not row.get("leg", 1):
        text.append("   no leg inside", style="yellow")
    return text


def _menu(menu: FaultMenu) -> Table:
    table = Table(title="break or mend: ↑ ↓ move, enter toggles, 0 mends all, esc closes")
    table.title_style = "dim"
    table.show_header = False
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis")
    for here, on, name, words in menu.entries():
        mark = "[yellow]✗[/yellow]" if on else " "
        table.add_row(f"{mark} {escape(name)}", escape(words), style="reverse" if here else "")
    return table
