"""Draw the wave on the leg over time, by the firmware and by others on the same plant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massager_tools.plots.style import CHAMBER_COLOURS, PLACES, VERMILLION
from massager_tools.units import PA_PER_MMHG
from massager_tools.verification.air import Case, baseline, device
from massager_tools.verification.harness import TICK_S

_SETTLED_S = 150.0  # past the first cycle, which fills empty chambers
_SHOWN_S = 120.0
_EVERY = 10  # ticks a point
_SIZE_IN = (11.0, 8.0)


def draw_wave(case: Case, others: Mapping[str, Case], path: Path) -> None:
    """Draw two minutes of pressure per chamber, one band a scheme, into the image `path`."""
    figure = Figure(figsize=_SIZE_IN)
    axes = figure.subplots(1 + len(others), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    massager = device(case)
    _band(axes[0], "firmware", massager.tick, lambda: massager.plant.air.chamber_pa, case)
    for axis, (name, other) in zip(axes[1:], others.items(), strict=True):
        scheme = baseline(other)
        _band(axis, name, scheme.tick, partial(getattr, scheme.world.air, "chamber_pa"), case)
    axes[-1].set_xlabel("s")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper right", ncols=len(labels))
    figure.suptitle("The wave on the leg", x=0.06, ha="left")
    figure.savefig(path)


def _band(
    axis: Axes,
    name: str,
    tick: Callable[[], None],
    pressures: Callable[[], list[float]],
    case: Case,
) -> None:
    for _ in range(round(_SETTLED_S / TICK_S)):
        tick()
    times: list[float] = []
    lines: list[list[float]] = [[] for _ in range(case.chambers)]
    for count in range(round(_SHOWN_S / TICK_S)):
        tick()
        if count % _EVERY == 0:
            times.append(count * TICK_S)
            for line, pressure_pa in zip(lines, pressures(), strict=True):
                line.append(pressure_pa / PA_PER_MMHG)
    for index, line in enumerate(lines):
        axis.fill_between(times, line, color=CHAMBER_COLOURS[index], alpha=0.12, linewidth=0)
        axis.plot(times, line, color=CHAMBER_COLOURS[index], label=PLACES[case.chambers][index])
    set_mmhg = case.set_pa / PA_PER_MMHG
    axis.axhline(set_mmhg, color=VERMILLION, linewidth=0.8, linestyle="--", label="set")
    axis.set_ylabel("mmHg")
    axis.set_title(name)
