"""Error of the firmware's table of a thermistor against its curve, for every board.

The voltage of the divider at each temperature goes through the core's own `Thermistor`,
without any error of parts or converter: what is left is the table and its interpolation.
"""

from functools import partial
from pathlib import Path
from typing import Any

from massager_tools.boards.load import board_names, load_board
from massager_tools.boards.ntc_table import ntc_curve, ntc_table, pin_uv
from massager_tools.firmware_tables import core
from massager_tools.verification.heat_plot import draw_error
from massager_tools.verification.report import Criterion, Distribution, Options, Report

LIMIT_C = 0.05
RANGE_MC = range(0, 80_001)
_STEP_MC = 10
_QUICK_STEP_MC = 100
_SHOWN_STEPS = 10


def measure(options: Options) -> Report:
    """Run `massager measure thermistor`; the table has no plants and no chance in it."""
    step_mc = _QUICK_STEP_MC if options.quick else _STEP_MC
    boards = board_names()
    errors = {}
    for done, name in enumerate(boards, start=1):
        errors[name] = errors_c(load_board(name)["ntc"], step_mc)
        options.progress(done / len(boards))
    figures = {
        f"{name}: error": Distribution.of([abs(error) for _, error in points], "°C")
        for name, points in errors.items()
    }
    return Report(
        name="thermistor",
        figures=figures,
        values={
            f"{name}: table entries": len(ntc_curve(load_board(name)["ntc"])) for name in boards
        },
        criteria=tuple(
            Criterion(
                f"{name}: worst error, 0–80 °C",
                figures[f"{name}: error"].worst,
                LIMIT_C,
                "at most",
                "°C",
            )
            for name in boards
        ),
        draw=partial(_draw, errors),
    )


def errors_c(ntc: dict[str, Any], step_mc: int) -> list[tuple[float, float]]:
    """Return (true °C, error °C) every `step_mc` over 0–80 °C."""
    thermistor = core("heat.thermistor").Thermistor(ntc_table(ntc))
    found = []
    for true_mc in RANGE_MC[::step_mc]:
        shown_mc = thermistor.temp_mc(round(pin_uv(ntc, true_mc / 1000)))
        found.append((true_mc / 1000, (shown_mc - true_mc) / 1000))
    return found


def _draw(errors: dict[str, list[tuple[float, float]]], path: Path) -> None:
    draw_error({name: points[::_SHOWN_STEPS] for name, points in errors.items()}, LIMIT_C, path)
