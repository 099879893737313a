"""Show telemetry as gauges and a scrolling plot; as plain lines without a terminal."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from massager_tools.build.tracebacks import with_source_lines
from massager_tools.device.serial_lines import Line
from massager_tools.device.telemetry import is_tail, telemetry
from massager_tools.firmware_tables import fault_name, state_names
from massager_tools.ui.gauges import bar
from massager_tools.ui.monitor_record import Values
from massager_tools.units import PA_PER_MMHG

_BLOCKS = " ▁▂▃▄▅▆▇█"
_HISTORY = 600  # lines: a minute
_PLOT_CELLS = 60
_MESSAGES = 5
_TEMP_C = (20.0, 50.0)
_PRESSURE_MMHG = (0.0, 45.0)
_SPEED_RPM = (0.0, 2_400.0)
_HOT_C = 45.0

Sink = Callable[[Values], None]


def watch(line: Line, sinks: Sequence[Sink], for_s: float | None) -> None:
    """Show telemetry until Ctrl-C, or for `for_s`; pass every telemetry line to `sinks`."""
    console = Console()
    history: deque[Values] = deque(maxlen=_HISTORY)
    messages: deque[str] = deque(maxlen=_MESSAGES)
    with (
        suppress(KeyboardInterrupt),
        Live(console=console, auto_refresh=False, transient=True) as live,
    ):
        for news in _read(line, for_s):
            if isinstance(news, dict):
                history.append(news)
                for sink in sinks:
                    sink(news)
            elif news:
                messages.append(news)
                if not console.is_terminal:
                    console.print(news, markup=False, highlight=False)
            elif console.is_terminal:
                live.update(picture(line.port, line.connected, history, messages), refresh=True)


def print_json(line: Line, sinks: Sequence[Sink], for_s: float | None) -> None:
    """Print a JSON object a line, otherwise as `watch`: telemetry, or {"message": text}."""
    with suppress(KeyboardInterrupt):
        for news in _read(line, for_s):
            if isinstance(news, dict):
                for sink in sinks:
                    sink(news)
            if news:
                table = news if isinstance(news, dict) else {"message": news}
                print(json.dumps(table, ensure_ascii=False), flush=True)


def _read(line: Line, for_s: float | None) -> Iterator[Values | str]:
    """Yield telemetry, messages, and "" after each look at the port, at least ten a second."""
    end_s = None if for_s is None else time.monotonic() + for_s
    connected = True
    while end_s is None or time.monotonic() < end_s:
        for text in line.lines():
            values = telemetry(text)
            if values:
                yield values
            elif text and not is_tail(text):
                yield with_source_lines(text)
        if line.connected != connected:
            connected = line.connected
            yield "connected again" if connected else "cable pulled: waiting for it"
        yield ""


def picture(
    port: str, connected: bool, history: Sequence[Values], messages: Sequence[str]
) -> RenderableType:
    """Return the whole screen. `history`: the last telemetry lines, the newest at the end."""
    parts: list[RenderableType] = [_head(port, connected, history)]
    if history:
        parts.append(_meters(history))
    parts += [Text(text, style="dim", no_wrap=True, overflow="ellipsis") for text in messages]
    parts.append(Text("Ctrl-C ends", style="dim"))
    return Group(*parts)


def _head(port: str, connected: bool, history: Sequence[Values]) -> Text:
    text = Text(f"{port}   ")
    if not connected:
        text.append("waiting for the cable", style="bold red")
    elif not history:
        text.append("waiting for telemetry", style="dim")
    else:
        now = history[-1]
        text.append(state_names()[now.get("state", 0)], style="bold")
        left_s = now.get("left_s", 0)
        text.append(f"   {left_s // 60}:{left_s % 60:02} left" if left_s else "")
        text.append(f"   level {now.get('level', 0)}")
        if now.get("fault"):
            text.append(f"   {now['fault']} {fault_name(now['fault'])}", style="bold red")
    return text


def _meters(history: Sequence[Values]) -> Table:
    table = Table.grid(padding=(0, 1))
    now = history[-1]
    set_c = now.get("heat_set_mc", 0) / 1000
    set_mmhg = now.get("pressure_set_pa", 0) / PA_PER_MMHG
    rows = (
        ("pad A", "pad_a_mc", 1000.0, "°C", _TEMP_C, set_c, "yellow"),
        ("pad B", "pad_b_mc", 1000.0, "°C", _TEMP_C, set_c, "yellow"),
        ("pressure", "pressure_pa", PA_PER_MMHG, "mmHg", _PRESSURE_MMHG, set_mmhg, "blue"),
        ("motor", "rpm", 1.0, "rpm", _SPEED_RPM, 0.0, "green"),
    )
    for name, key, scale, unit, (low, high), mark, colour in rows:
        value = now.get(key, 0) / scale
        style = "red" if unit == "°C" and value >= _HOT_C else colour
        number = f"{value:.1f} {unit}" if unit == "°C" else f"{value:.0f} {unit}"
        curve = plot([line.get(key, 0) / scale for line in history], low, high)
        table.add_row(
            name, number, Text(bar(value, low, high, mark or None), style), Text(curve, style)
        )
    for name, key in (("pump", "pump_permille"), ("heater", "heater_permille")):
        value = now.get(key, 0) / 10
        curve = plot([line.get(key, 0) / 10 for line in history], 0, 100)
        table.add_row(
            name, f"{value:.0f} %", Text(bar(value, 0, 100), "cyan"), Text(curve, "cyan")
        )
    return table


def plot(values: Sequence[float], low: float, high: float) -> str:
    """Return the values as a row of blocks, the newest on the right."""
    per_cell = max(1, _HISTORY // _PLOT_CELLS)
    # cells are counted from the first value on, so that the picture scrolls and never flickers
    cells = []
    for start in range(0, len(values), per_cell):
        part = values[start : start + per_cell]
        share = (max(part) - low) / (high - low)
        cells.append(_BLOCKS[round(min(max(share, 0.0), 1.0) * (len(_BLOCKS) - 1))])
    return "".join(cells)[-_PLOT_CELLS:].rjust(_PLOT_CELLS)
