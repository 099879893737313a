"""Every fault in every program, at random moments, on random massagers: does it end safe?

The whole firmware on the virtual board, one process a run. A run is safe where the pad's
face never passes 48 °C, and where everything is off, vented and at rest 10 s after a trip,
and at the end, after a person has pressed *power*. A code that the broken part does not explain
is looked for in the same session without the fault: only what shows there, too, is the
massager's own. `--keep FILE` remembers every run, so
that a campaign that was stopped goes on where it was; `--dask ADDRESS` spreads the runs
over a cluster.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from massager_tools.boards import load_board
from massager_tools.core import core, programs
from massager_tools.measure import campaign
from massager_tools.measure.fault_cases import (
    BEYOND,
    BOARD,
    Case,
    Outcome,
    draw,
    errors,
    family,
    names,
    spend,
)
from massager_tools.measure.report import Bar, Figure, Options, Report
from massager_tools.virtual.wiring import chamber_count

_STATES = (*core("safety.supervisor").STATE_NAMES, "failed, off")
DOUBLES = 60
_QUICK_SHARE = 40


def measure(options: Options) -> Report:
    """Run the campaign; see the module."""
    chosen = cases(options.seed)
    if options.quick:
        chosen = random.Random(options.seed).sample(chosen, len(chosen) // _QUICK_SHARE)
    started_s = time.monotonic()
    outcomes, fresh = campaign.run(chosen, spend, Outcome, options)
    return report(outcomes, fresh, time.monotonic() - started_s)


def cases(seed: int) -> list[Case]:
    """Every single fault in every program, an error in every file in every program, pairs."""
    every = names(chamber_count(load_board(BOARD)))
    dice = random.Random(seed)
    singles = [draw((name,), program, seed) for name in every for program in programs()]
    for places in errors().values():
        singles += [draw((dice.choice(places),), program, seed) for program in programs()]
        every.append(dice.choice(places))
    doubles = [
        draw(tuple(dice.sample(every, 2)), dice.choice(list(programs())), seed + number)
        for number in range(DOUBLES)
    ]
    return singles + doubles


def report(outcomes: Sequence[Outcome], fresh: int, took_s: float) -> Report:
    """The matrix, fault by fault, and what went wrong."""
    wrong = sorted((one for one in outcomes if one.wrong), key=lambda one: one.key)
    unsafe = [one for one in wrong if not set(one.faults) & set(BEYOND)]
    singles = [one for one in unsafe if len(one.faults) == 1]
    puzzling = [one for one in outcomes if one.unexplained]
    detected = [one.detected_s for one in outcomes if one.detected_s is not None]
    values: dict[str, int | float] = {
        "runs": len(outcomes),
        "faults": len({one.faults for one in outcomes if len(one.faults) == 1}),
        "pairs": sum(len(one.faults) > 1 for one in outcomes),
        "unnoticed_and_harmless": sum(
            one.detected_s is None and not one.wrong for one in outcomes
        ),
        "unsafe": len(unsafe),
        "beyond_any_program": len(wrong) - len(unsafe),
        "codes_of_the_massager_itself": sum(bool(one.own) for one in outcomes),
        "codes_unexplained": len(puzzling),
    }
    if fresh:
        values["runs_now"] = fresh
        values["seconds_a_run"] = round(took_s / fresh, 2)
        values["cores"] = os.cpu_count() or 1
    figures = {
        "peak of the pad": Figure.of([one.peak_pad_c for one in outcomes], "°C"),
        "peak of a chamber": Figure.of([one.peak_mmhg for one in outcomes], "mmHg"),
        "driven after a trip": Figure.of([one.energised_s for one in outcomes], "s"),
    }
    if detected:
        figures["detected after"] = Figure.of(detected, "s")
    notes = [f"unsafe: {one.key}: {one.wrong} (code {one.code})" for one in unsafe]
    notes += [f"unexplained: {one.key}: {_labels(one.unexplained)}" for one in puzzling]
    for fault, why in BEYOND.items():
        after = {one.wrong for one in wrong if fault in one.faults}
        notes += [f"beyond any program: {fault}: {why} ({one})" for one in sorted(after)]

    def draw(path: Path) -> None:
        from massager_tools.measure.fault_plot import draw_faults

        draw_faults(outcomes, path)

    return Report(
        name="faults",
        values=values,
        figures=figures,
        bars=(
            Bar("single faults that ended unsafe", len(singles), 0, "at most"),
            Bar("pairs that ended unsafe", len(unsafe) - len(singles), 0, "at most"),
            Bar("runs with a code that nothing explains", len(puzzling), 0, "at most"),
        ),
        notes=tuple(notes),
        rows=tuple(matrix(outcomes)),
        draw=draw,
    )


def by_family(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """The runs with a single fault, by the family of that fault."""
    found: dict[str, list[Outcome]] = {}
    for one in outcomes:
        if len(one.faults) == 1:
            found.setdefault(family(one.faults[0]), []).append(one)
    return dict(sorted(found.items()))


def matrix(outcomes: Sequence[Outcome]) -> Iterator[dict[str, Any]]:
    """A line for every family of single faults, over all its runs."""
    for fault, runs in by_family(outcomes).items():
        seen = [one.detected_s for one in runs if one.detected_s is not None]
        codes = Counter(one.code for one in runs if one.codes)
        states = Counter(_STATES[one.state] for one in runs if one.state >= 0)
        yield {
            "fault": fault,
            "runs": len(runs),
            "noticed": len(seen),
            "after s": f"{median(seen):.1f}" if seen else "–",
            "code": _labels(code for code, _ in codes.most_common()) or "–",
            "ends in": " ".join(name for name, _ in states.most_common()),
            "pad °C": round(max(one.peak_pad_c for one in runs), 1),
            "mmHg": max(one.peak_mmhg for one in runs),
            "driven after s": max(one.energised_s for one in runs),
            "unsafe": sum(bool(one.wrong) for one in runs),
        }


def _labels(codes: Iterable[int]) -> str:
    return " ".join(f"E{code:02}" for code in codes)
