"""Draw the pictures of the motor's measures: one story under every control, and faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from massager_tools.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE, SKY, VERMILLION
from massager_tools.verification.motor import Trace

_COLOURS = {
    "this": GREEN,
    "this without a tach": SKY,
    "fixed duty": VERMILLION,
    "simple-pid": BLUE,
}


def draw(path: Path, traces: Mapping[str, Trace]) -> None:
    """Draw speed, duty and load over time into the image `path`."""
    figure = Figure(figsize=(12, 8), layout="constrained")
    speed, duty, load = figure.subplots(3, 1, sharex=True, height_ratios=(5, 2, 1))
    for name, trace in traces.items():
        width = 1.8 if name == "this" else 1.0
        speed.plot(trace.t_s, trace.turn_rpm, color=_COLOURS[name], lw=width, label=name)
        percent = [permille / 10 for permille in trace.permille]
        duty.plot(trace.t_s, percent, color=_COLOURS[name], lw=width)
    first = next(iter(traces.values()))
    speed.plot(first.t_s, first.set_rpm, color=BLACK, lw=0.8, ls="--", label="set-point")
    speed.set_ylabel("mean of a turn, rpm")
    speed.legend(loc="lower center", ncols=5)
    speed.set_title("The nominal plant: start under load, load off, on, off, level change, sags")
    duty.set_ylabel("duty, %")
    load.fill_between(first.t_s, first.load, step="post", color=GREY, label="load")
    load.set_ylabel("feet, share")
    supply = load.twinx()
    supply.plot(first.t_s, first.supply_v, color=ORANGE, lw=0.8)
    supply.grid(False)
    supply.set_ylabel("supply, V")
    load.set_xlabel("time, s")
    figure.savefig(path)


def draw_faults(runs: Sequence[Any], names: Sequence[str], path: Path) -> None:
    """Draw the speed after each fault, a panel each, every plant a line."""
    figure = Figure(figsize=(12, 12), layout="constrained")
    axes = figure.subplots((len(names) + 1) // 2, 2, sharey=True, squeeze=False)
    for axis, name in zip(axes.flat, names, strict=False):
        for run in runs:
            if run.fault == name:
                axis.plot(range(len(run.trace)), run.trace, lw=0.6, alpha=0.5, color=GREEN)
        axis.set_title(name)
        axis.set_ylabel("rpm")
    for axis in axes[-1]:
        axis.set_xlabel("time since the fault, s")
    figure.savefig(path)
