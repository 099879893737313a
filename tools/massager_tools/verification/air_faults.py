"""`massager measure air-faults`: is every air fault found, named, and harmless?

Every fault meets a leg that the firmware has learnt, in every pattern, at three moments:
in the rest before a cycle, while it fills and while it holds. Another set of plants runs
without faults, on legs that move, and nothing may stop there.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from massager_tools.firmware_tables import core
from massager_tools.units import PA_PER_MMHG
from massager_tools.verification.air import LEVELS_MMHG, PATTERNS
from massager_tools.verification.harness import (
    STUDY_PROGRAM,
    TICK_S,
    TICKS_AN_HOUR,
    Device,
    Leg,
    PinnedSetpoints,
    fault_table,
)
from massager_tools.verification.part_faults import (
    Case,
    FaultRun,
    Limits,
    Outcome,
    Quiet,
    activate,
    family_index,
    outcome,
    watch,
)
from massager_tools.verification.report import Criterion, Distribution, Options, Report

MOMENTS = ("rest", "fill", "hold")
PLANTS = 20
QUICK_PLANTS = 1
HOURS = 1_000.0
QUICK_HOURS = 1.0

_AFTER_TRIP_S = 10.0
_LEARN_CYCLES = 3
_LEARN_MAX_S = 900.0
_BETWEEN_S = 200.0
_MINUTES_A_RUN = 30
_MOVED_MS = 2_000  # a fill that has never been learnt: far enough after this
# true beside any fault that takes time, or that drives the pressure up; the latter passes as
# the air is let out, and what is asked for is the name of the cause that a person is shown
_BESIDE = ("MINUTE_MISSED", "PRESSURE_WARNING")
LIMITS = Limits(
    watch_s=420.0,  # the slowest plants need two minutes a cycle, and some names two cycles
    after_stop_s=_AFTER_TRIP_S + 1.0,
    after_notice_s=1.0,
    ends_at="air",
    value=lambda device: max(device.plant.air.chamber_pa) / PA_PER_MMHG,
    beside=_BESIDE,
)
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


def make_device(case: Case) -> tuple[Device, PinnedSetpoints]:
    """Return the massager of a case under way, squeezing in the pattern `setting`."""
    dice = random.Random(case.seed)
    setpoints = PinnedSetpoints()
    setpoints.pin(
        pattern=case.setting,
        pressure_set_pa=round(dice.choice(LEVELS_MMHG) * PA_PER_MMHG),
        gradient_permille=dice.choice((0, 100)),
    )
    build = case.build.with_program(STUDY_PROGRAM)
    device = Device(case.parameters, build, case.seed, setpoints)
    device.start()
    setpoints.pin(air_on=True)
    return device, setpoints


def _is_at(device: Device, pattern: int, moment: str, share: float) -> bool:
    """Return whether the device has come to `moment` of a cycle after the learnt ones."""
    sequencer = device.controller.regulators.air
    phases = core("air.sequencer")
    if sequencer.cycles < _LEARN_CYCLES:
        return False
    if moment == "rest":
        return bool(sequencer.phase == phases.REST)
    stages = {"squeeze": 1, "foot_first": 2}.get(PATTERNS[pattern], 4)
    last = sequencer.cycle.stage + 1 >= min(device.plant.air.chambers, stages)
    if moment == "hold":
        return bool(sequencer.phase == phases.HOLD and last)
    filling = sequencer.cycle.inflation
    per_ms = core("air.pump").AIR_PER_MS
    fill_index = core("air.patterns").fill_index(pattern, sequencer.cycle.stage, False)
    expected_ms = device.settings.air_fill_ms[fill_index]
    is_far = filling.pump.air >= share * (expected_ms or 2 * _MOVED_MS) * per_ms
    return bool(sequencer.phase == phases.FILL and last and is_far)


def run_case(case: Case) -> Outcome:
    """Put all faults at all moments into one plant in one pattern."""
    device, _ = make_device(case)
    dice = random.Random(case.seed * 4 + case.setting)
    share = dice.uniform(0.2, 0.9)
    runs: list[FaultRun] = []
    left = list(MOMENTS)
    for _ in range(round(_LEARN_MAX_S / TICK_S)):
        device.tick()
        if not (left and _is_at(device, case.setting, left[0], share)):
            continue
        moment = left.pop(0)
        stage = int(device.controller.regulators.air.cycle.stage)
        chambers = device.plant.air.chambers
        for fault in case.faults:
            chamber = stage if moment == "fill" else dice.randrange(chambers)
            is_wrap = fault.startswith("wrap")
            if is_wrap and moment != "rest":
                continue  # a leg is wrapped anew between two sessions
            broken = device.branch()
            setpoints = broken.controller.setpoints
            if is_wrap:
                setpoints.pin(air_on=False)
                broken.run(_BETWEEN_S)
                broken.power_up()
                broken.start()
            activate(broken, family_index(fault, min(chamber, chambers - 1)))
            setpoints.pin(air_on=True)
            runs.append(watch(broken, fault, moment, LIMITS))
        if not left:
            break
    return outcome(case.key, runs)


def quiet_run(case: Case) -> Quiet:
    """Run half an hour without faults on a moving leg, ended by what stays stopped.

    Air let out for a moment counts as a notice.
    """
    device, _ = make_device(case)
    leg = Leg(device.plant.air, case.seed)
    stopping = {
        row[fault_table.NAME]
        for row in fault_table.AIR
        if row[fault_table.STOPS] != fault_table.STOPS_NOTHING and row[fault_table.STAYS]
    }
    start = device.ticks
    while device.ticks - start < _MINUTES_A_RUN * TICKS_AN_HOUR // 60:
        leg.tick()
        device.tick()
        if device.controller.faults.latched:
            break
    names = [name for _, name, _ in device.events if name != "MINUTE_MISSED"]
    hours = (device.ticks - start) / TICKS_AN_HOUR
    return Quiet(
        case.key,
        hours,
        hours,
        tuple(name for name in names if name in stopping),
        tuple(name for name in names if name not in stopping),
    )


def families(has_exhaust: bool) -> tuple[str, ...]:
    """Return the families of the catalogue that break the air."""
    from massager_tools.verification.fault_catalogue import CATALOGUE, part_of_family

    return tuple(
        name
        for name, kind in CATALOGUE.items()
        if part_of_family(name) == "air"
        and kind.named
        and (has_exhaust or not name.startswith("exhaust"))
    )


def cases(options: Options) -> tuple[list[Case], list[Case]]:
    """Return the plants to break, and those to leave alone."""
    from massager_tools.sim.model import parameters
    from massager_tools.verification import builds

    table = parameters.load(options.plants) if options.plants else parameters.load()

    def case(seed: int, circumstance: str, pattern: int) -> Case:
        has_exhaust = bool(seed & 1)  # every other plant: its faults are to be met in a few, too
        build = builds.with_chambers(random.Random(f"air {seed}").choice((2, 3, 4)), has_exhaust)
        faults = families(has_exhaust) if circumstance == "faults" else ()
        return Case(seed, circumstance, faults, parameters.draw(seed, table), build, pattern)

    plants = QUICK_PLANTS if options.quick else PLANTS
    hours = QUICK_HOURS if options.quick else HOURS
    first = options.seed * 1_000 + 1
    broken = [
        case(first + plant, "faults", pattern)
        for plant in range(plants)
        for pattern in range(len(PATTERNS))
    ]
    quiet = []
    for number in range(round(hours * 60 / _MINUTES_A_RUN)):
        seed = options.seed * 1_000_000 + number
        quiet.append(case(seed, "quiet", random.Random(seed).randrange(len(PATTERNS))))
    return broken, quiet


def measure(options: Options) -> Report:
    """Run the campaign; see the module."""
    from massager_tools.verification import campaign

    broken, calm = cases(options)
    found, quiet = campaign.run_both(
        (broken, run_case, Outcome), (calm, quiet_run, Quiet), options
    )
    return report([run for one in found for run in one.fault_runs()], quiet)


def is_named(run: FaultRun) -> bool:
    """Return whether the first name shown is that of the cause."""
    from massager_tools.verification.fault_catalogue import CATALOGUE

    return bool(run.names) and run.names[0] in CATALOGUE[run.fault].named


def report(runs: Sequence[FaultRun], quiet: Sequence[Quiet]) -> Report:
    """Return figures and criteria."""
    faults = list(dict.fromkeys(run.fault for run in runs))
    shown = [run.shown_s for run in runs if run.shown_s is not None]
    vented = [
        run.vented_s for run in runs if run.vented_s is not None and run.fault not in _VENT_FAULTS
    ]
    stops = [name for one in quiet for name in one.stops]
    notices = [name for one in quiet for name in one.notices]
    figures = {"detection": Distribution.of(shown, "s")} if shown else {}
    for fault in faults:
        times = [run.shown_s for run in runs if run.fault == fault and run.shown_s]
        if times:
            figures[f"detection {fault}"] = Distribution.of(times, "s")
    peaks = [run.peak_mmhg for run in runs]
    figures["peak pressure"] = Distribution.of(peaks, "mmHg")
    if vented:
        figures["vented after the stop"] = Distribution.of(vented, "s")
    named = {fault: [is_named(run) for run in runs if run.fault == fault] for fault in faults}
    share = 100.0 * sum(map(sum, named.values())) / len(runs)
    worst = min(100.0 * sum(right) / len(right) for right in named.values())
    missed = sum(run.shown_s is None for run in runs)
    silent = sum(
        (run.vented_s or 0.0) > _AFTER_TRIP_S and not set(run.names) & _OPEN_THE_WRAP
        for run in runs
    )
    return Report(
        name="air-faults",
        values={
            "cases": len(runs),
            "named right, %": share,
            "not found at all": missed,
            "fault-free hours": round(sum(one.hours for one in quiet), 2),
            "false stops": len(stops),
            "false notices": len(notices),
        },
        figures=figures,
        criteria=(
            Criterion("named right", share, 95.0, "at least", "%"),
            Criterion("named right, the worst fault", worst, 95.0, "at least", "%"),
            Criterion("not found at all", missed, 0, "at most"),
            Criterion("peak pressure", max(peaks), 60.0, "at most", "mmHg"),
            Criterion(
                "below 8 mmHg after the stop, vent faults apart",
                max(vented, default=0.0),
                _AFTER_TRIP_S,
                "at most",
                "s",
            ),
            Criterion("air that stayed and was not shown", silent, 0, "at most"),
            Criterion("false stops", len(stops), 0, "at most"),
        ),
        notes=tuple(_notes(runs, named, stops, notices)),
    )


def _notes(
    runs: Sequence[FaultRun], named: Any, stops: Sequence[str], notices: Sequence[str]
) -> Iterator[str]:
    for fault, right in named.items():
        wrong = Counter(
            f"{run.names[0] if run.names else 'nothing'} ({run.moment})"
            for run in runs
            if run.fault == fault and not is_named(run)
        )
        shown = ", ".join(f"{count} × {name}" for name, count in wrong.most_common(4))
        words = f"; else {shown}" if shown else ""
        yield f"{fault}: {sum(right)} of {len(right)} named right{words}"
    stuck = [run for run in runs if run.fault in _VENT_FAULTS and (run.vented_s or 0) > 10.0]
    if stuck:
        said = Counter(name for run in stuck for name in run.names)
        shown = ", ".join(f"{name} {count}" for name, count in said.most_common())
        yield f"vent blocked in {len(stuck)} cases, air stopped, valves released, shown: {shown}"
    for words, found in (("notices without a fault", notices), ("false stops", stops)):
        if found:
            counts = Counter(found).most_common()
            yield f"{words}: " + ", ".join(f"{name} {count}" for name, count in counts)
