"""The campaign as a picture: for each kind of fault, how soon, how warm, how tight."""

from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massager_tools.plots.style import BLUE, GREY, VERMILLION
from massager_tools.verification.fault_judge import PAD_MOST_MC, Outcome, by_family

_ROW_INCHES = 0.22
_MOST_MMHG = 60
_NEVER_S = 1_000.0  # where runs are drawn in which nothing was noticed
_SOONEST_S = 0.05

_PANELS: tuple[tuple[str, Callable[[Outcome], float], float | None], ...] = (
    ("noticed after (s; right edge: not, and harmless)", lambda one: _seen_s(one), None),
    ("warmest the pad was (°C)", lambda one: one.peak_pad_c, PAD_MOST_MC / 1000),
    ("tightest a chamber was (mmHg)", lambda one: one.peak_mmhg, _MOST_MMHG),
)


def draw_faults(outcomes: Sequence[Outcome], path: Path) -> None:
    """Draw a row a kind of fault, a dot a run; unsafe and unnamed runs stand out."""
    families = by_family(outcomes)
    size = (14, 1.2 + _ROW_INCHES * max(len(families), 4))
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(1, len(_PANELS), sharey=True)
    for axes, (title, value, limit) in zip(panels, _PANELS, strict=True):
        _draw(axes, families, value)
        axes.set_title(title)
        if limit is not None:
            axes.axvline(limit, color=GREY, linewidth=0.9, linestyle=(0, (4, 2)))
    panels[0].set_xscale("log")
    panels[0].set_yticks(range(len(families)), list(families), fontsize=7)
    panels[0].invert_yaxis()
    figure.savefig(path)


def _draw(
    axes: Axes, families: dict[str, list[Outcome]], value: Callable[[Outcome], float]
) -> None:
    for colour, bad in ((BLUE, False), (VERMILLION, True)):
        dots = [
            (value(one), row)
            for row, runs in enumerate(families.values())
            for one in runs
            if bool(one.wrong or one.missed) == bad
        ]
        if dots:
            across, down = zip(*dots, strict=True)
            axes.scatter(across, down, s=9, color=colour, alpha=0.6, linewidths=0)


def _seen_s(one: Outcome) -> float:
    return _NEVER_S if one.detected_s is None else max(one.detected_s, _SOONEST_S)
