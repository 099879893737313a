"""`massager measure air`: does the squeeze reach its pressure, no more, and without dawdling?

Every plant runs the wave three times: by the firmware, by the clock as cheap massagers do,
and on/off at the set-point. The other patterns run by the firmware alone, and the squeeze
has to keep its minute. Pressures are those in the chambers, not those the sensor shows.
"""

from __future__ import annotations

import os
import random
import statistics
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from massager_tools.firmware_tables import core
from massager_tools.sim.model import parameters
from massager_tools.sim.model.air import Air
from massager_tools.verification.air_peers import Ideal, OnOff, Peer, Timed
from massager_tools.verification.air_rig import (
    FILL,
    HOLD,
    PA_PER_MMHG,
    PATTERNS,
    TICK_S,
    Rig,
    World,
)
from massager_tools.verification.report import Criterion, Distribution, Options, Report

PLANTS = 200
QUICK_PLANTS = 6

_LEVELS_MMHG = (20.0, 22.5, 25.0, 27.5, 30.0)
_WAVE_S = 300.0  # and on, on slow plants, until …
_WAVE_CYCLES = 3  # … so many cycles are whole
_WAVE_MAX_S = 1_200.0
_OTHERS_S = 200.0
_SQUEEZE_S = 400.0
_WAVE, _RIPPLE, _SQUEEZE, _FOOT_FIRST = range(4)
_ON_TIME_S = 0.5
_MINUTE_S = 60.0
_HOLD_S = 5.0
_REST_S = 4.0  # from release to the next stroke, the same for everybody
_JOIN_S = 0.4  # a chamber that joins is still equalising
_LINES_S = 3.5  # vent and line check that a minute must have room for besides fill and hold
_SECOND_CYCLE = 1  # the first one fills empty chambers and learns


@dataclass
class Seen:
    """What a scheme did on one plant."""

    errors_mmhg: list[float] = field(default_factory=list)  # of each hold
    largest_mmhg: list[float] = field(default_factory=list)  # of each hold, at any moment
    overshoot_mmhg: float = -99.0
    cycles_s: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)  # to the plant's least
    filling_ratios: list[float] = field(default_factory=list)  # the same, less hold and rest
    late_s: list[float] = field(default_factory=list)  # squeeze: off the minute
    can_keep_the_minute: bool = True
    says_so: bool = False
    stops: list[str] = field(default_factory=list)


class Watch:
    """Follows one scheme tick by tick and keeps what the figures need."""

    def __init__(self, air: Air, chambers: int) -> None:
        self.seen = Seen()
        self.holds_s: list[float] = []  # when they began
        self._air = air
        self._chambers = range(chambers)
        self._worst: list[float] = []
        self._phase = self._stage = -1
        self._joined_s = 0.0
        self._ends_s: list[float] = []
        self._s = 0.0

    def tick(self, phase: int, stage: int, mask: int, set_pa: float) -> None:
        """After each tick of the scheme."""
        self._s += TICK_S
        air = self._air
        if (phase, stage) != (self._phase, self._stage):
            if self._phase == HOLD and self._worst:
                self.seen.errors_mmhg.append(abs(sum(self._worst) / len(self._worst)))
                self.seen.largest_mmhg.append(max(map(abs, self._worst)))
            if phase == HOLD:
                self.holds_s.append(self._s)
                self._worst = []
            if phase not in (FILL, HOLD) and self._phase in (FILL, HOLD):
                self._ends_s.append(self._s)
            self._phase, self._stage = phase, stage
            self._joined_s = self._s
        if phase not in (FILL, HOLD) or self._s - self._joined_s < _JOIN_S:
            return
        off_mmhg = [
            (air.chamber_pa[index] - set_pa) / PA_PER_MMHG
            for index in self._chambers
            if mask >> index & 1
        ]
        if off_mmhg:
            self.seen.overshoot_mmhg = max(self.seen.overshoot_mmhg, max(off_mmhg))
            if phase == HOLD:
                self._worst.append(max(off_mmhg, key=abs))

    def finish(self) -> Seen:
        """All there is to know."""
        ends = self._ends_s[_SECOND_CYCLE:]
        self.seen.cycles_s = [later - earlier for earlier, later in pairwise(ends)]
        return self.seen


def _run_rig(rig: Rig, seconds: float) -> tuple[Seen, Watch]:
    patterns = core("air.patterns")
    watch = Watch(rig.air, rig.chambers)
    everything = (1 << rig.chambers) - 1
    sequencer = rig.sequencer
    for count in range(round(_WAVE_MAX_S / TICK_S)):
        if count >= seconds / TICK_S and sequencer.cycles >= _WAVE_CYCLES:
            break
        rig.tick()
        stage = sequencer.cycle.stage
        mask = patterns.stage_mask(rig.setpoints.pattern, stage, everything) & rig.outputs.chambers
        if mask != rig.outputs.chambers:
            mask = 0  # the last chamber hands its air on
        set_pa = patterns.stage_set_pa(rig.setpoints, rig.setpoints.pattern, stage)
        watch.tick(sequencer.phase, stage, mask, set_pa)
    seen = watch.finish()
    names = [name for _, name in rig.events]
    seen.says_so = "MINUTE_MISSED" in names
    faults = core("safety.fault_table")
    harmless = {row[1] for row in faults.AIR if row[2] == faults.STOPS_NOTHING}
    seen.stops = [name for name in names if name not in harmless]
    return seen, watch


def _run_peer(peer: Peer) -> Seen:
    world = peer.world
    watch = Watch(world.air, world.chambers)
    for count in range(round(_WAVE_MAX_S / TICK_S)):
        if count >= _WAVE_S / TICK_S and peer.cycles >= _WAVE_CYCLES:
            break
        peer.tick()
        watch.tick(peer.phase, peer.stage, (2 << peer.stage) - 1, peer.set_pa)
    return watch.finish()


def _rig(seed: int, pattern: int, table: Any) -> Rig:
    dice = random.Random(seed)
    chambers = dice.choice((2, 3, 4))
    set_pa = round(dice.choice(_LEVELS_MMHG) * PA_PER_MMHG)
    rig = Rig(parameters.draw(seed, table), seed, chambers, dice.random() < 0.5)
    rig.setpoints.pattern = pattern
    rig.setpoints.pressure_set_pa = set_pa
    rig.setpoints.gradient_permille = 100
    return rig


def nominal_fill_ticks(set_pa: int, chambers: int, table: Any) -> tuple[int, ...]:
    """What a maker without a sensor would set the timers to: learnt on the nominal plant."""
    peer = OnOff(World(parameters.nominal(table), 0, chambers, False), set_pa)
    ticks = [0] * chambers
    while peer.cycles < 2 + _SECOND_CYCLE:
        peer.tick()
        if peer.phase == FILL and peer.cycles > _SECOND_CYCLE:
            ticks[peer.stage] = peer._ticks + 1
    return tuple(ticks)


def plant(seed: int, table: Any) -> dict[str, Seen]:
    """All schemes and patterns on one plant, by name."""
    found: dict[str, Seen] = {}
    rig = _rig(seed, _WAVE, table)
    chambers, set_pa, has_exhaust = (
        rig.chambers,
        rig.setpoints.pressure_set_pa,
        rig.air.has_exhaust,
    )
    found["wave"], _ = _run_rig(rig, _WAVE_S)

    def world() -> World:
        return World(parameters.draw(seed, table), seed, chambers, has_exhaust)

    fill_ticks = nominal_fill_ticks(set_pa, chambers, table)
    found["timed"] = _run_peer(Timed(world(), set_pa, fill_ticks))
    found["on/off"] = _run_peer(OnOff(world(), set_pa))
    least_s = statistics.median(_run_peer(Ideal(world(), set_pa)).cycles_s)
    for scheme in ("wave", "timed", "on/off"):
        seen = found[scheme]
        seen.ratios = [cycle_s / least_s for cycle_s in seen.cycles_s]
        seen.filling_ratios = [
            (cycle_s - _HOLD_S - _REST_S) / (least_s - _HOLD_S - _REST_S)
            for cycle_s in seen.cycles_s
        ]
    for pattern in (_RIPPLE, _FOOT_FIRST):
        found[PATTERNS[pattern]], _ = _run_rig(_rig(seed, pattern, table), _OTHERS_S)
    rig = _rig(seed, _SQUEEZE, table)
    seen, watch = _run_rig(rig, _SQUEEZE_S)
    signals = core("signals")
    learnt_ms = rig.settings.air_fill_ms[(signals.PATTERNS + _SQUEEZE) * signals.STAGES]
    seen.can_keep_the_minute = learnt_ms / 1000.0 + _HOLD_S + _LINES_S + 2.0 < _MINUTE_S
    first_s = watch.holds_s[0] if watch.holds_s else 0.0
    for began_s in watch.holds_s[1:]:
        away_s = (began_s - first_s) % _MINUTE_S
        seen.late_s.append(min(away_s, _MINUTE_S - away_s))
    found["squeeze"] = seen
    return found


def measure(options: Options) -> Report:
    """Run the campaign; see the module."""
    table = parameters.load(options.plants) if options.plants else parameters.load()
    count = QUICK_PLANTS if options.quick else PLANTS
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        futures = [
            pool.submit(plant, options.seed * 10_000 + number, table) for number in range(count)
        ]
        for done, _ in enumerate(as_completed(futures), 1):
            options.progress(done / count)
        found = [future.result() for future in futures]
    return _report(found, partial(_draw, options.seed, table))


def _all(found: Sequence[Mapping[str, Seen]], schemes: Iterable[str]) -> list[Seen]:
    return [plant[scheme] for plant in found for scheme in schemes]


def _figures(seen: Sequence[Seen], waves: Sequence[Seen]) -> dict[str, Distribution]:
    return {
        "error at hold": Distribution.of([e for one in seen for e in one.errors_mmhg], "mmHg"),
        "largest error in a hold": Distribution.of(
            [e for one in seen for e in one.largest_mmhg], "mmHg"
        ),
        "overshoot": Distribution.of([one.overshoot_mmhg for one in seen], "mmHg"),
        "cycle time / least": Distribution.of([r for one in waves for r in one.ratios], "1"),
        "time to fill / least": Distribution.of(
            [r for one in waves for r in one.filling_ratios], "1"
        ),
        "cycles an hour": Distribution.of(
            [3600.0 / cycle_s for one in waves for cycle_s in one.cycles_s], "1/h", bad="low"
        ),
    }


def _report(found: Sequence[Mapping[str, Seen]], draw: Any) -> Report:
    waves = _all(found, ["wave"])
    figures = _figures(_all(found, PATTERNS), waves)
    squeezes = _all(found, ["squeeze"])
    able = [one for one in squeezes if one.can_keep_the_minute]
    on_time = [late for one in able for late in one.late_s]
    if on_time:
        figures["squeeze off the minute"] = Distribution.of(on_time, "s")
    peers = {
        name: _figures(_all(found, [name]), _all(found, [name])) for name in ("timed", "on/off")
    }
    stops = [name for one in _all(found, PATTERNS) for name in one.stops]
    silent = sum(not one.says_so and max(one.late_s, default=0.0) > _ON_TIME_S for one in squeezes)
    return Report(
        name="air",
        values={
            "plants": len(found),
            "plants whose pump can keep the minute": len(able),
            "that missed it and did not say so": silent,
            "false stops": len(stops),
        },
        figures=figures,
        baselines=peers,
        criteria=(
            Criterion(
                "cycle time / least, median", figures["cycle time / least"].p50, 1.25, "at most"
            ),
            Criterion("error at hold, p95", figures["error at hold"].p95, 2.0, "at most", "mmHg"),
            Criterion("overshoot, worst", figures["overshoot"].worst, 3.0, "at most", "mmHg"),
            Criterion(
                "squeeze off the minute, worst", max(on_time, default=99.0), 0.5, "at most", "s"
            ),
            Criterion("missed the minute and silent", silent, 0, "at most"),
            Criterion("false stops", len(stops), 0, "at most"),
        ),
        notes=(
            "error: mean over a hold of the chamber farthest off, sensor errors included; the "
            "largest is at any moment of the hold; "
            "firmware: all four patterns, peers: the wave",
            "least cycle: the same plant with the pump flat out, ideal valves (at once, and no "
            "resistance on the way in), the true pressures known and nothing to prove; hold 5 s "
            "and rest 4 s are the program's and the same for all",
            *([f"stops: {', '.join(sorted(set(stops)))}"] if stops else []),
        ),
        draw=draw,
    )


def _draw(seed: int, table: Any, path: Path) -> None:
    from massager_tools.verification.air_plot import draw_wave

    rig = _rig(seed * 10_000, _WAVE, table)
    set_pa, chambers = rig.setpoints.pressure_set_pa, rig.chambers
    world = World(rig.parameters, seed * 10_000, chambers, rig.air.has_exhaust)
    fill_ticks = nominal_fill_ticks(set_pa, chambers, table)
    timed = Timed(world, set_pa, fill_ticks)
    other = World(rig.parameters, seed * 10_000, chambers, rig.air.has_exhaust)
    draw_wave(rig, {"on/off": OnOff(other, set_pa), "timed": timed}, path)
