"""The sessions that a device keeps: calendar, plot, table, CSV."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from nicegui import ui

from massager_tools.device_data import session_log
from massager_tools.device_data.session_log import SessionRecord
from massager_tools.panel.example import example_nvs
from massager_tools.panel.kept import KeptData, kept_of, sources
from massager_tools.panel.panel import Panel
from massager_tools.panel.virtual_device import NvsBlocks
from massager_tools.panel.widgets import button, card, title

NO_CLOCK = (
    "A device has no clock: its sessions are numbered. The days are right if it was used once an "
    "evening, and the last time on the day given here."
)
_FRAME = "#8a8178"
_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FULL_MIN = 30.0
"""Minutes at pressure that fill a day's tile."""


def build(panel: Panel) -> None:
    """Build the page."""

    @ui.refreshable
    def content() -> None:
        records = kept_of(panel).records
        if not records:
            with card("Nothing yet"):
                ui.label("No sessions read yet, or none kept.").classes("note").mark("empty")
                button("Show an example", show_example, "auto_awesome")
            return
        _head(records, kept_of(panel).source)
        with ui.element("div").classes("two"):
            with card("Calendar"):
                _calendar(records)
            with card("Minutes and feeling"):
                title("Minutes, and how the legs felt")
                chart = ui.echart(plot(records), renderer="svg").classes("chart")
                chart.props('role="img" aria-label="Minutes and feelings by session"')
        with card("Sessions"):
            _table(records)

    def show() -> None:
        content.refresh()

    def show_example() -> None:
        blocks = NvsBlocks(example_nvs(panel.virtual.board))
        panel.kept = KeptData("an example, invented", session_log.sessions(blocks))
        show()

    with card("Where from"):
        title("Nights")
        sources(panel, show)
    content()


def _head(records: list[SessionRecord], source: str) -> None:
    answered = [
        (record.feeling_before, record.feeling_after)
        for record in records
        if record.feeling_before is not None and record.feeling_after is not None
    ]
    with ui.row().classes("bar summary"):
        words = f"{len(records)} sessions of {source}"
        if answered:
            before = sum(pair[0] for pair in answered) / len(answered)
            after = sum(pair[1] for pair in answered) / len(answered)
            words += (
                f" · complaint {before:.1f} before, {after:.1f} after ({len(answered)} answered)"
            )
        ui.label(words).classes("note").mark("summary")
        ui.space()
        button(
            "CSV",
            lambda: ui.download.content(
                session_log.as_csv(records).encode(), "nights.csv", "text/csv"
            ),
            "table_view",
        ).mark("csv")


def _calendar(records: list[SessionRecord]) -> None:
    title("Calendar")

    @ui.refreshable
    def tiles(last: date) -> None:
        days = dict(zip(_days(len(records), last), records, strict=True))
        first = min(days) - timedelta(days=min(days).weekday())
        with ui.element("div").classes("calendar").props("role=list"):
            for name in _WEEK:
                ui.label(name).classes("weekday").props("aria-hidden=true")
            for offset in range((last - first).days + 1):
                day = first + timedelta(days=offset)
                _tile(day, days.get(day), with_month=offset == 0 or day.day == 1)

    def chosen(event: Any) -> None:
        try:
            tiles.refresh(date.fromisoformat(event.value))
        except (TypeError, ValueError):
            return  # half typed

    day = ui.input("Last session on", value=date.today().isoformat()).props("type=date dense")
    day.on_value_change(chosen)
    tiles(date.today())
    ui.label(NO_CLOCK).classes("note")


def _days(count: int, last: date) -> list[date]:
    """Return the days of so many sessions, one an evening, the last one on `last`."""
    return [last - timedelta(days=count - 1 - index) for index in range(count)]


def _tile(day: date, record: SessionRecord | None, with_month: bool) -> None:
    tile = ui.element("div").classes("day").props("role=listitem")
    with tile:
        ui.label(f"{day.day} {day:%b}" if with_month else str(day.day)).classes("date")
        if record is None:
            return
        share = min(record.minutes_at_pressure / _FULL_MIN, 1.0)
        tile.style(f"--share:{share:.2f}").classes("used")
        tile.classes("failed" if record.fault else "")
        ui.label(f"{record.minutes:.0f} min").classes("minutes")
        ui.label(_feelings(record)).classes("felt")
        ui.tooltip(f"{day:%a %d %b}: session {record.number}, {in_words(record)}")


def in_words(record: SessionRecord) -> str:
    """Return a session in one line."""
    return (
        f"{record.program}, {record.minutes:g} min, {record.minutes_at_pressure:g} at pressure, "
        f"{record.minutes_at_temperature:g} warm, {record.ended} {record.fault}".rstrip()
    )


def _feelings(record: SessionRecord) -> str:
    said = [
        "–" if one is None else str(one) for one in (record.feeling_before, record.feeling_after)
    ]
    return " → ".join(said) if said != ["–", "–"] else ""


def plot(records: list[SessionRecord]) -> dict[str, Any]:
    """Return the chart: minutes as bars above, feelings before and after below."""
    numbers = [str(record.number) for record in records]
    axis = {
        "axisLabel": {"color": _FRAME},
        "nameTextStyle": {"color": _FRAME},
        "splitLine": {"lineStyle": {"color": _FRAME, "opacity": 0.22}},
    }
    bars = (
        ("session", "#a3998f", [record.minutes for record in records]),
        ("at pressure", "#3f86c4", [record.minutes_at_pressure for record in records]),
        ("at temperature", "#d9622b", [record.minutes_at_temperature for record in records]),
    )
    dots = (
        ("before", "#d9622b", [record.feeling_before for record in records]),
        ("after", "#3d9463", [record.feeling_after for record in records]),
    )
    return {
        "animation": False,
        "legend": {"top": 0, "textStyle": {"color": _FRAME}},
        "tooltip": {"trigger": "axis", "confine": True},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "dataZoom": [
            {"type": "inside", "xAxisIndex": [0, 1]},
            {"type": "slider", "xAxisIndex": [0, 1], "bottom": 2, "height": 16},
        ],
        "grid": [
            {"left": 46, "right": 14, "top": "15%", "height": "34%"},
            {"left": 46, "right": 14, "top": "60%", "height": "25%"},
        ],
        "xAxis": [
            {**axis, "type": "category", "data": numbers, "gridIndex": grid, "splitLine": None}
            for grid in (0, 1)
        ],
        "yAxis": [
            {"type": "value", "name": "minutes", "gridIndex": 0, **axis},
            {"type": "value", "name": "complaint", "gridIndex": 1, "min": 0, "max": 10, **axis},
        ],
        "series": [
            {"name": name, "type": "bar", "data": values, "itemStyle": {"color": colour}}
            for name, colour, values in bars
        ]
        + [
            {
                "name": name,
                "type": "line",
                "xAxisIndex": 1,
                "yAxisIndex": 1,
                "connectNulls": True,
                "symbolSize": 8,
                "lineStyle": {"width": 1, "color": colour},
                "itemStyle": {"color": colour},
                "data": values,
            }
            for name, colour, values in dots
        ],
    }


def _table(records: list[SessionRecord]) -> None:
    title("Sessions")
    columns = [
        {"name": key, "label": label, "field": key, "align": "left", "sortable": True}
        for key, label in (
            ("number", "no"),
            ("program", "program"),
            ("minutes", "min"),
            ("pressure", "at pressure"),
            ("warm", "warm"),
            ("level", "level"),
            ("heat", "heat"),
            ("felt", "feeling"),
            ("ended", "ended"),
        )
    ]
    rows = [
        {
            "number": record.number,
            "program": record.program,
            "minutes": record.minutes,
            "pressure": record.minutes_at_pressure,
            "warm": record.minutes_at_temperature,
            "level": record.level,
            "heat": record.heat,
            "felt": _feelings(record),
            "ended": f"{record.ended} {record.fault}".rstrip(),
        }
        for record in reversed(records)
    ]
    table = ui.table(columns=columns, rows=rows, row_key="number", pagination=14)
    table.props("flat dense").classes("wide").mark("sessions")
