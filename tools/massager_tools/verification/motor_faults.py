"""Faults of the motor, its switch and its tach; and false stops without one.

Every fault is put into every plant, at rest and while it turns. Then the same massager
lives random use of healthy plants: levels, patterns, feet on and off, heater and pump.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from massager_tools.sim.model.motor import TURN
from massager_tools.verification.harness import (
    STUDY_PROGRAM,
    TICK_S,
    TICKS_AN_HOUR,
    Build,
    Device,
    LoadedSupply,
    PinnedSetpoints,
    limits,
    signals,
)
from massager_tools.verification.motor_baselines import LINE
from massager_tools.verification.part_faults import (
    Case,
    FaultRun,
    Limits,
    Outcome,
    Quiet,
    outcome,
    watch,
)
from massager_tools.verification.report import Criterion, Distribution, Number, Options, Report

PLANTS = 60
HEALTHY_PLANTS = 40
HEALTHY_S = 360.0
_QUICK_SHARE = 20
_SEED_SPREAD = 100_003
_LOAD = 0.5
_WARM_UP_S = 6.0
_WATCH_S = 12.0
_OVERLOAD_WATCH_S = 300.0
_OVERLOAD_V = 6.5  # lost in the winding: what cooks a 775 within minutes …
_OVERLOADS_S = 10.0  # … where somebody leans on the plate harder and harder
_SEIZED_NM = 3.0  # more than any motor here has
_SEIZES_S = 1.0
_SETTLES_S = 20.0  # the longest that a healthy change of use lasts
_RPM = 60 / TURN


class CreepingLoad(Device):
    """A massager on which a load comes on slowly, for good."""

    creep_nm = 0.0  # a tick …
    creep_to_nm = 0.0  # … until it is this much

    def tick(self) -> None:
        """Let 10 ms pass."""
        if self.creep_nm:
            motor = self.plant.motor
            motor.extra_load_nm = min(motor.extra_load_nm + self.creep_nm, self.creep_to_nm)
        super().tick()


Apply = Callable[[CreepingLoad], None]


def _fault(name: str) -> Apply:
    def apply(device: CreepingLoad) -> None:
        device.plant.set_fault(name, True)

    return apply


def _creep(device: CreepingLoad, to_nm: float, within_s: float) -> None:
    device.creep_to_nm = to_nm
    device.creep_nm = to_nm * TICK_S / within_s


def _overload(device: CreepingLoad) -> None:
    p = device.plant.motor.p
    to_nm = _OVERLOAD_V / p["ohm"] * p["ke_v_s_per_rad"] - p["friction_nm"]
    _creep(device, to_nm, _OVERLOADS_S)


def _seize(device: CreepingLoad) -> None:
    _creep(device, _SEIZED_NM, _SEIZES_S)


def _slow_edges(device: CreepingLoad) -> None:
    device.plant.set_fault("tach_slow_edges", True, 1.0)


@dataclass(frozen=True)
class Breakage:
    """One way to break; `named` are the faults that name it, empty where none has to."""

    apply: Apply
    named: tuple[str, ...]
    set_rpm: int = 1_400  # 0: the motor is off
    running: bool = True  # breaks while it turns, or before it starts
    watch_s: float = _WATCH_S


_STALLED = ("MOTOR_STALLED",)
_TACH = ("TACH_LOST",)
_RUNS = ("MOTOR_OVERSPEED", "MOTOR_RUNAWAY")
_OVERHEATS = (*_STALLED, "MOTOR_OVERHEATED")
BREAKAGES: Mapping[str, Breakage] = {
    "blocked at rest": Breakage(_fault("motor_stalled"), _STALLED, running=False),
    "blocked while turning": Breakage(_fault("motor_stalled"), _STALLED),
    "blocked at 600 rpm": Breakage(_fault("motor_stalled"), _STALLED, set_rpm=600),
    "seizing within a second": Breakage(_seize, _STALLED),
    "tach lost at rest": Breakage(_fault("tach_lost"), _TACH, running=False),
    "tach lost while turning": Breakage(_fault("tach_lost"), _TACH),
    "switch shorted while turning": Breakage(_fault("motor_switch_shorted"), _RUNS),
    "switch shorted while off": Breakage(_fault("motor_switch_shorted"), _RUNS[1:], set_rpm=0),
    "overloaded": Breakage(_overload, _OVERHEATS, set_rpm=700, watch_s=_OVERLOAD_WATCH_S),
    "sparks on the tach": Breakage(_fault("tach_sparks"), ()),
    "slow edges on the tach": Breakage(_slow_edges, ()),
}
"""What can break, in words."""

_NAMED_RIGHT = 0.95  # whatever it is called, the motor stops
_LOST = "tach lost"  # known from a blocked shaft where the supply's sag shows it


def make_device(case: Case) -> tuple[CreepingLoad, PinnedSetpoints]:
    """Return the massager of a case under way, its motor off."""
    setpoints = PinnedSetpoints()
    build = Build({**case.build.board, "motor": LINE}, case.build.facts, case.build.ntc_line)
    device = CreepingLoad(case.parameters, build.with_program(STUDY_PROGRAM), case.seed, setpoints)
    device.plant.supply = LoadedSupply(case.parameters["supply"])
    motor = device.plant.motor
    motor.angle_rad = random.Random(case.seed).uniform(0.0, TURN)
    device.start()
    motor.extra_load_nm = _LOAD * case.parameters["motor"]["feet_nm"]
    return device, setpoints


def run_case(case: Case) -> Outcome:
    """Put every breakage into one plant, one at a time."""
    return outcome(case.key, [break_one(case, name) for name in case.faults])


def break_one(case: Case, name: str) -> FaultRun:
    """Put one breakage into a plant and watch it."""
    breakage = BREAKAGES[name]
    device, setpoints = make_device(case)
    if breakage.running:
        setpoints.pin(motor_on=breakage.set_rpm > 0, motor_set_rpm=breakage.set_rpm)
        device.run(_WARM_UP_S)
    else:
        device.run(1.0)
    breakage.apply(device)
    setpoints.pin(motor_on=breakage.set_rpm > 0, motor_set_rpm=breakage.set_rpm)
    limits_ = Limits(
        watch_s=breakage.watch_s,
        after_stop_s=5.0,
        value=lambda one: one.plant.motor.speed_rad_s * _RPM,
    )
    return watch(device, name, "", limits_)


def use_plant(case: Case) -> Quiet:
    """Use a healthy plant at random; every fault counts, and rests are notices."""
    dice = random.Random(case.seed)
    device, setpoints = make_device(case)
    supply = device.plant.supply
    assert isinstance(supply, LoadedSupply)
    heater_a = case.parameters["supply"]["no_load_v"] / case.parameters["heat"]["heater_ohm"]
    start = device.ticks
    rests = 0
    while (device.ticks - start) * TICK_S < case.setting:
        duty = dice.choice((0.0, 0.3, 1.0))
        pump_a = case.parameters["air"]["pump_a"] if dice.random() < 0.3 else 0.0
        supply.extra_a = duty * heater_a + pump_a
        set_rpm = 0 if dice.random() < 0.15 else dice.choice(limits.MOTOR_LEVELS_RPM)
        setpoints.pin(
            motor_pattern=dice.randrange(signals.MOTOR_FADE + 1),
            motor_on=set_rpm > 0,
            motor_set_rpm=set_rpm,
        )
        load = dice.choice((0.0, 0.5, 1.0))
        device.plant.motor.extra_load_nm = load * case.parameters["motor"]["feet_nm"]
        was_cut = False
        for _ in range(round(dice.uniform(1.0, _SETTLES_S) / TICK_S)):
            device.tick()
            cut = bool(device.controller.guards.stops & ~device.stops)
            rests += cut and not was_cut
            was_cut = cut
    hours = (device.ticks - start) / TICKS_AN_HOUR
    names = [name for _, name, stopping in device.events if stopping]
    return Quiet(case.key, hours, hours, tuple(names), ("rest",) * rests)


def cases(options: Options) -> tuple[list[Case], list[Case]]:
    """Return the plants to break, and those to use."""
    from massager_tools.sim.model import parameters
    from massager_tools.verification import builds

    table = parameters.load(options.plants) if options.plants else parameters.load()
    share = _QUICK_SHARE if options.quick else 1
    plants, healthy = PLANTS // share, HEALTHY_PLANTS // share
    first = options.seed * _SEED_SPREAD

    def case(seed: int, circumstance: str) -> Case:
        build = builds.reference(pulses=1 + seed % 2)
        drawn = parameters.draw(seed, table)
        faults = tuple(BREAKAGES) if circumstance == "faults" else ()
        return Case(seed, circumstance, faults, drawn, build, round(HEALTHY_S))

    broken = [case(first + number, "faults") for number in range(plants)]
    return broken, [case(first + plants + number, "use") for number in range(healthy)]


def measure(options: Options) -> Report:
    """Run `massager measure motor-faults`."""
    from massager_tools.verification import campaign

    broken, used = cases(options)
    found, quiet = campaign.run_both(
        (broken, run_case, Outcome), (used, use_plant, Quiet), options
    )
    return report([run for one in found for run in one.fault_runs()], quiet)


def report(runs: Sequence[FaultRun], quiet: Sequence[Quiet]) -> Report:
    """Return figures and criteria."""
    figures: dict[str, Distribution] = {}
    values: dict[str, Number] = {}
    missed = wrong = 0
    shares = []
    for name, breakage in BREAKAGES.items():
        mine = [run for run in runs if run.fault == name]
        found = [run.latched_s for run in mine if run.latched_s is not None]
        if not breakage.named:
            wrong += len(found)
            continue
        missed += len(mine) - len(found)
        right = sum(bool(set(run.names) & set(breakage.named)) for run in mine) / max(len(mine), 1)
        values[f"{name}: detected"] = len(found) / max(len(mine), 1)
        values[f"{name}: named right"] = right
        if not name.startswith(_LOST):
            shares.append(right)
        if found:
            figures[f"{name}: after"] = Distribution.of(found, "s")
            figures[f"{name}: driven on"] = Distribution.of([run.driven_s for run in mine], "s")
    pushed = max(run.driven_s for run in runs if run.fault.startswith("blocked"))
    values["runs"] = len(runs)
    values["fault-free hours"] = round(sum(use.hours for use in quiet), 2)
    values["fault-free rests"] = sum(len(use.notices) for use in quiet)
    stops = [name for use in quiet for name in use.stops]
    return Report(
        name="motor-faults",
        values=values,
        figures=figures,
        criteria=(
            Criterion("faults missed", missed, 0, "at most"),
            Criterion("named right, all but a lost tach", min(shares), _NAMED_RIGHT, "at least"),
            Criterion("driven against a blocked shaft, worst", pushed, 4.0, "at most", "s"),
            Criterion("stopped for a harmless fault", wrong, 0, "at most"),
            Criterion("fault-free use stopped", len(stops), 0, "at most"),
        ),
        notes=(
            "a lost tach always stops the motor; it is named where the "
            "supply sags enough to see, and as a blocked shaft elsewhere",
            *(
                f"{name}: named by {', '.join(one.named)}"
                for name, one in BREAKAGES.items()
                if one.named
            ),
            *([f"stopped: {', '.join(sorted(set(stops)))}"] if stops else []),
        ),
        draw=lambda path: _draw(path, runs),
    )


def _draw(path: Path, runs: Sequence[FaultRun]) -> None:
    from massager_tools.verification.motor_plot import draw_faults

    draw_faults(runs, list(BREAKAGES), path)
