"""Every fault code with its meaning, those that the device keeps, and its black box."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from massager_tools.device_data.blackbox import Recording
from massager_tools.device_data.blackbox_events import events
from massager_tools.device_data.freeze_frames import in_words
from massager_tools.firmware_tables import fault_name
from massager_tools.manual.fault_texts import Fault, faults
from massager_tools.panel.kept import kept_of, sources
from massager_tools.panel.panel import Panel
from massager_tools.panel.widgets import button, card, title
from massager_tools.units import PA_PER_MMHG

_FRAME = "#8a8178"
_PAD_C = (-5.0, 75.0)  # beyond these it is the wire's fault, not the pad's temperature


def build(panel: Panel) -> None:
    """Build the page."""

    @ui.refreshable
    def content() -> None:
        kept = kept_of(panel)
        if kept.source:
            with card("Kept by the device"):
                _frames(kept.frames, kept.source)
        if kept.recording is not None:
            with card("Black box"):
                _black_box(kept.recording)

    def show() -> None:
        content.refresh()

    with card("Where from"):
        title("Faults of the device")
        sources(panel, show)
    content()
    with card("All codes"):
        _catalogue()


def _frames(frames: list[dict[str, int]], source: str) -> None:
    title(f"Kept by {source}")
    if not frames:
        ui.label("no fault kept").classes("note").mark("no-frames")
    for frame in frames:
        with ui.element("div").classes("frame"):
            ui.label(f"E{frame['code']:02d} {fault_name(frame['code'])}").classes("fault")
            ui.label(in_words(frame)).classes("note")


def _black_box(recording: Recording) -> None:
    with ui.row().classes("bar"):
        title(f"Black box: E{recording.fault:02d} {fault_name(recording.fault)}").mark("box")
        ui.space()
        button(
            "CSV",
            lambda: ui.download.content(recording.as_csv().encode(), "blackbox.csv", "text/csv"),
            "table_view",
        )
    with ui.element("div").classes("two wide-left"):
        chart = ui.echart(plot(recording), renderer="svg").classes("chart tall")
        chart.props('role="img" aria-label="All signals before the trip"')
        with ui.element("ol").classes("events").props('aria-label="What happened, in order"'):
            for t_s, words in events(recording):
                with ui.element("li"):
                    ui.label(f"{t_s:+.1f} s").classes("when")
                    ui.label(words)


def plot(recording: Recording) -> dict[str, Any]:
    """Return the chart: all signals over the same time, with one cursor through them."""
    rows = recording.rows
    panes: tuple[tuple[str, tuple[tuple[str, str, list[float]], ...]], ...] = (
        (
            "°C",
            (
                ("pad A", "#d9622b", [_within(row.pad_a_c) for row in rows]),
                ("pad B", "#b98a2e", [_within(row.pad_b_c) for row in rows]),
            ),
        ),
        ("mmHg", (("pressure", "#3f86c4", [row.pressure_pa / PA_PER_MMHG for row in rows]),)),
        ("rpm", (("motor", "#3d9463", [float(row.motor_rpm) for row in rows]),)),
        ("V", (("supply", "#8d6fb5", [row.supply_mv / 1000 for row in rows]),)),
        (
            "%",
            (
                ("heater", "#d9622b", [row.heater_permille / 10 for row in rows]),
                ("pump", "#3f86c4", [row.pump_permille / 10 for row in rows]),
                ("motor drive", "#3d9463", [row.motor_permille / 10 for row in rows]),
            ),
        ),
    )
    numbers = list(range(len(panes)))
    axis = {"axisLabel": {"color": _FRAME}, "nameTextStyle": {"color": _FRAME, "align": "right"}}
    return {
        "animation": False,
        "legend": {"top": 0, "textStyle": {"color": _FRAME}},
        "tooltip": {"trigger": "axis", "confine": True, "axisPointer": {"type": "cross"}},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "dataZoom": [
            {"type": "inside", "xAxisIndex": numbers},
            {"type": "slider", "xAxisIndex": numbers, "bottom": 2, "height": 16},
        ],
        "grid": [
            {"left": 52, "right": 14, "top": f"{10 + 16.5 * n}%", "height": "12%"} for n in numbers
        ],
        "xAxis": [
            {
                "type": "value",
                "gridIndex": n,
                "min": "dataMin",
                "max": 0,
                "axisLabel": {"show": n == numbers[-1], "color": _FRAME, "formatter": "{value} s"},
                "splitLine": {"show": False},
                "axisLine": {"onZero": False, "lineStyle": {"color": _FRAME}},
            }
            for n in numbers
        ],
        "yAxis": [
            {
                "type": "value",
                "name": unit,
                "gridIndex": n,
                "position": "left",
                "scale": unit in ("°C", "V"),
                "splitNumber": 2,
                "splitLine": {"lineStyle": {"color": _FRAME, "opacity": 0.22}},
                "axisLine": {"show": False, "onZero": False},
                **axis,
            }
            for n, (unit, _) in enumerate(panes)
        ],
        "series": [
            {
                "name": name,
                "type": "line",
                "step": "end" if unit == "%" else None,
                "xAxisIndex": n,
                "yAxisIndex": n,
                "showSymbol": False,
                "lineStyle": {"width": 1.6, "color": colour},
                "itemStyle": {"color": colour},
                "data": [
                    [row.t_s, round(value, 2)] for row, value in zip(rows, values, strict=True)
                ],
                "markLine": _trip_line(recording),
            }
            for n, (unit, curves) in enumerate(panes)
            for name, colour, values in curves
        ],
    }


def _within(celsius: float) -> float:
    return min(max(celsius, _PAD_C[0]), _PAD_C[1])


def _trip_line(recording: Recording) -> dict[str, Any]:
    trip_s = recording.trip_s()
    return {
        "silent": True,
        "symbol": "none",
        "label": {"show": False},
        "lineStyle": {"color": "#c0392b", "type": "dashed"},
        "data": [] if trip_s is None else [{"xAxis": trip_s}],
    }


def _catalogue() -> None:
    title("All codes")
    search = ui.input("Search", placeholder="code, name or words").props("dense clearable")
    search.classes("wide").mark("search")
    shown = [(one, _one(one)) for one in faults()]
    none = ui.label("no code has these words").classes("note")
    none.set_visibility(False)

    def sift(event: Any) -> None:
        words = (event.value or "").lower().split()
        found = 0
        for one, element in shown:
            text = " ".join(
                (one.label, str(one.code), one.name, one.happened, *one.checks)
            ).lower()
            fits = all(word in text for word in words)
            element.set_visibility(fits)
            found += fits
        none.set_visibility(not found)

    search.on_value_change(sift)


def _one(one: Fault) -> ui.expansion:
    with ui.expansion(f"{one.label}  {one.happened}").classes("code wide") as expansion:
        for name, words in (
            ("name", one.name),
            ("blinks", one.blinks),
            ("stops", one.stops),
            *((("check"), check) for check in one.checks),
            ("clear", one.clears),
        ):
            with ui.element("div").classes("fact"):
                ui.label(name).classes("name")
                ui.label(words)
    return expansion
