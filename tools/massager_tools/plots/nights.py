"""Draw the session log of a device: minutes and feelings of each session."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from massager_tools.device_data.session_log import SessionRecord
from massager_tools.plots.style import BLACK, BLUE, GREEN, GREY, PALE, VERMILLION

_SHOWN_MIN = 10  # sessions that have room at least: the bars of a few do not grow to walls
_SIZE_IN = (11.0, 6.0)


def draw_log(records: Sequence[SessionRecord], path: Path) -> Figure:
    """Draw minutes as bars above, feelings before and after as dots below; one session a column.

    Write the picture to `path` and return the figure.
    """
    figure = Figure(figsize=_SIZE_IN)
    minutes, feelings = figure.subplots(2, 1, sharex=True, height_ratios=[1.3, 1])
    figure.subplots_adjust(left=0.07, right=0.985, top=0.86, bottom=0.09, hspace=0.2)
    numbers = [record.number for record in records]
    minutes.bar(numbers, [r.minutes for r in records], color=PALE, label="session")
    layers = (
        ("at pressure", BLUE, [r.minutes_at_pressure for r in records], -0.2),
        ("at temperature", VERMILLION, [r.minutes_at_temperature for r in records], 0.2),
    )
    for label, colour, values, shift in layers:
        minutes.bar([n + shift for n in numbers], values, width=0.35, color=colour, label=label)
    minutes.set_ylabel("minutes")
    minutes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3)
    _draw_feelings(feelings, records)
    feelings.set_xlabel("session")
    feelings.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    first = numbers[0] if numbers else 1
    last = max(first + _SHOWN_MIN - 1, *numbers) if numbers else _SHOWN_MIN
    feelings.set_xlim(first - 0.7, last + 0.7)
    given = sum(r.feeling_after is not None for r in records)
    figure.text(0.07, 0.945, "Sessions", fontsize=15, fontweight="bold", color=BLACK)
    words = f"{len(records)} session{'s' * (len(records) != 1)}, {given} with a feeling afterwards"
    figure.text(0.07, 0.905, words, fontsize=10, color=GREY)
    figure.savefig(path)
    return figure


def _draw_feelings(axes, records: Sequence[SessionRecord]) -> None:  # type: ignore[no-untyped-def]
    for record in records:
        if record.feeling_before is not None and record.feeling_after is not None:
            ends = [record.feeling_before, record.feeling_after]
            axes.plot([record.number] * 2, ends, color=GREY, linewidth=1, zorder=1)
    kinds = (
        ("before", "none", VERMILLION, [(r.number, r.feeling_before) for r in records]),
        ("after", GREEN, GREEN, [(r.number, r.feeling_after) for r in records]),
    )
    for label, face, edge, points in kinds:
        given = [(number, value) for number, value in points if value is not None]
        axes.scatter(
            [number for number, _ in given],
            [value for _, value in given],
            facecolors=face,
            edgecolors=edge,
            label=label,
            zorder=2,
        )
    axes.set_ylim(-0.5, 10.5)
    axes.set_ylabel("complaint, 0–10")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
