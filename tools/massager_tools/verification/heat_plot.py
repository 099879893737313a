"""Draw the pictures of the heat measurements."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from massager_tools.plots.style import BLUE, GREEN, GREY, ORANGE, VERMILLION

_COLUMNS = 4
_WARNING_C = 45.5
_LIMIT_C = 48.0


def draw_regulators(pads: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw each pad in a panel: the true pad under every regulator, its set-point dashed."""
    rows = max(1, -(-len(pads) // _COLUMNS))
    figure = Figure(figsize=(16, 3.2 * rows), layout="constrained")
    axes = figure.subplots(rows, _COLUMNS, squeeze=False)
    for panel, runs in zip(axes.flat, pads, strict=False):
        for name, run in runs.items():
            line = {"lw": 2.0, "zorder": 3} if name == "massager" else {"lw": 0.8}
            panel.plot(_minutes(run.true_c), run.true_c, label=name, **line)
        set_c = next(iter(runs.values())).set_c
        panel.plot(_minutes(set_c), set_c, "k--", lw=0.8, label="set-point")
        panel.set_ylim(max(set_c) - 6, max(set_c) + 3)
    axes[0][0].legend()
    figure.supxlabel("minutes")
    figure.supylabel("true pad temperature, °C")
    figure.savefig(path)


def _minutes(points: Sequence[float]) -> list[float]:
    """Return when the points of a trace were taken: every ten seconds."""
    return [number / 6 for number in range(len(points))]


def draw_faults(runs: Sequence[Any], faults: Sequence[str], path: Path) -> None:
    """Draw each fault in a panel: the true pad after it, a dot where the fault was latched."""
    rows = -(-len(faults) // _COLUMNS)
    figure = Figure(figsize=(16, 2.4 * rows), layout="constrained")
    axes = figure.subplots(rows, _COLUMNS, squeeze=False, sharex=True, sharey=True)
    colours = {"warm-up": BLUE, "steady": GREEN, "cool-down": GREY}
    for panel, fault in zip(axes.flat, faults, strict=False):
        for run in runs:
            if run.fault != fault:
                continue
            temps_c = run.trace
            panel.plot(range(len(temps_c)), temps_c, color=colours[run.moment], lw=0.4, alpha=0.5)
            if run.latched_s is not None:
                at = min(len(temps_c) - 1, round(run.latched_s))
                panel.plot([run.latched_s], [temps_c[at]], ".", color=VERMILLION, ms=3)
        panel.axhline(_WARNING_C, color=ORANGE, lw=0.8)
        panel.axhline(_LIMIT_C, color=VERMILLION, lw=0.8)
        panel.set_title(fault)
        panel.set_ylim(20, 52)
    figure.supxlabel("seconds since the fault (blue: warm-up, green: steady, grey: cool-down)")
    figure.supylabel("true pad temperature, °C")
    figure.savefig(path)


def draw_error(
    errors: Mapping[str, Sequence[tuple[float, float]]], limit_c: float, path: Path
) -> None:
    """Draw the interpolation error over temperature, one line a board."""
    figure = Figure(figsize=(9, 5), layout="constrained")
    axis = figure.subplots()
    for board, points in errors.items():
        axis.plot([p[0] for p in points], [1000 * p[1] for p in points], lw=0.8, label=board)
    for sign in (-1, 1):
        axis.axhline(sign * 1000 * limit_c, color=VERMILLION, lw=0.8)
    axis.set_xlabel("true temperature, °C")
    axis.set_ylabel("table − true, m°C")
    axis.legend()
    figure.savefig(path)
