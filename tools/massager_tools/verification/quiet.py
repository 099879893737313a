"""Loudness of the air and rise of the pressure, on random plants, beside on/off.

Sound is that of the model in sim/model/loudness.py: it compares controls, and says nothing of
a real room. All schemes run a wave with the same set pressure, hold and rest.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from massager_tools.sim.model import parameters
from massager_tools.sim.model.air import Air
from massager_tools.sim.model.loudness import Loudness
from massager_tools.units import PA_PER_MMHG
from massager_tools.verification import air, builds
from massager_tools.verification.harness import TICK_S
from massager_tools.verification.report import Criterion, Distribution, Options, Report

PLANTS = 40
_QUICK_SHARE = 8
_SEED_SPREAD = 100_003
_LEARN_CYCLES = 3  # by day, before anything is counted
_CYCLES = 4
_MAX_S = 900.0
_FADE_MIN, _EVENING_MIN = 4, 30  # the programs' quiet part and length
_SET_PA = 3_333
_RISE_TICKS = 50  # a rise is the mean over half a second

MEAN_DB = "louder than on/off, mean"
PEAK_DB = "louder than on/off, loudest moment"
CYCLES = "cycles an hour / those of on/off"
SESSION = "squeezes of a session with a quiet end / by day"
RISE = "fastest rise on the leg"
FALL = "fastest fall on the leg"


@dataclass(frozen=True)
class Sound:
    """One scheme on one plant: levels in dB, rates in mmHg/s."""

    mean_db: float
    peak_db: float
    cycles_h: float
    rise: float
    fall: float
    stops: int = 0  # faults that stopped something


class Listener:
    """Follow sound and pressures of one plant, tick by tick."""

    def __init__(self, model: Air) -> None:
        self.loudness = Loudness()
        self._air = model
        self._past: list[list[float]] = []
        self._rise_pa = 0.0
        self._fall_pa = 0.0

    def tick(self) -> None:
        """Take the state after one tick of 10 ms."""
        model = self._air
        self.loudness.step(model.pump_speed, [*model.chamber_on, model.exhaust_on])
        self._past.append(list(model.chamber_pa))
        if len(self._past) > _RISE_TICKS:
            before = self._past.pop(0)
            for now_pa, before_pa in zip(model.chamber_pa, before, strict=True):
                self._rise_pa = max(self._rise_pa, now_pa - before_pa)
                self._fall_pa = max(self._fall_pa, before_pa - now_pa)

    def sound(self, cycles: int) -> Sound:
        """Return the figures; `cycles` were completed meanwhile."""
        per_s = 1.0 / (PA_PER_MMHG * _RISE_TICKS * TICK_S)
        loudness = self.loudness
        return Sound(
            loudness.mean_db,
            loudness.peak_db,
            cycles * 3600.0 / (max(1, loudness.steps) * TICK_S),
            self._rise_pa * per_s,
            self._fall_pa * per_s,
        )


def _record(tick: Callable[[], None], cycles: Callable[[], int], model: Air) -> Sound:
    """Return the figures of the next cycles; a cycle ends with its release."""
    listener = Listener(model)
    first = cycles()
    for _ in range(round(_MAX_S / TICK_S)):
        tick()
        listener.tick()
        if cycles() >= first + _CYCLES:
            break
    return listener.sound(cycles() - first)


def _until(tick: Callable[[], None], cycles: Callable[[], int], count: int) -> None:
    for _ in range(round(_MAX_S / TICK_S)):
        if cycles() >= count:
            return
        tick()


def run_plant(seed: int, table: Any) -> dict[str, Sound]:
    """Return what the firmware by day and by night and on/off do on one plant."""
    dice = random.Random(seed)
    chambers = dice.choice((2, 3, 4))
    build = builds.with_chambers(chambers, dice.random() < 0.5)
    drawn = parameters.draw(seed, table)
    found = {}
    for name, is_quiet in (("day", False), ("night", True)):
        massager = air.device(air.Case(seed, "wave", drawn, build, chambers, _SET_PA))
        sequencer = massager.controller.regulators.air
        completed = partial(getattr, sequencer, "cycles")
        _until(massager.tick, completed, _LEARN_CYCLES)
        massager.controller.setpoints.pin(quiet=is_quiet)
        sound = _record(massager.tick, completed, massager.plant.air)
        found[name] = replace(sound, stops=sum(stops for _, _, stops in massager.events))
    scheme = air.baseline(air.Case(seed, air.ON_OFF, drawn, build, chambers, _SET_PA))
    completed = partial(getattr, scheme, "cycles")
    _until(scheme.tick, completed, 1)
    found["on/off"] = _record(scheme.tick, completed, scheme.world.air)
    return found


def measure(options: Options) -> Report:
    """Run `massager measure quiet`."""
    table = parameters.load(options.plants) if options.plants else parameters.load()
    count = PLANTS // _QUICK_SHARE if options.quick else PLANTS
    runs = []
    for number in range(count):
        runs.append(run_plant(options.seed * _SEED_SPREAD + number, table))
        options.progress((number + 1) / count)
    return report(runs)


def report(runs: list[dict[str, Sound]]) -> Report:
    """Compare every scheme with on/off on the same plant."""
    of = partial(_figures, runs)
    night = of("night")
    return Report(
        "quiet",
        figures=night,
        baselines={"this by day": of("day"), "on/off": of("on/off")},
        values={"plants": len(runs)},
        criteria=(
            Criterion(f"{MEAN_DB}, median", night[MEAN_DB].p50, -6.0, "at most", "dB"),
            Criterion(f"{PEAK_DB}, median", night[PEAK_DB].p50, -3.0, "at most", "dB"),
            Criterion(f"{SESSION}, p95", night[SESSION].p95, 0.95, "at least"),
            Criterion("false stops", sum(run["night"].stops for run in runs), 0, "at most"),
            Criterion(f"{RISE}, worst", night[RISE].worst, 8.0, "at most", "mmHg/s"),
        ),
        notes=(
            "sound by a model: 60 dB of the pump at full speed, 30 dB a decade of speed, 50 dB a "
            "click; it compares controls and says nothing of a real room",
            "a wave at 25 mmHg, hold 5 s, rest 4 s, fills learnt before; rates are means over "
            "half a second; a session is 30 min with 4 min of night at its end",
        ),
    )


def _figures(runs: list[dict[str, Sound]], scheme: str) -> dict[str, Distribution]:
    pairs = [(run[scheme], run["on/off"]) for run in runs]
    shares = [run[scheme].cycles_h / max(0.1, run["day"].cycles_h) for run in runs]
    return {
        MEAN_DB: Distribution.of([one.mean_db - other.mean_db for one, other in pairs], "dB"),
        PEAK_DB: Distribution.of([one.peak_db - other.peak_db for one, other in pairs], "dB"),
        CYCLES: Distribution.of(
            [one.cycles_h / max(0.1, other.cycles_h) for one, other in pairs], "1", bad="low"
        ),
        SESSION: Distribution.of(
            [1.0 - (1.0 - share) * _FADE_MIN / _EVENING_MIN for share in shares], "1", bad="low"
        ),
        RISE: Distribution.of([one.rise for one, _ in pairs], "mmHg/s"),
        FALL: Distribution.of([one.fall for one, _ in pairs], "mmHg/s"),
    }
