"""The plots of the last minutes: temperature, pressure, speed and power over the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from massager_tools.panel.device import Values
from massager_tools.units import PA_PER_MMHG

SHOWN_S = 300.0
_FRAME = "#8a8178"  # readable on either theme


@dataclass(frozen=True)
class Curve:
    """One line: its name, where it is drawn and what it shows; `take` None where not known."""

    name: str
    pane: int
    colour: str
    take: Callable[[Values], float | None]
    dashed: bool = False


def _scaled(name: str, scale: float) -> Callable[[Values], float | None]:
    def take(values: Values) -> float | None:
        value = values.get(name)
        return None if value is None else round(value / scale, 2)

    return take


def _set_point(name: str, scale: float) -> Callable[[Values], float | None]:
    """Return the reader of a set-point, which is not shown where nothing is set."""

    def take(values: Values) -> float | None:
        value = values.get(name)
        return round(value / scale, 2) if value else None

    return take


PANES = ("°C", "mmHg", "rpm", "W")
_SHARED = (
    Curve("pad A", 0, "#d9622b", _scaled("fw_pad_a_mc", 1000)),
    Curve("pad B", 0, "#b98a2e", _scaled("fw_pad_b_mc", 1000)),
    Curve("heat set", 0, _FRAME, _set_point("fw_heat_set_mc", 1000), dashed=True),
    Curve("pressure", 1, "#3f86c4", _scaled("fw_pressure_pa", PA_PER_MMHG)),
    Curve("pressure set", 1, _FRAME, _set_point("fw_pressure_set_pa", PA_PER_MMHG), dashed=True),
    Curve("motor", 2, "#3d9463", _scaled("fw_rpm", 1)),
)
VIRTUAL = (
    *_SHARED,
    Curve("heater", 3, "#d9622b", _scaled("heater_mw", 1000)),
    Curve("pump", 3, "#3f86c4", _scaled("pump_mw", 1000)),
    Curve("motor power", 3, "#3d9463", _scaled("motor_mw", 1000)),
)
REAL = (
    *_SHARED,
    Curve("heater drive", 3, "#d9622b", _scaled("fw_heater_permille", 10)),
    Curve("pump drive", 3, "#3f86c4", _scaled("fw_pump_permille", 10)),
    Curve("motor drive", 3, "#3d9463", _scaled("fw_motor_permille", 10)),
)


def options(curves: Sequence[Curve]) -> dict[str, Any]:
    """Return the chart without its data."""
    units = PANES if curves is VIRTUAL else (*PANES[:-1], "%")
    panes = range(len(units))
    height = 14.5
    axis = {
        "position": "left",
        "axisLine": {"show": False, "onZero": False},
        "axisTick": {"show": False},
        "axisLabel": {"color": _FRAME},
    }
    grid_line = {"splitLine": {"lineStyle": {"color": _FRAME, "opacity": 0.22}}}
    return {
        "animation": False,
        "grid": [
            {"left": 52, "right": 14, "top": f"{11 + n * 20.5}%", "height": f"{height}%"}
            for n in panes
        ],
        "legend": {
            "type": "scroll",
            "top": 0,
            "icon": "roundRect",
            "itemWidth": 14,
            "itemHeight": 9,
            "textStyle": {"color": _FRAME},
            "data": [curve.name for curve in curves],
            "pageTextStyle": {"color": _FRAME},
        },
        "tooltip": {"trigger": "axis", "confine": True},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "dataZoom": [
            {"type": "inside", "xAxisIndex": list(panes), "filterMode": "none"},
            {
                "type": "slider",
                "xAxisIndex": list(panes),
                "bottom": 2,
                "height": 16,
                "showDetail": False,
                "filterMode": "none",
            },
        ],
        "xAxis": [
            {
                "type": "value",
                "gridIndex": n,
                "min": -SHOWN_S / 60,
                "max": 0,
                "axisLabel": {"show": n == panes[-1], "color": _FRAME, "formatter": "{value} min"},
                "axisTick": {"show": n == panes[-1]},
                "axisLine": {"onZero": False, "lineStyle": {"color": _FRAME}},
                "splitLine": {"show": False},
            }
            for n in panes
        ],
        "yAxis": [
            {
                "type": "value",
                "gridIndex": n,
                "name": unit,
                "nameGap": 8,
                "nameTextStyle": {"color": _FRAME, "align": "right", "padding": [0, 6, 0, 0]},
                "scale": n == 0,
                "min": None if n == 0 else 0,
                "splitNumber": 3,
                **axis,
                **grid_line,
            }
            for n, unit in enumerate(units)
        ],
        "series": [
            {
                "name": curve.name,
                "type": "line",
                "xAxisIndex": curve.pane,
                "yAxisIndex": curve.pane,
                "showSymbol": False,
                "lineStyle": {
                    "width": 1.6,
                    "color": curve.colour,
                    "type": "dashed" if curve.dashed else "solid",
                },
                "itemStyle": {"color": curve.colour},
                "data": [],
            }
            for curve in curves
        ],
    }


def data(curves: Sequence[Curve], history: Sequence[tuple[float, Values]]) -> dict[str, Any]:
    """Return what changes: the points, in minutes before the last one."""
    if not history:
        return {"series": [{"data": []} for _ in curves]}
    now_s = history[-1][0]
    shown = [
        (round((t_s - now_s) / 60, 3), values) for t_s, values in history if t_s >= now_s - SHOWN_S
    ]
    return {
        "series": [
            {"data": [[minute, curve.take(values)] for minute, values in shown]}
            for curve in curves
        ]
    }
