"""Thousands of virtual hours of random presses: what must hold, held, or the press that broke it.

The device is that of monkey_test.py: the real panel, session, supervisor, gate and lights on a
plant of almost nothing. Every night has a seed of its own, so a broken one can be replayed.
"""

import os
import random
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field

from massager_tools.verification.monkey_test import Broken, Nights, act_at_random
from massager_tools.verification.report import Criterion, Options, Report

NIGHTS = 400
HOURS_A_NIGHT = 5.0
_QUICK_SHARE = 40


@dataclass
class Night:
    """What came of one night."""

    seed: int
    hours: float = 0.0
    presses: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    broken: str = ""


def measure(options: Options) -> Report:
    """Run the nights side by side and add them up."""
    count = NIGHTS // _QUICK_SHARE if options.quick else NIGHTS
    seeds = [options.seed * 1_000_003 + number for number in range(count)]
    nights = []
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for done in as_completed([pool.submit(run_case, seed) for seed in seeds]):
            nights.append(done.result())
            options.progress(len(nights) / count)
    seen: Counter[str] = sum((night.seen for night in nights), Counter())
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


def run_case(seed: int, hours: float = HOURS_A_NIGHT) -> Night:
    """One night of so many hours under way."""
    dice = random.Random(seed)
    nights = Nights(start_ms=dice.randrange(1 << 30))
    night = Night(seed)
    try:
        while nights.hours < hours:
            act_at_random(nights, dice)
    except Broken as error:
        night.broken = str(error)
    night.hours = nights.hours
    night.presses = nights.presses
    night.seen = nights.seen
    return night
