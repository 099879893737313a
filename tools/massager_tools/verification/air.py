"""`massager measure air`: does the squeeze reach its pressure, no more, and without dawdling?

Every plant runs the wave by the firmware, by the clock as cheap massagers do, and on/off at
the set-point. The other patterns run by the firmware alone, and the squeeze has to keep its
minute. Pressures are those in the chambers, not those the sensor shows.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from massager_tools.firmware_tables import core
from massager_tools.sim.model.air import Air
from massager_tools.units import PA_PER_MMHG
from massager_tools.verification.air_baselines import (
    FILL,
    HOLD,
    Baseline,
    Ideal,
    OnOff,
    Timed,
    World,
)
from massager_tools.verification.harness import (
    STUDY_PROGRAM,
    TICK_S,
    Build,
    Device,
    PinnedSetpoints,
    checksum,
    fault_table,
)
from massager_tools.verification.report import Criterion, Distribution, Options, Report

PLANTS = 200
QUICK_PLANTS = 3
PATTERNS = ("wave", "ripple", "squeeze", "foot_first")
TIMED, ON_OFF, IDEAL = "timed", "on/off", "ideal"
BASELINES = (TIMED, ON_OFF)
LEVELS_MMHG = (20.0, 22.5, 25.0, 27.5, 30.0)

_WAVE_S = 300.0  # and on, on slow plants, until …
_WAVE_CYCLES = 3  # … so many cycles are whole
_WAVE_MAX_S = 1_200.0
_OTHERS_S = 200.0
_SQUEEZE_S = 400.0
_ON_TIME_S = 0.5
_MINUTE_S = 60.0
_HOLD_S = 5.0
_REST_S = 4.0  # from release to the next stroke, the same for everybody
_JOIN_S = 0.4  # a chamber that joins is still equalising
_LINES_S = 3.5  # vent and line check that a minute must have room for besides fill and hold
_SECOND_CYCLE = 1  # the first one fills empty chambers and learns
_NEVER_MMHG = -99.0


@dataclass(frozen=True)
class Case:
    """One scheme on one plant; `fill_ticks` are the timers of the scheme without a sensor."""

    seed: int
    scheme: str
    parameters: Mapping[str, Any]
    build: Build
    chambers: int
    set_pa: int
    fill_ticks: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """Return a key that is the same for the same case, in every run."""
        return f"{self.seed} {self.scheme} {checksum(self.parameters)}"


@dataclass(frozen=True)
class Outcome:
    """Result of a scheme on one plant; errors of each hold, in mmHg."""

    key: str
    seed: int
    scheme: str
    errors_mmhg: tuple[float, ...] = ()
    largest_mmhg: tuple[float, ...] = ()
    overshoot_mmhg: float = _NEVER_MMHG
    cycles_s: tuple[float, ...] = ()
    late_s: tuple[float, ...] = ()  # squeeze: off the minute
    can_keep_the_minute: bool = True
    says_so: bool = False
    stops: tuple[str, ...] = ()


@dataclass
class Watch:
    """Follow one scheme tick by tick and record what the figures need."""

    air: Air
    chambers: int
    holds_s: list[float] = field(default_factory=list)  # when they began
    errors_mmhg: list[float] = field(default_factory=list)
    largest_mmhg: list[float] = field(default_factory=list)
    overshoot_mmhg: float = _NEVER_MMHG
    _worst: list[float] = field(default_factory=list)
    _at: tuple[int, int] = (-1, -1)
    _joined_s: float = 0.0
    _ends_s: list[float] = field(default_factory=list)
    _s: float = 0.0

    def tick(self, phase: int, stage: int, mask: int, set_pa: float) -> None:
        """Look at the plant after each tick of the scheme; phases are those of baselines."""
        self._s += TICK_S
        if (phase, stage) != self._at:
            was = self._at[0]
            if was == HOLD and self._worst:
                self.errors_mmhg.append(abs(statistics.fmean(self._worst)))
                self.largest_mmhg.append(max(map(abs, self._worst)))
            if phase == HOLD:
                self.holds_s.append(self._s)
                self._worst = []
            if phase not in (FILL, HOLD) and was in (FILL, HOLD):
                self._ends_s.append(self._s)
            self._at = phase, stage
            self._joined_s = self._s
        if phase not in (FILL, HOLD) or self._s - self._joined_s < _JOIN_S:
            return
        off_mmhg = [
            (self.air.chamber_pa[index] - set_pa) / PA_PER_MMHG
            for index in range(self.chambers)
            if mask >> index & 1
        ]
        if off_mmhg:
            self.overshoot_mmhg = max(self.overshoot_mmhg, max(off_mmhg))
            if phase == HOLD:
                self._worst.append(max(off_mmhg, key=abs))

    def figures(self) -> dict[str, Any]:
        """Return the fields of an outcome."""
        ends = self._ends_s[_SECOND_CYCLE:]
        return {
            "errors_mmhg": tuple(self.errors_mmhg),
            "largest_mmhg": tuple(self.largest_mmhg),
            "overshoot_mmhg": self.overshoot_mmhg,
            "cycles_s": tuple(ends[at] - ends[at - 1] for at in range(1, len(ends))),
        }


def device(case: Case) -> Device:
    """Return a massager under way, whose setpoints ask for the air of this case."""
    setpoints = PinnedSetpoints()
    setpoints.pin(
        pattern=PATTERNS.index(case.scheme),
        pressure_set_pa=case.set_pa,
        gradient_permille=100,
    )
    made = Device(case.parameters, case.build.with_program(STUDY_PROGRAM), case.seed, setpoints)
    made.start()
    setpoints.pin(air_on=True)
    return made


def run_case(case: Case) -> Outcome:
    """Run one scheme on one plant."""
    if case.scheme in PATTERNS:
        return _run_firmware(case)
    scheme = baseline(case)
    watch = Watch(scheme.world.air, case.chambers)
    for count in range(round(_WAVE_MAX_S / TICK_S)):
        if count >= _WAVE_S / TICK_S and scheme.cycles >= _WAVE_CYCLES:
            break
        scheme.tick()
        watch.tick(scheme.phase, scheme.stage, (2 << scheme.stage) - 1, scheme.set_pa)
    return Outcome(case.key, case.seed, case.scheme, **watch.figures())


def baseline(case: Case) -> Baseline:
    """Return the scheme of a case that is not the firmware's."""
    world = World(case.parameters, case.build, case.chambers, case.seed)
    if case.scheme == TIMED:
        return Timed(world, case.set_pa, case.fill_ticks)
    return (OnOff if case.scheme == ON_OFF else Ideal)(world, case.set_pa)


def _run_firmware(case: Case) -> Outcome:
    massager = device(case)
    patterns = core("air.patterns")
    sequencer = massager.controller.regulators.air
    pattern = massager.controller.setpoints.pattern
    phases = {core("air.inflation").FILL: FILL, core("air.cycle").HOLD: HOLD}
    watch = Watch(massager.plant.air, case.chambers)
    seconds = {"wave": _WAVE_S, "squeeze": _SQUEEZE_S}.get(case.scheme, _OTHERS_S)
    everything = (1 << case.chambers) - 1
    for count in range(round(_WAVE_MAX_S / TICK_S)):
        if count >= seconds / TICK_S and sequencer.cycles >= _WAVE_CYCLES:
            break
        massager.tick()
        stage = sequencer.cycle.stage
        open_now = massager.outputs.chambers
        mask = patterns.stage_mask(pattern, stage, everything) & open_now
        if mask != open_now:
            mask = 0  # the last chamber hands its air on
        set_pa = patterns.stage_set_pa(massager.controller.setpoints, pattern, stage)
        watch.tick(phases.get(sequencer.phase, -1), stage, mask, set_pa)
    names = [name for _, name, _ in massager.events]
    learnt_ms = massager.settings.air_fill_ms[patterns.fill_index(pattern, 0, True)]
    harmless = {
        row[fault_table.NAME]
        for row in fault_table.AIR
        if row[fault_table.STOPS] == fault_table.STOPS_NOTHING
    }
    return Outcome(
        case.key,
        case.seed,
        case.scheme,
        **watch.figures(),
        late_s=_late_s(watch.holds_s) if case.scheme == "squeeze" else (),
        can_keep_the_minute=learnt_ms / 1000.0 + _HOLD_S + _LINES_S + 2.0 < _MINUTE_S,
        says_so="MINUTE_MISSED" in names,
        stops=tuple(name for name in names if name not in harmless),
    )


def _late_s(holds_s: Sequence[float]) -> tuple[float, ...]:
    """Return how far each hold but the first begins off a whole minute after that."""
    away_s = [(began_s - holds_s[0]) % _MINUTE_S for began_s in holds_s[1:]]
    return tuple(min(one, _MINUTE_S - one) for one in away_s)


def nominal_fill_ticks(case: Case) -> tuple[int, ...]:
    """Return what a maker without a sensor would set the timers to, by the plant of `case`."""
    scheme = OnOff(World(case.parameters, case.build, case.chambers, 0), case.set_pa)
    ticks = [0] * case.chambers
    while scheme.cycles < 2 + _SECOND_CYCLE:
        scheme.tick()
        if scheme.phase == FILL and scheme.cycles > _SECOND_CYCLE:
            ticks[scheme.stage] = scheme.ticks + 1
    return tuple(ticks)


def cases(options: Options) -> list[Case]:
    """Return every scheme on every plant."""
    from massager_tools.sim.model import parameters
    from massager_tools.verification import builds

    table = parameters.load(options.plants) if options.plants else parameters.load()
    found = []
    timers: dict[tuple[int, int], tuple[int, ...]] = {}
    for number in range(QUICK_PLANTS if options.quick else PLANTS):
        seed = options.seed * 10_000 + number
        dice = random.Random(seed)
        chambers = dice.choice((2, 3, 4))
        set_pa = round(dice.choice(LEVELS_MMHG) * PA_PER_MMHG)
        build = builds.with_chambers(chambers, dice.random() < 0.5)
        wanted = (chambers, set_pa)
        if wanted not in timers:
            nominal = Case(0, ON_OFF, parameters.nominal(table), build, chambers, set_pa)
            timers[wanted] = nominal_fill_ticks(nominal)
        drawn = parameters.draw(seed, table)
        for scheme in (*PATTERNS, TIMED, ON_OFF, IDEAL):
            fill_ticks = timers[wanted] if scheme == TIMED else ()
            found.append(Case(seed, scheme, drawn, build, chambers, set_pa, fill_ticks))
    return found


def measure(options: Options) -> Report:
    """Run the campaign; see the module."""
    from massager_tools.verification import campaign

    chosen = cases(options)
    outcomes, _ = campaign.run(chosen, run_case, Outcome, options, pypy=True)
    return report(outcomes, partial(_draw, chosen))


def report(outcomes: Sequence[Outcome], draw: Any = None) -> Report:
    """Return figures and criteria of the outcomes."""
    least_s = {
        one.seed: statistics.median(one.cycles_s)
        for one in outcomes
        if one.scheme == IDEAL and one.cycles_s
    }
    by_scheme = {
        scheme: [one for one in outcomes if one.scheme == scheme]
        for scheme in (*PATTERNS, *BASELINES)
    }
    ours = [one for scheme in PATTERNS for one in by_scheme[scheme]]
    figures = _figures(ours, by_scheme["wave"], least_s)
    squeezes = by_scheme["squeeze"]
    able = [one for one in squeezes if one.can_keep_the_minute]
    off_s = [late for one in able for late in one.late_s]
    if off_s:
        figures["squeeze off the minute"] = Distribution.of(off_s, "s")
    stops = sorted({name for one in ours for name in one.stops})
    false_stops = sum(len(one.stops) for one in ours)
    silent = sum(not one.says_so and max(one.late_s, default=0.0) > _ON_TIME_S for one in squeezes)
    cycle = figures["cycle time / least"].p50
    return Report(
        name="air",
        values={
            "plants": len(squeezes),
            "plants whose pump can keep the minute": len(able),
            "that missed it and did not say so": silent,
            "false stops": false_stops,
        },
        figures=figures,
        baselines={
            name: _figures(by_scheme[name], by_scheme[name], least_s) for name in BASELINES
        },
        criteria=(
            Criterion("cycle time / least, median", cycle, 1.25, "at most"),
            Criterion("error at hold, p95", figures["error at hold"].p95, 2.0, "at most", "mmHg"),
            Criterion("overshoot, worst", figures["overshoot"].worst, 3.0, "at most", "mmHg"),
            Criterion(
                "squeeze off the minute, worst", max(off_s, default=99.0), 0.5, "at most", "s"
            ),
            Criterion("missed the minute and silent", silent, 0, "at most"),
            Criterion("false stops", false_stops, 0, "at most"),
        ),
        notes=(
            "error: mean over a hold of the chamber farthest off, sensor errors included; the "
            "largest is at any moment of the hold; "
            "firmware: all four patterns, baselines: the wave",
            "least cycle: the same plant with the pump flat out, ideal valves (at once, and no "
            "resistance on the way in), the true pressures known and nothing to prove; hold 5 s "
            "and rest 4 s are the program's and the same for all",
            *([f"stops: {', '.join(stops)}"] if stops else []),
        ),
        draw=draw,
    )


def _figures(
    seen: Sequence[Outcome], waves: Sequence[Outcome], least_s: Mapping[int, float]
) -> dict[str, Distribution]:
    pairs = [(s, least_s[one.seed]) for one in waves if one.seed in least_s for s in one.cycles_s]
    fixed_s = _HOLD_S + _REST_S
    samples: Iterable[tuple[str, list[float], str]] = (
        ("error at hold", [e for one in seen for e in one.errors_mmhg], "mmHg"),
        ("largest error in a hold", [e for one in seen for e in one.largest_mmhg], "mmHg"),
        ("overshoot", [one.overshoot_mmhg for one in seen], "mmHg"),
        ("cycle time / least", [cycle_s / least for cycle_s, least in pairs], "1"),
        (
            "time to fill / least",
            [(cycle_s - fixed_s) / (least - fixed_s) for cycle_s, least in pairs],
            "1",
        ),
    )
    hourly = [3600.0 / cycle_s for cycle_s, _ in pairs]
    return {
        **{name: Distribution.of(found, unit) for name, found, unit in samples},
        "cycles an hour": Distribution.of(hourly, "1/h", bad="low"),
    }


def _draw(chosen: Sequence[Case], path: Path) -> None:
    from massager_tools.verification.air_plot import draw_wave

    first = {case.scheme: case for case in chosen if case.seed == chosen[0].seed}
    draw_wave(first["wave"], {name: first[name] for name in (ON_OFF, TIMED)}, path)
