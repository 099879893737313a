"""Thousands of virtual hours of random presses: what must hold, held, or the press that broke it.

The device is that of monkey_test.py: the real panel, session, supervisor, gate and lights on a
plant of almost nothing. Every night has a seed of its own, so a broken one can be replayed.
"""

import random
from collections import Counter
from dataclasses import dataclass

from massager_tools.verification import campaign
from massager_tools.verification.monkey_test import Broken, Nights, act_at_random
from massager_tools.verification.report import Criterion, Options, Report

NIGHTS = 400
HOURS_A_NIGHT = 5.0
_QUICK_SHARE = 40


@dataclass(frozen=True)
class Case:
    """One night with so many hours under way."""

    seed: int
    hours: float = HOURS_A_NIGHT

    @property
    def key(self) -> str:
        """Return a key that is the same for the same case, in every run."""
        return f"{self.seed} / {self.hours} h"


@dataclass(frozen=True)
class Night:
    """Result of one night; `states` are those entered, each as often as it was."""

    key: str
    seed: int
    hours: float
    presses: int
    states: tuple[tuple[str, int], ...]
    broken: str = ""


def measure(options: Options) -> Report:
    """Run the nights side by side and add them up."""
    count = NIGHTS // _QUICK_SHARE if options.quick else NIGHTS
    cases = [Case(options.seed * 1_000_003 + number) for number in range(count)]
    nights, _ = campaign.run(cases, run_case, Night, options)
    seen: Counter[str] = sum((Counter(dict(night.states)) for night in nights), Counter())
    broken = sorted((night for night in nights if night.broken), key=lambda night: night.seed)
    missing = {"CHECK", "RUN", "ENDING", "PAUSE", "STOPPING", "OFF", "FAULT"} - set(seen)
    return Report(
        name="panel",
        values={
            "hours": round(sum(night.hours for night in nights), 1),
            "presses": sum(night.presses for night in nights),
            "sessions": seen["RUN"],
            "stops": seen["STOPPING"],
            "pauses": seen["PAUSE"],
            "faults": seen["FAULT"],
        },
        criteria=(
            Criterion("nights on which something did not hold", len(broken), 0, "at most"),
            Criterion("states never entered", len(missing), 0, "at most"),
        ),
        notes=(
            "hours count only sessions under way or paused; between presses a second is ten "
            "session steps and two whole ticks; sensors, guards and regulators are stand-ins",
            *(f"seed {night.seed}: {night.broken}" for night in broken[:3]),
        ),
    )


def run_case(case: Case) -> Night:
    """Return what came of one night."""
    dice = random.Random(case.seed)
    nights = Nights(start_ms=dice.randrange(1 << 30))
    broken = ""
    try:
        while nights.hours < case.hours:
            act_at_random(nights, dice)
    except Broken as error:
        broken = str(error)
    states = tuple(sorted(nights.seen.items()))
    return Night(case.key, case.seed, nights.hours, nights.presses, states, broken)
