"""The wave on the leg over time, by the firmware and by others on the same plant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massager_tools.plots.style import CHAMBER_COLOURS, PLACES, VERMILLION
from massager_tools.verification.air_peers import Peer
from massager_tools.verification.air_rig import PA_PER_MMHG, TICK_S, Rig

_SETTLED_S = 150.0  # past the first cycle, which fills empty chambers
_SHOWN_S = 120.0
_EVERY = 10  # ticks a point
_SIZE_IN = (11.0, 8.0)


def draw_wave(rig: Rig, peers: Mapping[str, Peer], path: Path) -> None:
    """Two minutes of pressure per chamber, one band a scheme; format by the ending of `path`."""
    figure = Figure(figsize=_SIZE_IN)
    axes = figure.subplots(1 + len(peers), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    set_mmhg = rig.setpoints.pressure_set_pa / PA_PER_MMHG
    _band(axes[0], "firmware", rig.tick, lambda: rig.air.chamber_pa, rig.chambers, set_mmhg)
    for axis, (name, peer) in zip(axes[1:], peers.items(), strict=True):
        air = peer.world.air
        _band(axis, name, peer.tick, partial(getattr, air, "chamber_pa"), rig.chambers, set_mmhg)
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
    chambers: int,
    set_mmhg: float,
) -> None:
    for _ in range(round(_SETTLED_S / TICK_S)):
        tick()
    times: list[float] = []
    lines: list[list[float]] = [[] for _ in range(chambers)]
    for count in range(round(_SHOWN_S / TICK_S)):
        tick()
        if count % _EVERY == 0:
            times.append(count * TICK_S)
            for line, pressure_pa in zip(lines, pressures(), strict=True):
                line.append(pressure_pa / PA_PER_MMHG)
    for index, line in enumerate(lines):
        axis.fill_between(times, line, color=CHAMBER_COLOURS[index], alpha=0.12, linewidth=0)
        axis.plot(times, line, color=CHAMBER_COLOURS[index], label=PLACES[chambers][index])
    axis.axhline(set_mmhg, color=VERMILLION, linewidth=0.8, linestyle="--", label="set")
    axis.set_ylabel("mmHg")
    axis.set_title(name)
