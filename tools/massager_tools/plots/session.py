"""Draw a run of the massager."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.ticker import MultipleLocator

from massager_tools.plots.style import (
    BLACK,
    CHAMBER_COLOURS,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    PLACES,
    PURPLE,
    SKY,
    VERMILLION,
)
from massager_tools.session_trace import SessionTrace
from massager_tools.units import PA_PER_MMHG

STATE_COLOURS = {
    "OFF": "#eeeeee",
    "CHECK": "#f0e442",
    "RUN": "#9fdcc8",
    "PAUSE": "#f3c98b",
    "ENDING": "#c5e6f7",
    "STOPPING": "#f7d9b8",
    "FAULT": "#f0a58a",
}
_SIZE_IN = (12.0, 9.0)
_TEMP_LIMIT_C = 45.0
_ZOOM_LEAD_S = 3.0
_ZOOM_MAX_S = 90.0
_FILL_LEAST_S = 2.0
_ZOOM_AT = 0.55  # of the session: past the quiet beginning
_GROUP_S = 30.0  # presses of one button this close together share a label
_LABEL_SHARE = 0.055  # of the width that a label takes; a nearer one goes a line higher
_LONG_MIN = 12.0  # from here on a tick every 5 min
_MIN_BAND_SHARE = 0.06  # a narrower state has no room for its name


def draw_session(trace: SessionTrace, title: str, subtitle: str, path: Path) -> None:
    """Draw temperatures, pressure per chamber, motor, state and presses over time.

    `trace` has two rows at least; the ending of `path` gives the format.
    """
    figure = Figure(figsize=_SIZE_IN)
    chambers = len(trace.chambers)
    grid = GridSpec(
        3 + chambers,
        2,
        figure=figure,
        height_ratios=[0.35, 2.6, *[0.9] * chambers, 1.3],
        width_ratios=[3.4, 1],
        hspace=0.14,
        wspace=0.12,
        left=0.07,
        right=0.985,
        top=0.865,
        bottom=0.065,
    )
    band = figure.add_subplot(grid[0, 0])
    temps = figure.add_subplot(grid[1, 0], sharex=band)
    squeezes = [figure.add_subplot(grid[2 + n, 0], sharex=band) for n in range(chambers)]
    motor = figure.add_subplot(grid[2 + chambers, 0], sharex=band)
    closer = [figure.add_subplot(grid[2 + n, 1]) for n in range(chambers)]

    minutes = [ms / 60_000 for ms in trace["t_ms"]]
    _draw_band(band, trace)
    _draw_temperatures(temps, minutes, trace)
    _draw_chambers(squeezes, minutes, trace)
    _draw_close_up(closer, trace)
    _draw_motor(motor, minutes, trace)
    for axes in (temps, *squeezes, motor):
        for ms, _ in trace.presses():
            axes.axvline(ms / 60_000, color=PALE, linewidth=0.8, zorder=0)
    for axes in (band, temps, *squeezes):
        axes.tick_params(labelbottom=False)
    band.set_xlim(0, minutes[-1])
    motor.set_xlabel("time (min)")
    if minutes[-1] > _LONG_MIN:
        motor.xaxis.set_major_locator(MultipleLocator(5))
    figure.text(0.07, 0.955, title, fontsize=15, fontweight="bold", color=BLACK)
    figure.text(0.07, 0.93, subtitle, fontsize=10, color=GREY)
    _write_facts(figure.add_subplot(grid[0:2, 1]), trace)
    figure.savefig(path)


def _draw_band(axes: Axes, trace: SessionTrace) -> None:
    """Draw states as a band, presses as marks above it."""
    whole = trace["t_ms"][-1] / 60_000
    for name, first_ms, last_ms in trace.spans():
        start, end = first_ms / 60_000, last_ms / 60_000
        axes.axvspan(start, end, color=STATE_COLOURS[name], linewidth=0)
        if end - start > _MIN_BAND_SHARE * whole:
            axes.text(
                (start + end) / 2, 0.5, name, ha="center", va="center", fontsize=9, color=BLACK
            )
    ends = [0.0, 0.0]  # where the last label of each line is, as a share of the width
    for minute, label in _press_labels(trace):
        at = minute / whole
        line = 1 if ends[0] and at - ends[0] < _LABEL_SHARE else 0
        ends[line] = at
        axes.annotate(
            label,
            (minute, 1.0),
            xytext=(0, 9 + 11 * line),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=9,
            color=BLACK,
            annotation_clip=False,
        )
    marks = [ms / 60_000 for ms, _ in trace.presses()]
    axes.plot(marks, [1.14] * len(marks), "v", color=BLACK, markersize=5, clip_on=False)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.set_ylabel("state", rotation=0, ha="right", va="center")
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(bottom=False)


def _press_labels(trace: SessionTrace) -> Iterator[tuple[float, str]]:
    """Yield (minute, text): presses of one button close together are one label, "heat ×2"."""
    groups: list[tuple[str, list[float]]] = []
    for ms, button in trace.presses():
        minute = ms / 60_000
        if groups and groups[-1][0] == button and minute - groups[-1][1][-1] < _GROUP_S / 60:
            groups[-1][1].append(minute)
        else:
            groups.append((button, [minute]))
    for button, at in groups:
        times = f" ×{len(at)}" if len(at) > 1 else ""
        yield sum(at) / len(at), button + times


def _draw_temperatures(axes: Axes, minutes: list[float], trace: SessionTrace) -> None:
    def celsius(name: str) -> list[float]:
        return [mc / 1000 if mc else float("nan") for mc in trace[name]]

    axes.axhline(_TEMP_LIMIT_C, color=BLACK, linewidth=0.9, linestyle=(0, (1, 2)))
    axes.text(
        minutes[-1],
        _TEMP_LIMIT_C - 0.35,
        "no heat from 45 °C on ",
        fontsize=8,
        color=BLACK,
        ha="right",
        va="top",
    )
    lines: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("fw_pad_a_mc", "sensor A, as read", {"color": ORANGE, "linewidth": 3.0, "alpha": 0.5}),
        ("fw_pad_b_mc", "sensor B, as read", {"color": SKY, "linewidth": 1.0}),
        ("pad_mc", "pad, where it touches", {"color": VERMILLION, "linewidth": 1.9}),
        ("skin_mc", "skin", {"color": PURPLE, "linewidth": 1.6}),
        ("fw_heat_set_mc", "set", {"color": BLACK, "linewidth": 1.1, "linestyle": (0, (4, 2))}),
    )
    for name, label, style in lines:
        axes.plot(minutes, celsius(name), label=label, **style)
    axes.set_ylim(None, 47)
    axes.set_ylabel("temperature (°C)")
    axes.legend(loc="lower right", ncols=5, handlelength=1.6, columnspacing=1.3)


def _draw_chambers(all_axes: list[Axes], minutes: list[float], trace: SessionTrace) -> None:
    """Draw one panel a chamber, the knee on top as on the leg."""
    top = _pressure_top(trace)
    sets = [pa / PA_PER_MMHG if pa else float("nan") for pa in trace["fw_pressure_set_pa"]]
    for axes, (place, colour, name) in zip(all_axes, _chambers(trace), strict=True):
        pressures = [pa / PA_PER_MMHG for pa in trace[name]]
        axes.fill_between(minutes, pressures, color=colour, alpha=0.85, linewidth=0)
        axes.plot(minutes, sets, color=BLACK, linewidth=0.9, linestyle=(0, (4, 2)))
        axes.set_ylim(0, top)
        axes.yaxis.set_major_locator(MultipleLocator(20))
        axes.text(
            0.006,
            0.95,
            place,
            transform=axes.transAxes,
            va="top",
            fontsize=9,
            fontweight="bold",
            color=BLACK,
        )
    all_axes[len(all_axes) // 2].set_ylabel("chamber pressure (mmHg)")


def _draw_close_up(all_axes: list[Axes], trace: SessionTrace) -> None:
    """Draw one squeeze from pump start to pump start, in seconds."""
    first, last = _one_cycle(trace)
    zero_ms = trace["t_ms"][first] + round(_ZOOM_LEAD_S * 1000)
    seconds = [(ms - zero_ms) / 1000 for ms in trace["t_ms"][first:last]]
    pumping = [duty > 0 for duty in trace["pump_duty_permille"][first:last]]
    top = _pressure_top(trace)
    for number, (axes, (_, colour, name)) in enumerate(
        zip(all_axes, _chambers(trace), strict=True)
    ):
        pressures = [pa / PA_PER_MMHG for pa in trace[name][first:last]]
        axes.fill_between(
            seconds, 0, top, where=pumping, color=PALE, alpha=0.35, linewidth=0, step="post"
        )
        axes.fill_between(seconds, pressures, color=colour, alpha=0.35, linewidth=0)
        axes.plot(seconds, pressures, color=colour, linewidth=1.6)
        axes.set_ylim(0, top)
        axes.set_xlim(seconds[0], seconds[-1])
        axes.yaxis.set_major_locator(MultipleLocator(20))
        axes.tick_params(labelleft=False, labelbottom=number == len(all_axes) - 1)
    all_axes[0].set_title("one squeeze (pump on: grey)", fontsize=9, pad=4, color=BLACK)
    all_axes[-1].set_xlabel("time (s)")


def _draw_motor(axes: Axes, minutes: list[float], trace: SessionTrace) -> None:
    axes.plot(minutes, trace["motor_rpm"], color=GREEN, linewidth=1.3)
    axes.set_ylim(0, max(1_200, *trace["motor_rpm"]) * 1.15)
    axes.set_ylabel("motor (rpm)")


def _write_facts(axes: Axes, trace: SessionTrace) -> None:
    """Print the figures of the run."""
    axes.axis("off")
    figures = trace.figures()
    rows = (
        ("session", f"{figures['minutes']} min"),
        ("pad, peak", f"{figures['pad_peak_c']:.1f} °C"),
        ("pad, mean", f"{figures['pad_mean_c'] or 0:.1f} °C"),
        ("squeezes", f"{figures['cycles']}"),
        ("pressure, peak", f"{figures['pressure_peak_mmhg']:.0f} mmHg"),
        ("motor, mean", f"{figures['motor_mean_rpm']} rpm"),
        ("faults", _shortened(figures["faults"])),
        ("at the end", figures["state"].lower()),
    )
    for number, (name, value) in enumerate(rows):
        colour = VERMILLION if name == "faults" and figures["faults"] else BLACK
        y = 0.97 - number * 0.105
        axes.text(0.06, y, name, fontsize=10, color=GREY, va="top")
        axes.text(0.98, y, value, fontsize=10.5, color=colour, va="top", ha="right")


def _shortened(names: list[str]) -> str:
    """Return the first of the names and how many more there are, or "none"."""
    more = f" + {len(names) - 1}" if len(names) > 1 else ""
    return names[0] + more if names else "none"


def _one_cycle(trace: SessionTrace) -> tuple[int, int]:
    """Return first and last row of a cycle in mid-session, or of everything if there is none."""
    pump = trace["pump_duty_permille"]
    step_ms = max(1, trace["t_ms"][1] - trace["t_ms"][0])
    long = round(_FILL_LEAST_S * 1000 / step_ms)  # the line check's strokes are shorter
    starts = [
        index
        for index in range(1, len(pump))
        if not pump[index - 1]
        and all(pump[index : index + long])
        and trace["chamber_max_pa"][index] < 1_000
    ]
    after = [index for index in starts if index >= _ZOOM_AT * len(pump)] or starts[-2:]
    if not after:
        return 0, len(pump)
    lead = round(_ZOOM_LEAD_S * 1000 / step_ms)
    longest = after[0] + round(_ZOOM_MAX_S * 1000 / step_ms)
    end = after[1] if len(after) > 1 else len(pump)
    return max(0, after[0] - lead), min(end, longest, len(pump))


def _chambers(trace: SessionTrace) -> list[tuple[str, str, str]]:
    """Return (place on the leg, colour, column), the uppermost first."""
    places = PLACES.get(len(trace.chambers), trace.chambers)
    return list(zip(places, CHAMBER_COLOURS, trace.chambers, strict=False))[::-1]


def _pressure_top(trace: SessionTrace) -> float:
    return max(40.0, max(trace["chamber_max_pa"]) / PA_PER_MMHG * 1.15)
