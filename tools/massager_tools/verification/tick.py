"""Cost of one tick on MicroPython, in the evening program.

First the whole firmware runs on the virtual board, and what its controller is given is
written down, tick by tick. Then the controller alone is fed with that, in an interpreter
of its own with the real clock. Each tick is timed several times over and its median
counts: a machine busy with something else would have to hit the same tick in most
repeats to show. The estimate for the ESP32 scales by a reference measured in between.

Boards with fewer parts, and what else the loop does in a tick, are rows of their own.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from massager_tools.boards import load_board
from massager_tools.errors import Failure
from massager_tools.sim import host
from massager_tools.verification.report import Criterion, Distribution, Number, Options, Report
from massager_tools.verification.tick_runs import (
    BLACKBOX,
    PINS,
    REPEATS,
    TELEMETRY,
    Probe,
    record,
    replay,
)

REFERENCE_ON_ESP32_US = 14.0  # a method call with six small-integer operations, 240 MHz
MEAN_LIMIT = 130  # references: 1.8 ms on an ESP32, a fifth of the tick …
WORST_LIMIT = 300  # … and 4.2 ms

BOARD = "esp32_devkitc"
EVENING_MS = 30 * 60_000
_SETTLE_MS = 20_000  # self-test before, vent after
_PART_MS = 5 * 60_000  # of the evening for each other board
_QUICK_SHARE = 10
_SPARE_PIN = 27  # of the pixels, which that board goes without


@dataclass(frozen=True)
class Variant:
    """A board that differs from the reference board, or more of the loop's work."""

    name: str
    without: tuple[str, ...] = ()
    """Roles that it does not have."""
    extra: tuple[str, ...] = ()
    """Outputs on spare pins."""
    parts: tuple[str, ...] = ()
    """For the probe."""


BASE = Variant("3 chambers, tach, pixels")
WHOLE = Variant("whole, with telemetry and leases", parts=(TELEMETRY, PINS))
VARIANTS = (
    BASE,
    Variant("2 chambers", without=("chamber_3",)),
    Variant("4 chambers, no pixels", without=("pixels",), extra=("chamber_4",)),
    Variant("without tach", without=("tach",)),
    Variant("without pixels", without=("pixels",)),
    Variant("with telemetry", parts=(TELEMETRY,)),
    Variant("with telemetry and black box", parts=(TELEMETRY, BLACKBOX)),
    WHOLE,
)
Probes = Mapping[Variant, Probe]


def measure(options: Options) -> Report:
    """Time and memory of a tick; see the module."""
    _require_interpreter()
    probes: dict[Variant, Probe] = {}
    with tempfile.TemporaryDirectory(prefix="massager-tick-") as name:
        recordings: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[Path, int]] = {}
        for number, variant in enumerate(VARIANTS):
            half = _share(options.progress, 2 * number, 2 * len(VARIANTS))
            wiring = (variant.without, variant.extra)
            board = board_of(variant)
            if wiring not in recordings:
                folder = Path(name) / str(number)
                folder.mkdir()
                until_ms = EVENING_MS if variant is BASE else _PART_MS
                until_ms = (until_ms + _SETTLE_MS) // (_QUICK_SHARE if options.quick else 1)
                until_ms = max(until_ms, 2 * _SETTLE_MS)
                recordings[wiring] = record(board, folder, until_ms, options, half), until_ms
            inputs, until_ms = recordings[wiring]
            half = _share(options.progress, 2 * number + 1, 2 * len(VARIANTS))
            probes[variant] = replay(inputs, variant.parts, half)
    return report(probes)


def board_of(variant: Variant) -> dict[str, Any]:
    """Return the reference board, changed."""
    board = load_board(BOARD)
    roles = {role: spec for role, spec in board["roles"].items() if role not in variant.without}
    for role in variant.extra:
        roles[role] = {"pin": _SPARE_PIN, "safe": 0, "accept": "to be timed, never built"}
    return {**board, "roles": roles}


def _require_interpreter() -> None:
    try:
        host.micropython_program()
    except Failure:
        raise Failure(
            "measure tick times MicroPython, which is not installed here; "
            "its wheel is for Linux x86_64 and macOS arm64"
        ) from None


def _share(progress: Callable[[float], None], number: int, count: int) -> Callable[[float], None]:
    return lambda share: progress((number + share) / count)


def report(probes: Probes) -> Report:
    """Return figures and criteria of what the probes measured; `BASE` has to be among them."""
    base = probes[BASE]
    times_us = base.medians_us()
    reference_us = statistics.median(base.reference_us)
    mean_us = statistics.fmean(times_us)
    worst_us = max(times_us)
    rows = [_row(variant, probe) for variant, probe in probes.items()]
    taken = [probe.heap_bytes / probe.ticks for probe in probes.values()]
    locked = sum(probe.locked_ticks for probe in probes.values())
    to_esp32_ms = REFERENCE_ON_ESP32_US / reference_us / 1000
    values: dict[str, Number] = {
        "us_mean": round(mean_us, 3),
        "us_p99": statistics.quantiles(times_us, n=100)[98],
        "us_worst": worst_us,
        "heap_bytes_per_tick": max(taken),
        "ticks": base.ticks,
        "ticks_with_heap_locked": base.locked_ticks,
        "reference_us": round(reference_us, 4),
        "esp32_ms_mean": round(mean_us * to_esp32_ms, 3),
        "esp32_ms_worst": round(worst_us * to_esp32_ms, 3),
    }
    bars = [
        Criterion("mean", rows[0]["mean"], MEAN_LIMIT, "at most", "references"),
        Criterion(
            "worst", max(row["worst"] for row in rows), WORST_LIMIT, "at most", "references"
        ),
        Criterion("heap", max(taken), 0, "at most", "bytes a tick"),
        Criterion(
            "heap locked", locked, sum(probe.ticks for probe in probes.values()), "at least"
        ),
    ]
    figures = {"tick": Distribution.of(times_us, "µs")}

    def draw(path: Path) -> None:
        from massager_tools.verification.tick_plot import draw_ticks

        draw_ticks(times_us, reference_us, MEAN_LIMIT, WORST_LIMIT, path)

    return Report(
        name="tick",
        values=values,
        figures=figures,
        criteria=tuple(bars),
        notes=tuple(_notes(probes.values())),
        draw=draw,
        rows=tuple(rows),
    )


def _row(variant: Variant, probe: Probe) -> dict[str, Any]:
    """Return a variant in references and bytes."""
    times_us = probe.medians_us()
    return {
        "tick": variant.name,
        "mean": round(probe.references(statistics.fmean(times_us)), 1),
        "worst": round(probe.references(max(times_us)), 1),
        "bytes": round(probe.heap_bytes / probe.ticks, 1),
    }


def _notes(probes: Iterable[Probe]) -> list[str]:
    notes = [
        f"times: median of {REPEATS} repeats for each tick, then mean, p99 and worst of those",
        f"ESP32: an estimate, by a reference that takes {REFERENCE_ON_ESP32_US:g} µs there",
        "rows: in references",
    ]
    notes += [
        f"first allocation: {probe.complaint.strip()}" for probe in probes if probe.complaint
    ]
    return notes
