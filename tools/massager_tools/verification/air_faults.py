"""`massager measure air-faults`: is every air fault found, named, and harmless?

Every fault strikes a leg that the firmware has learnt, in every pattern, at three moments:
in the rest before a cycle, while it fills and while it holds. Another set of plants runs
without faults, on legs that move, and nothing may stop there.
"""

from __future__ import annotations

import copy
import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

from massager_tools.firmware_tables import core
from massager_tools.sim.model import parameters
from massager_tools.sim.model.faults import FAULTS
from massager_tools.verification.air_rig import (
    FILL,
    HOLD,
    PA_PER_MMHG,
    PATTERNS,
    REST,
    TICK_S,
    Leg,
    Rig,
)
from massager_tools.verification.report import Criterion, Distribution, Options, Report

MOMENTS = ("rest", "fill", "hold")
PLANTS = 20
QUICK_PLANTS = 2
HOURS = 1_000.0
QUICK_HOURS = 2.0

_VENTED_MMHG = 8.0
_AFTER_TRIP_S = 10.0
_WATCH_S = 420.0  # the slowest plants need two minutes a cycle, and some names two cycles
_LEARN_CYCLES = 3
_LEARN_MAX_S = 900.0
_LEVELS_MMHG = (20.0, 22.5, 25.0, 27.5, 30.0)
_BETWEEN_S = 200.0
_HOURS_A_RUN = 0.5

# fault of the model → the names that tell a person the truth about it. A sensor or a pump
# that dies at rest looks the same to a chip that has no other sense: one name for both. A
# pump that cannot be stopped is told by the guard, by what it does: it takes the pressure up
# while off, or over the trip before that is certain; both words say to check its switch.
EXPECTED: dict[str, tuple[str, ...]] = {
    "pressure_open": ("PRESSURE_INVALID",),
    "pressure_short": ("PRESSURE_INVALID",),
    "pressure_frozen": ("PRESSURE_FROZEN", "PUMP_OR_SENSOR_DEAD"),
    "pump_dead": ("PUMP_OR_SENSOR_DEAD",),
    "pump_weak": ("PUMP_WEAK",),
    "pump_stuck_on": ("PRESSURE_RISING", "PRESSURE_TRIP"),
    "wrap_loose": ("WRAP_LOOSE",),
    "wrap_tight": ("WRAP_TIGHT",),
    "hose_kinked": ("HOSE_KINKED",),
    "hose_loose": ("HOSE_OFF",),
    "chamber_leak": ("LEAK", "LEAK_TOO_LONG"),
    "valve_stuck_open": ("VALVE_STUCK_OPEN",),
    "valve_stuck_closed": ("VALVE_STUCK_CLOSED",),
    "exhaust_stuck_open": ("VALVE_STUCK_OPEN",),
    "exhaust_stuck_closed": ("EXHAUST_STUCK",),
}
# the vent itself is what is broken: air may stay in a chamber, and that has to be said
_VENT_FAULTS = ("hose_kinked", "valve_stuck_open", "pump_stuck_on")
# names whose words begin with opening the wrap
_OPEN_THE_WRAP = {
    "VENT_FAILED",
    "HOSE_KINKED",
    "VALVE_STUCK_CLOSED",
    "VALVE_STUCK_OPEN",
    "PRESSURE_RISING",
}
_PER_CHAMBER = (
    "hose_kinked",
    "hose_loose",
    "chamber_leak",
    "valve_stuck_open",
    "valve_stuck_closed",
)
# true beside any fault that takes time, or that drives the pressure up; the latter passes as
# the air is let out, and what is asked for is the name of the cause that a person is shown
_BESIDE = ("MINUTE_MISSED", "PRESSURE_WARNING")


@dataclass(frozen=True)
class Case:
    """How one fault on one plant went; times in seconds, pressures in mmHg."""

    fault: str
    pattern: str
    moment: str
    names: tuple[str, ...]
    found_s: float | None
    peak_mmhg: float
    vented_s: float | None  # after the air was stopped; None: it was not stopped

    @property
    def is_named(self) -> bool:
        """Whether the first name given is a right one."""
        return bool(self.names) and self.names[0] in EXPECTED[self.fault]


def _rig(seed: int, pattern: int, table: Any) -> Rig:
    dice = random.Random(seed)
    chambers = dice.choice((2, 3, 4))
    has_exhaust = bool(seed & 1)  # every other plant: its faults are to be met even in a few
    rig = Rig(parameters.draw(seed, table), seed, chambers, has_exhaust)
    setpoints = rig.setpoints
    setpoints.pattern = pattern
    setpoints.pressure_set_pa = round(dice.choice(_LEVELS_MMHG) * PA_PER_MMHG)
    setpoints.gradient_permille = dice.choice((0, 100))
    return rig


def _is_at(rig: Rig, moment: str, cycle: int, share: float) -> bool:
    """Whether the rig has come to `moment` of the cycle after `cycle` whole ones."""
    sequencer = rig.sequencer
    if sequencer.cycles < cycle:
        return False
    if moment == "rest":
        return bool(sequencer.phase == REST)
    last = sequencer.cycle.stage + 1 >= min(rig.chambers, 2 if rig.setpoints.pattern == 3 else 4)
    if rig.setpoints.pattern == 2:
        last = True
    if moment == "hold":
        return bool(sequencer.phase == HOLD and last)
    inflation = sequencer.cycle.inflation
    per_ms = core("air.pump").AIR_PER_MS
    expected_ms = rig.settings.air_fill_ms[inflation.index]
    is_far = inflation.pump.air >= share * (expected_ms or 4_000) * per_ms
    return bool(sequencer.phase == FILL and last and is_far)


def _switch_off(rig: Rig) -> None:
    """The session is over, and another one comes."""
    rig.sequencer.off()
    rig.outputs.pump_permille = rig.outputs.chambers = 0
    rig.outputs.exhaust = False
    for _ in range(round(_BETWEEN_S / TICK_S)):
        rig.drive(0, 0, False)
        rig.now_ms += 10


def _strike(rig: Rig, fault: str, chamber: int) -> None:
    name = f"{fault}_{chamber + 1}" if fault in _PER_CHAMBER else fault
    _, _, attribute, index, value = FAULTS[name]
    if index is None:
        setattr(rig.air, attribute, value)
    else:
        getattr(rig.air, attribute)[index] = value


def _watch(rig: Rig, fault: str, pattern: str, moment: str) -> Case:
    """Let the fault have its way until it is named, stopped and vented, or time is up."""
    faults = core("safety.fault_table")
    stopping = faults.STOPS_AIR | faults.STOPS_ALL
    start_ms = rig.now_ms
    peak_pa = 0.0
    found_s = stopped_s = vented_s = None
    names: list[str] = []
    done = len(rig.events)
    seconds = 0.0
    while seconds < _WATCH_S:
        rig.tick()
        seconds += TICK_S
        highest_pa = max(rig.air.chamber_pa)
        peak_pa = max(peak_pa, highest_pa)
        while done < len(rig.events):
            at_ms, name = rig.events[done]
            done += 1
            if name in _BESIDE:
                continue
            names.append(name)
            if found_s is None:
                found_s = (at_ms - start_ms) / 1000.0
        if stopped_s is None and rig.stops & stopping:
            stopped_s = seconds
        if stopped_s is not None:
            if highest_pa >= _VENTED_MMHG * PA_PER_MMHG:
                vented_s = None
            elif vented_s is None:
                vented_s = seconds - stopped_s
            if seconds > stopped_s + _AFTER_TRIP_S + 1.0:
                break
        elif found_s is not None and seconds > found_s + 1.0:
            break
    if stopped_s is not None and vented_s is None:
        vented_s = _AFTER_TRIP_S + 1.0
    return Case(
        fault,
        pattern,
        moment,
        tuple(names),
        found_s,
        peak_pa / PA_PER_MMHG,
        vented_s,
    )


def fault_cases(seed: int, pattern: int, table: Any) -> list[Case]:
    """All faults at all moments on one plant in one pattern."""
    rig = _rig(seed, pattern, table)
    dice = random.Random(seed * 4 + pattern)
    share = dice.uniform(0.2, 0.9)
    cases: list[Case] = []
    left = list(MOMENTS)
    cycle = _LEARN_CYCLES
    for _ in range(round(_LEARN_MAX_S / TICK_S)):
        rig.tick()
        if left and _is_at(rig, left[0], cycle, share):
            moment = left.pop(0)
            for fault in EXPECTED:
                if fault.startswith("exhaust") and not rig.air.has_exhaust:
                    continue
                if fault.startswith("wrap") and moment != "rest":
                    continue  # a leg is wrapped anew between two sessions
                struck = copy.deepcopy(rig)
                struck.events.clear()
                chamber = (
                    rig.sequencer.cycle.stage if moment == "fill" else dice.randrange(rig.chambers)
                )
                if fault.startswith("wrap"):
                    _switch_off(struck)
                _strike(struck, fault, min(chamber, rig.chambers - 1))
                cases.append(_watch(struck, fault, PATTERNS[pattern], moment))
            if not left:
                break
    return cases


def quiet_hours(seed: int, hours: float, table: Any) -> tuple[float, list[str], list[str], int]:
    """Up to `hours` without faults on a moving leg, ended by the first thing that stays stopped:
    hours really run, stops, notices, cycles. Air let out for a moment counts as a notice."""
    dice = random.Random(seed)
    rig = _rig(seed, dice.randrange(len(PATTERNS)), table)
    leg = Leg(rig.air, seed)
    faults = core("safety.fault_table")
    stopping = {
        row[1] for row in faults.AIR if row[2] != faults.STOPS_NOTHING and row[4] == faults.LATCHES
    }
    ticks = 0
    while ticks < round(hours * 3600 / TICK_S):
        ticks += 1
        leg.tick()
        rig.tick()
        if rig.stops and any(name in stopping for _, name in rig.events):
            break
    names = [name for _, name in rig.events if name != "MINUTE_MISSED"]
    return (
        ticks * TICK_S / 3600,
        [name for name in names if name in stopping],
        [name for name in names if name not in stopping],
        int(rig.sequencer.cycles),
    )


def measure(options: Options) -> Report:
    """Run the campaign; see the module."""
    table = parameters.load(options.plants) if options.plants else parameters.load()
    plants = QUICK_PLANTS if options.quick else PLANTS
    hours = QUICK_HOURS if options.quick else HOURS
    runs = round(hours / _HOURS_A_RUN)
    cases: list[Case] = []
    quiet: list[tuple[float, list[str], list[str], int]] = []
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        struck = [
            pool.submit(fault_cases, options.seed * 1_000 + plant, pattern, table)
            for plant in range(plants)
            for pattern in range(len(PATTERNS))
        ]
        calm = [
            pool.submit(quiet_hours, options.seed * 1_000_000 + run, _HOURS_A_RUN, table)
            for run in range(runs)
        ]
        under_way: list[Future[Any]] = [*struck, *calm]
        for done, _ in enumerate(as_completed(under_way), 1):
            options.progress(done / (len(struck) + len(calm)))
        for future in struck:
            cases += future.result()
        quiet = [future.result() for future in calm]
    return _report(cases, quiet)


def _report(
    cases: Sequence[Case], quiet: Sequence[tuple[float, list[str], list[str], int]]
) -> Report:
    named = [case.is_named for case in cases]
    found = [case.found_s for case in cases if case.found_s is not None]
    vented = [
        case.vented_s
        for case in cases
        if case.vented_s is not None and case.fault not in _VENT_FAULTS
    ]
    hours = sum(run[0] for run in quiet)
    stops = [name for run in quiet for name in run[1]]
    notices = [name for run in quiet for name in run[2]]
    figures = {"detection": Distribution.of(found, "s")} if found else {}
    for fault in EXPECTED:
        times = [case.found_s for case in cases if case.fault == fault and case.found_s]
        if times:
            figures[f"detection {fault}"] = Distribution.of(times, "s")
    figures["peak pressure"] = Distribution.of([case.peak_mmhg for case in cases], "mmHg")
    if vented:
        figures["vented after the stop"] = Distribution.of(vented, "s")
    share = 100.0 * sum(named) / len(named)
    worst = min(
        100.0 * sum(case.is_named for case in mine) / len(mine)
        for fault in EXPECTED
        if (mine := [case for case in cases if case.fault == fault])
    )
    missed = sum(case.found_s is None for case in cases)
    silent = sum(
        (case.vented_s or 0.0) > _AFTER_TRIP_S and not set(case.names) & _OPEN_THE_WRAP
        for case in cases
    )
    return Report(
        name="air-faults",
        values={
            "cases": len(cases),
            "named right, %": share,
            "not found at all": missed,
            "fault-free hours": hours,
            "fault-free cycles": sum(run[3] for run in quiet),
            "false stops": len(stops),
            "false notices": len(notices),
        },
        figures=figures,
        criteria=(
            Criterion("named right", share, 95.0, "at least", "%"),
            Criterion("named right, the worst fault", worst, 95.0, "at least", "%"),
            Criterion("not found at all", missed, 0, "at most"),
            Criterion(
                "peak pressure", max(case.peak_mmhg for case in cases), 60.0, "at most", "mmHg"
            ),
            Criterion(
                "below 8 mmHg after the stop, vent faults apart",
                max(vented, default=0.0),
                _AFTER_TRIP_S,
                "at most",
                "s",
            ),
            Criterion("air that stayed and nobody was told", silent, 0, "at most"),
            Criterion("false stops", len(stops), 0, "at most"),
        ),
        notes=tuple(_notes(cases, stops, notices)),
    )


def _notes(cases: Sequence[Case], stops: Sequence[str], notices: Sequence[str]) -> Iterator[str]:
    for fault in EXPECTED:
        mine = [case for case in cases if case.fault == fault]
        wrong = Counter(
            f"{case.names[0] if case.names else 'nothing'} ({case.pattern}, {case.moment})"
            for case in mine
            if not case.is_named
        )
        right = sum(case.is_named for case in mine)
        told = ", ".join(f"{count} × {name}" for name, count in wrong.most_common(4))
        yield f"{fault}: {right} of {len(mine)} named right" + (f"; else {told}" if told else "")
    stuck = [case for case in cases if case.fault in _VENT_FAULTS and (case.vented_s or 0) > 10.0]
    if stuck:
        said = Counter(name for case in stuck for name in case.names)
        told = ", ".join(f"{name} {count}" for name, count in said.most_common())
        yield f"vent blocked in {len(stuck)} cases, air stopped, valves let go, said: {told}"
    if notices:
        yield "notices without a fault: " + ", ".join(
            f"{name} {count}" for name, count in Counter(notices).most_common()
        )
    if stops:
        yield "false stops: " + ", ".join(
            f"{name} {count}" for name, count in Counter(stops).most_common()
        )
