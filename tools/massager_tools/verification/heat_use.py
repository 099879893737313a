"""Fault-free use of a pad as people live with it: what the guard must not mind."""

import random
from dataclasses import dataclass
from typing import Any

from massager_tools.sim.model import parameters
from massager_tools.verification.heat_bench import STEP_MS, HeatBench, limits, make_pad

_HOUR_STEPS = 3_600_000 // STEP_MS
_MINUTE_STEPS = 60_000 // STEP_MS
_SESSION_MIN = (5, 30)
_REST_MIN = (5, 60)
_CHANGE_MIN = (1, 12)  # between two things that a person does in a session


@dataclass(frozen=True)
class UseHours:
    """What one pad's hours brought."""

    hours: int
    heating_hours: float
    trips: int
    warnings: int


def use_pad(table: parameters.Parameters, hours: int, seed: int) -> UseHours:
    """`hours` of random sessions and rests with the pad of this seed, ten times a second."""
    dice = random.Random(seed)
    bench = HeatBench(make_pad(parameters.draw(seed, table), seed))
    faults = bench.faults
    steps_left = hours * _HOUR_STEPS
    heating = trips = warnings = 0
    warned = 0
    while steps_left > 0:
        for set_mc, steps in _session(dice):
            _fiddle(dice, bench)
            steps = min(steps, steps_left)
            steps_left -= steps
            for _ in range(steps):
                bench.step(set_mc)
                if faults.active != warned:
                    warnings += bool(faults.active & ~faults.latched & ~warned)
                    warned = faults.active
                    if faults.latched:
                        trips += 1
                        faults.clear()
                        warned = 0
                if set_mc is not None:
                    heating += 1
    return UseHours(hours, heating / _HOUR_STEPS, trips, warnings)


def _session(dice: random.Random) -> list[tuple[int | None, int]]:
    """(set-point or None, steps): a session with changes of level, then a rest."""
    left_min = dice.uniform(*_SESSION_MIN)
    parts: list[tuple[int | None, int]] = []
    boost_min = limits.HEAT_BOOST_MS / 60_000
    while left_min > 0:
        set_mc: int | None = dice.choice((*limits.HEAT_LEVELS_MC, limits.HEAT_BOOST_MC, None))
        minutes = min(dice.uniform(*_CHANGE_MIN), left_min)
        left_min -= minutes
        if set_mc == limits.HEAT_BOOST_MC:
            minutes = min(minutes, boost_min)
            boost_min -= minutes
        parts.append((set_mc, round(minutes * _MINUTE_STEPS)))
    parts.append((None, round(dice.uniform(*_REST_MIN) * _MINUTE_STEPS)))
    return parts


def _fiddle(dice: random.Random, bench: Any) -> None:
    """The leg in or out, a blanket on or off, now and then."""
    if dice.random() < 0.3:
        bench.heat.set_leg(not bench.heat.leg_on)
    if dice.random() < 0.3:
        bench.heat.blanket = not bench.heat.blanket
