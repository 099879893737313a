"""Every fault in every program, where it can do harm, on random massagers: does it end safe?

The whole firmware on the virtual board, one process a run. From the fault on the plant is
judged, row by row: pad, chambers, and that what the shown code stops is without power in
time; see `fault_judge`. A fault that finds nothing to break is drawn anew at another moment.
A code that the broken part does not explain is looked for in the same session without the
fault: only what shows there, too, is the massager's own. `--keep FILE` remembers every run of
the same firmware, so that a campaign that was stopped goes on where it was; `--dask ADDRESS`
spreads the runs over a cluster.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from massager_tools.firmware_tables import core, programs
from massager_tools.verification import campaign
from massager_tools.verification.fault_cases import (
    BOARDS,
    SITUATIONS,
    Case,
    draw,
    faults_of,
    programs_for,
    run_case,
)
from massager_tools.verification.fault_catalogue import OUT_OF_SCOPE, errors
from massager_tools.verification.fault_judge import Outcome, by_family, stops_something
from massager_tools.verification.report import Criterion, Distribution, Options, Report

_STATES = (*core("safety.supervisor").STATE_NAMES, "failed, off")
COLUMNS = (
    *("fault", "runs", "activated", "noticed", "after s", "code", "ends in"),
    *("pad °C", "mmHg", "J after", "unsafe", "missed"),
)
"""Of `matrix`."""
DOUBLES = 60
DOUBLES_WITH_ERROR = 10
ERRORS_A_FILE = 2
HOTTEST = "warm"
"""The program in which what no program can stop is looked at."""
_QUICK_SHARE = 40


def measure(options: Options) -> Report:
    """Run the campaign; see the module."""
    chosen = cases(options.seed)
    if options.quick:
        chosen = random.Random(options.seed).sample(chosen, len(chosen) // _QUICK_SHARE)
    started_s = time.monotonic()
    outcomes, fresh = campaign.run(chosen, run_case, Outcome, options)
    return report(outcomes, fresh, time.monotonic() - started_s, len(chosen))


def cases(seed: int) -> list[Case]:
    """Return all cases: every single fault in every program that uses its part and in every
    situation, an error in every file, pairs; and what is beyond any program."""
    every = sorted({fault for board in BOARDS for fault in faults_of(board)})
    dice = random.Random(seed)
    singles = []
    for fault in every:
        used_by = programs_for(fault)
        turns = dice.sample(SITUATIONS, len(SITUATIONS))
        for number, situation in enumerate(turns):
            singles.append(draw((fault,), used_by[number % len(used_by)], seed, situation))
    files = list(errors().values())
    for places in files:
        for program in dice.sample(list(programs()), ERRORS_A_FILE):
            singles.append(draw((dice.choice(places),), program, seed, dice.choice(SITUATIONS)))
    pairs = [_pair(dice, every, files, number) for number in range(DOUBLES + DOUBLES_WITH_ERROR)]
    out_of_scope = [one.faults for one in OUT_OF_SCOPE if len(one.faults) > 1]
    return singles + pairs + [draw(faults, HOTTEST, seed) for faults in out_of_scope]


def _pair(
    dice: random.Random, every: Sequence[str], files: Sequence[Sequence[str]], number: int
) -> Case:
    """Return two faults that one board can have; in the last few one is an error."""
    while True:
        faults = dice.sample(every, 2)
        if any(set(faults) <= set(faults_of(board)) for board in BOARDS):
            break
    if number >= DOUBLES:
        faults[1] = dice.choice(dice.choice(files))
    used_by = set(programs_for(faults[0])) & set(programs_for(faults[1]))
    program = dice.choice(sorted(used_by))
    return draw(faults, program, dice.randrange(1 << 30), dice.choice(SITUATIONS))


def report(outcomes: Sequence[Outcome], fresh: int, took_s: float, planned: int) -> Report:
    """Return the matrix by fault, and what went wrong; `planned` runs were to be made."""
    ordered = sorted(outcomes, key=lambda one: one.key)
    unsafe = [one for one in ordered if one.wrong]
    singles = [one for one in unsafe if len(one.faults) == 1]
    puzzling = [one for one in ordered if one.unexplained]
    missed = [one for one in ordered if one.missed]
    false_trips = [one for one in ordered if stops_something(one.own)]
    not_activated = [one for one in ordered if not one.activated]
    detected = [one.detected_s for one in outcomes if one.detected_s is not None]
    values: dict[str, int | float] = {
        "runs": len(outcomes),
        "faults": len({one.faults for one in outcomes if len(one.faults) == 1}),
        "pairs": sum(len(one.faults) > 1 for one in outcomes),
        "unnoticed_and_harmless": sum(
            one.detected_s is None and one.activated and not one.wrong for one in outcomes
        ),
        "never_activated": len(not_activated),
        "unsafe": len(unsafe),
        "out_of_scope": sum(bool(one.out_of_scope) for one in outcomes),
        "codes_of_the_massager_itself": sum(bool(one.own) for one in outcomes),
        "codes_unexplained": len(puzzling),
        "missed": len(missed),
    }
    if fresh:
        values["runs_now"] = fresh
        values["seconds_a_run"] = round(took_s / fresh, 2)
        values["cores"] = os.cpu_count() or 1
    figures = {
        "peak of the pad": Distribution.of([one.peak_pad_c for one in outcomes], "°C"),
        "peak of a chamber": Distribution.of([one.peak_mmhg for one in outcomes], "mmHg"),
    }
    stopped = [one.energy_j for one in outcomes if not one.out_of_scope]
    if stopped:
        figures["energy after the stop"] = Distribution.of(stopped, "J")
    if detected:
        figures["detected after"] = Distribution.of(detected, "s")
    notes = [f"stopped after {len(outcomes)} of {planned} runs"] * (len(outcomes) < planned)
    notes += [f"unsafe: {one.key}: {what}" for one in unsafe for what in one.wrong]
    notes += [f"unexplained: {one.key}: {_labels(one.unexplained)}" for one in puzzling]
    notes += [f"missed: {one.key}: {_labels(one.codes) or 'no code'}" for one in missed]
    notes += [f"false trip: {one.key}: {_labels(one.own)}" for one in false_trips]
    notes += [f"found nothing to break: {one.key}" for one in not_activated]
    for out_of_scope in OUT_OF_SCOPE:
        after = [
            one.out_of_scope for one in ordered if set(out_of_scope.faults) <= set(one.faults)
        ]
        demands = " and ".join(out_of_scope.demands)
        text = f"{' + '.join(out_of_scope.faults)}: {demands}: {out_of_scope.why}"
        notes += [f"beyond any program, {sum(map(bool, after))} runs: {text}"] * any(after)

    def draw(path: Path) -> None:
        from massager_tools.verification.fault_plot import draw_faults

        draw_faults(outcomes, path)

    return Report(
        name="faults",
        values=values,
        figures=figures,
        criteria=(
            Criterion("runs", len(outcomes), planned, "at least"),
            Criterion("single faults that ended unsafe", len(singles), 0, "at most"),
            Criterion("pairs that ended unsafe", len(unsafe) - len(singles), 0, "at most"),
            Criterion("runs with a code that nothing explains", len(puzzling), 0, "at most"),
            Criterion("faults that had to be shown and were not", len(missed), 0, "at most"),
            Criterion("healthy massagers stopped", len(false_trips), 0, "at most"),
        ),
        notes=tuple(notes),
        rows=tuple(matrix(outcomes)),
        draw=draw,
    )


def matrix(outcomes: Sequence[Outcome]) -> Iterator[dict[str, Any]]:
    """Yield a line for every family of single faults, over all its runs."""
    for fault, runs in by_family(outcomes).items():
        seen = [one.detected_s for one in runs if one.detected_s is not None]
        codes = Counter(one.code for one in runs if one.codes)
        states = Counter(_STATES[one.state] for one in runs if one.state >= 0)
        cells = (
            fault,
            len(runs),
            sum(one.activated for one in runs),
            len(seen),
            f"{median(seen):.1f}" if seen else "–",
            _labels(code for code, _ in codes.most_common()) or "–",
            " ".join(name for name, _ in states.most_common()),
            round(max(one.peak_pad_c for one in runs), 1),
            max(one.peak_mmhg for one in runs),
            max(one.energy_j for one in runs),
            sum(bool(one.wrong) for one in runs),
            sum(one.missed for one in runs),
        )
        yield dict(zip(COLUMNS, cells, strict=True))


def _labels(codes: Iterable[int]) -> str:
    return " ".join(f"E{code:02}" for code in codes)
