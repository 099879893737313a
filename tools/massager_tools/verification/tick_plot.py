"""Time of a tick: over the session, and over the ten slots of the slow work."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massager_tools.plots.style import BLUE, GREY, SKY, VERMILLION

SLOTS = 10  # slow work comes every tenth tick, spread over them
_TICKS_PER_S = 100


def draw_ticks(
    times_us: Sequence[float],
    reference_us: float,
    mean_limit: float,
    worst_limit: float,
    path: Path,
) -> None:
    """Draw `times_us`, one time a tick; the limits count in references."""
    figure = Figure(figsize=(12, 5), layout="constrained")
    over_time, over_slots = figure.subplots(1, 2, width_ratios=(2, 1), sharey=True)
    seconds = [
        times_us[at : at + _TICKS_PER_S]
        for at in range(0, len(times_us) - _TICKS_PER_S + 1, _TICKS_PER_S)
    ]
    minutes = [number / 60 for number in range(len(seconds))]
    over_time.plot(
        minutes,
        list(map(max, seconds)),
        color=VERMILLION,
        linewidth=0.8,
        label="worst of a second",
    )
    over_time.plot(
        minutes,
        list(map(statistics.fmean, seconds)),
        color=BLUE,
        linewidth=1.4,
        label="mean of a second",
    )
    over_time.set_xlabel("time (min)")
    over_time.set_ylabel("one tick (µs)")
    over_time.set_title("a tick of the evening program, on MicroPython")

    by_slot = [times_us[slot::SLOTS] for slot in range(SLOTS)]
    slots = range(SLOTS)
    over_slots.bar(slots, list(map(statistics.fmean, by_slot)), color=SKY, label="mean")
    over_slots.plot(slots, list(map(max, by_slot)), "v", color=VERMILLION, label="worst")
    over_slots.set_xticks(slots)
    over_slots.set_xlabel("tick of ten")
    over_slots.set_title("how the slow work is spread")
    for axes in (over_time, over_slots):
        _draw_limit(axes, mean_limit * reference_us, f"mean: {mean_limit:g} references")
        _draw_limit(axes, worst_limit * reference_us, f"worst: {worst_limit:g} references")
        axes.set_ylim(0, worst_limit * reference_us * 1.12)
        axes.legend(loc="upper right", bbox_to_anchor=(1, 0.94))
    figure.savefig(path)


def _draw_limit(axes: Axes, at_us: float, words: str) -> None:
    axes.axhline(at_us, color=GREY, linewidth=0.9, linestyle=(0, (4, 2)))
    left, _ = axes.get_xlim()
    axes.text(left, at_us, f" {words}", fontsize=8, color=GREY, va="bottom")
