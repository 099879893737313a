"""Thousands of virtual hours of random presses: what must hold, held, or the press that broke it.

The device is that of monkey_test.py: the real panel, session, supervisor, gate and lights on a
plant of almost nothing. Every run has a seed of its own, so a broken one can be replayed.
"""

import random
from collections import Counter
from dataclasses import dataclass

from massager_tools.verification import campaign
from massager_tools.verification.monkey_test import Broken, MonkeyRun, act_at_random
from massager_tools.verification.report import Criterion, Options, Report

RUNS = 400
HOURS_A_RUN = 5.0
_QUICK_SHARE = 40


@dataclass(frozen=True)
class Case:
    """One run of so many hours under way."""

    seed: int
    hours: float = HOURS_A_RUN

    @property
    def key(self) -> str:
        """Return a key that is the same for the same case, in every run."""
        return f"{self.seed} / {self.hours} h"


@dataclass(frozen=True)
class Outcome:
    """Result of one run; `states` are those entered, each as often as it was."""

    key: str
    seed: int
    hours: float
    presses: int
    states: tuple[tuple[str, int], ...]
    broken: str = ""


def measure(options: Options) -> Report:
    """Run all cases side by side and add them up."""
    count = RUNS // _QUICK_SHARE if options.quick else RUNS
    cases = [Case(options.seed * 1_000_003 + number) for number in range(count)]
    outcomes, _ = campaign.run(cases, run_case, Outcome, options)
    seen: Counter[str] = sum((Counter(dict(one.states)) for one in outcomes), Counter())
    broken = sorted((one for one in outcomes if one.broken), key=lambda one: one.seed)
    missing = {"CHECK", "RUN", "ENDING", "PAUSE", "STOPPING", "OFF", "FAULT"} - set(seen)
    return Report(
        name="panel",
        values={
            "hours": round(sum(one.hours for one in outcomes), 1),
            "presses": sum(one.presses for one in outcomes),
            "sessions": seen["RUN"],
            "stops": seen["STOPPING"],
            "pauses": seen["PAUSE"],
            "faults": seen["FAULT"],
        },
        criteria=(
            Criterion("runs in which something did not hold", len(broken), 0, "at most"),
            Criterion("states never entered", len(missing), 0, "at most"),
        ),
        notes=(
            "hours count only sessions under way or paused; between presses a second is ten "
            "session steps and two whole ticks; sensors, guards and regulators are stand-ins",
            *(f"seed {one.seed}: {one.broken}" for one in broken[:3]),
        ),
    )


def run_case(case: Case) -> Outcome:
    """Return the outcome of one run."""
    dice = random.Random(case.seed)
    run = MonkeyRun(start_ms=dice.randrange(1 << 30))
    broken = ""
    try:
        while run.hours < case.hours:
            act_at_random(run, dice)
    except Broken as error:
        broken = str(error)
    states = tuple(sorted(run.seen.items()))
    return Outcome(case.key, case.seed, run.hours, run.presses, states, broken)
