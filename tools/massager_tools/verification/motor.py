"""Speed control of the motor: load steps, level changes, starts, a restless supply.

Every plant goes through the same story at three speeds, one drawn from each third of
600–2400 rpm, under every control. Speeds are means over the last whole turn: the
eccentric's ripple within a turn is the massage, not an error.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from massager_tools.firmware_tables import core
from massager_tools.sim.model.motor import TURN
from massager_tools.verification.harness import (
    STUDY_PROGRAM,
    TICK_S,
    Build,
    Device,
    LoadedSupply,
    PinnedSetpoints,
    checksum,
    limits,
)
from massager_tools.verification.motor_baselines import BLIND, CONTROLS, LINE, OURS
from massager_tools.verification.report import Criterion, Distribution, Options, Report

PLANTS = 200
_QUICK_SHARE = 40
_BAND_PERCENT = 1.0  # recovered: back within this of the set-point for good
_FULL = 1000  # permille: no control can give more
_LEVEL_RPM = limits.MOTOR_LEVELS_RPM[1] - limits.MOTOR_LEVELS_RPM[0]
_REACHED = 0.97  # the end of a start, as a share of the set-point …
_TURNS = 0.5  # … and the least of one that has not failed

_START_S = 9.0  # 2400 rpm at 400 rpm/s, and time to settle
_SETTLE_S = 3.0
_LOADED_S = 4.0
_MEAN_S = 2.0  # steady errors are means over this
_CHANGE_S = 3.0
_SWITCH_S = 0.7  # heater and pump switch in turn, this far apart
_HEATER_DUTIES = (1.0, 0.0, 0.5, 0.0, 1.0, 0.3)

# figure → unit
FIGURES: Mapping[str, str] = {
    "droop": "%",
    "recovery": "s",
    "steady error": "%",
    "rise on release": "%",
    "overshoot": "%",
    "start time": "s",
    "error while heater and pump switch": "%",
}


@dataclass(frozen=True)
class Case:
    """One plant at one speed under one control."""

    seed: int
    control: str
    set_rpm: int
    parameters: Mapping[str, Any]
    build: Build

    @property
    def key(self) -> str:
        """Return a key that is the same for the same case, in every run."""
        return f"{self.seed} {self.control} {self.set_rpm} {checksum(self.parameters)}"


@dataclass(frozen=True)
class Outcome:
    """Result of a case; `figures` in the order of FIGURES."""

    key: str
    control: str
    set_rpm: int
    figures: tuple[float, ...]
    started: bool
    stood: bool
    tripped: bool
    short_of_volts: bool


@dataclass
class Trace:
    """Record of a run, a value a tick. `turn_rpm` is the mean speed of the last whole turn."""

    t_s: list[float] = field(default_factory=list)
    set_rpm: list[float] = field(default_factory=list)
    turn_rpm: list[float] = field(default_factory=list)
    permille: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)
    supply_v: list[float] = field(default_factory=list)
    stood: list[bool] = field(default_factory=list)
    tripped: list[bool] = field(default_factory=list)


class Study:
    """One massager whose motor alone is asked for, and a record of what it does."""

    def __init__(self, case: Case) -> None:
        self.setpoints = PinnedSetpoints()
        build = Build(
            {**case.build.board, "motor": LINE}, case.build.facts, case.build.ntc_line
        ).with_program(STUDY_PROGRAM)
        pulses = build.board.get("tach_pulses_per_turn", 1)
        control = CONTROLS[case.control]

        def regulators(board: Any, settings: Any, measured: Any, wanted: Any) -> Any:
            made = core("regulators").Regulators
            return made(board, settings, measured, wanted, motor=control(pulses))

        self.device = device = Device(
            case.parameters, build, case.seed, self.setpoints, regulators
        )
        plant = device.plant
        self.supply = plant.supply = LoadedSupply(case.parameters["supply"])
        plant.motor.angle_rad = random.Random(case.seed).uniform(0.0, TURN)
        device.start()
        self.trace = Trace()
        self._feet_nm = case.parameters["motor"]["feet_nm"]
        self._motor = plant.motor
        self._angles = [self._angle()]
        self._behind = 0

    def _angle(self) -> float:
        motor = self._motor
        return float(motor.turns * TURN + motor.angle_rad)

    def run(self, seconds: float, set_rpm: int, load: float) -> None:
        """Turn at `set_rpm` (0: off) with `load`, a share of two feet's, for a while."""
        self._motor.extra_load_nm = load * self._feet_nm
        self.setpoints.pin(motor_on=set_rpm > 0, motor_set_rpm=set_rpm)
        trace, device, motor = self.trace, self.device, self._motor
        for _ in range(round(seconds / TICK_S)):
            device.tick()
            self._angles.append(self._angle())
            trace.t_s.append(len(trace.t_s) * TICK_S)
            trace.set_rpm.append(set_rpm)
            trace.turn_rpm.append(self._turn_rpm())
            trace.permille.append(device.outputs.motor_permille)
            trace.load.append(load)
            trace.supply_v.append(self.supply.volts)
            trace.stood.append(motor.speed_rad_s == 0.0)
            trace.tripped.append(bool(device.stops))

    def _turn_rpm(self) -> float:
        """Return the mean speed of the whole turn that ends now, without the ripple in it."""
        angles = self._angles
        if self._motor.speed_rad_s == 0.0:
            return 0.0
        end = angles[-1]
        while self._behind + 1 < len(angles) and angles[self._behind + 1] <= end - TURN:
            self._behind += 1
        start = angles[self._behind]
        if end - start < TURN * 0.999 or self._behind + 1 >= len(angles):
            return (end - angles[-2]) / TICK_S * 60 / TURN
        step = angles[self._behind + 1] - start
        behind = self._behind + ((end - TURN - start) / step if step > 0.0 else 0.0)
        return 60 / ((len(angles) - 1 - behind) * TICK_S)


# The story's marks: seconds at which its chapters end.
_STARTED = _START_S
_UNLOADED = _STARTED + _SETTLE_S
_LOADED = _UNLOADED + _LOADED_S
_RELEASED = _LOADED + _SETTLE_S
_CHANGED = _RELEASED + 2 * _CHANGE_S
_SWITCHED = _CHANGED + _SWITCH_S * len(_HEATER_DUTIES) + 1.0


def story(case: Case) -> Trace:
    """Return what happens in the story of one case."""
    study = Study(case)
    set_rpm = case.set_rpm
    study.run(_START_S, set_rpm, 1.0)
    study.run(_SETTLE_S, set_rpm, 0.0)
    study.run(_LOADED_S, set_rpm, 1.0)
    study.run(_SETTLE_S, set_rpm, 0.0)
    other_rpm = set_rpm + _LEVEL_RPM
    if other_rpm > limits.MOTOR_MAX_RPM:
        other_rpm = set_rpm - _LEVEL_RPM
    study.run(_CHANGE_S, other_rpm, 0.5)
    study.run(_CHANGE_S, set_rpm, 0.5)
    heater_a = case.parameters["supply"]["no_load_v"] / case.parameters["heat"]["heater_ohm"]
    for index, duty in enumerate(_HEATER_DUTIES):
        pump_a = case.parameters["air"]["pump_a"] if index % 3 != 2 else 0.0
        study.supply.extra_a = duty * heater_a + pump_a
        study.run(_SWITCH_S, set_rpm, 0.5)
    study.supply.extra_a = 0.0
    study.run(1.0, set_rpm, 0.5)
    return study.trace


def run_case(case: Case) -> Outcome:
    """Run the story and judge it."""
    return judge(case, story(case))


def share_off(value: float, wanted: float) -> float:
    """Return how far `value` is from `wanted`, in percent of it."""
    return math.fabs(value / wanted - 1) * 100


def judge(case: Case, trace: Trace) -> Outcome:
    """Return the figures of a story."""
    set_rpm = case.set_rpm
    speeds = trace.turn_rpm

    def part(start_s: float, end_s: float) -> list[float]:
        return speeds[round(start_s / TICK_S) : round(end_s / TICK_S)]

    start = part(0.0, _STARTED)
    reached = next((i for i, rpm in enumerate(start) if rpm >= _REACHED * set_rpm), None)
    before = statistics.fmean(part(_UNLOADED - _MEAN_S, _UNLOADED))
    loaded = part(_UNLOADED, _LOADED)
    outside = [i for i, rpm in enumerate(loaded) if share_off(rpm, set_rpm) > _BAND_PERCENT]
    steady = statistics.fmean(part(_LOADED - _MEAN_S, _LOADED))
    switching = part(_CHANGED, _SWITCHED)
    halfway = next((i for i, rpm in enumerate(start) if rpm >= _TURNS * set_rpm), None)
    figures = (
        max(0.0, (1 - min(loaded) / before) * 100) if before else 100.0,
        (outside[-1] + 1) * TICK_S if outside else 0.0,
        max(share_off(before, set_rpm), share_off(steady, set_rpm)),
        max(0.0, (max(part(_LOADED, _RELEASED)) / steady - 1) * 100) if steady else 0.0,
        _overshoot(trace),
        (reached + 1) * TICK_S if reached is not None else _START_S,
        max(share_off(rpm, set_rpm) for rpm in switching),
    )
    full = [
        max(trace.permille[round(start_s / TICK_S) : round(end_s / TICK_S)]) >= _FULL
        for start_s, end_s in ((_LOADED - _MEAN_S, _LOADED), (_CHANGED, _SWITCHED))
    ]
    return Outcome(
        case.key,
        case.control,
        set_rpm,
        figures,
        started=halfway is not None,
        stood=halfway is not None and any(trace.stood[halfway:]),
        tripped=any(trace.tripped),
        short_of_volts=any(full),
    )


def _overshoot(trace: Trace) -> float:
    """Return how far a change of level, up or down, goes beyond it, in percent of it."""
    first, middle, last = (
        round(at_s / TICK_S) for at_s in (_RELEASED, _RELEASED + _CHANGE_S, _CHANGED)
    )
    worst = 0.0
    for start, end in ((first, middle), (middle, last)):
        was, now = trace.set_rpm[start - 1], trace.set_rpm[start]
        speeds = trace.turn_rpm[start:end]
        past = max(speeds) / now - 1 if now > was else 1 - min(speeds) / now
        worst = max(worst, past * 100)
    return worst


def draw_plant(
    seed: int, number: int, table: Any
) -> tuple[int, Mapping[str, Any], int, tuple[int, ...]]:
    """Return plant `number`: its seed, its parameters, the pulses of its tach, its speeds."""
    from massager_tools.sim.model import parameters

    key = seed * 1_000_003 + number
    dice = random.Random(key)
    third = (limits.MOTOR_MAX_RPM - limits.MOTOR_MIN_RPM) / 3
    speeds = tuple(int(limits.MOTOR_MIN_RPM + third * (part + dice.random())) for part in range(3))
    return key, parameters.draw(key, table), 1 + number % 2, speeds


def cases(options: Options, plants: int) -> list[Case]:
    """Return every plant at three speeds under every control."""
    from massager_tools.sim.model import parameters
    from massager_tools.verification import builds

    table = parameters.load(options.plants) if options.plants else parameters.load()
    found = []
    for number in range(plants):
        key, drawn, pulses, speeds = draw_plant(options.seed, number, table)
        for set_rpm in speeds:
            for control in CONTROLS:
                without = ("tach",) if control == BLIND else ()
                build = builds.reference(without, pulses=pulses)
                found.append(Case(key, control, set_rpm, drawn, build))
    return found


def measure(options: Options) -> Report:
    """Measure droop, recovery, steady error, overshoot and starts; see the module."""
    from massager_tools.sim.model import parameters
    from massager_tools.verification import builds, campaign

    plants = PLANTS // _QUICK_SHARE if options.quick else PLANTS
    chosen = cases(options, plants)
    outcomes, _ = campaign.run(chosen, run_case, Outcome, options, pypy=True)
    table = parameters.load(options.plants) if options.plants else parameters.load()
    nominal = Case(
        options.seed, "", limits.MOTOR_LEVELS_RPM[1], parameters.nominal(table), builds.reference()
    )
    return report(outcomes, plants, nominal)


def report(runs: Sequence[Outcome], plants: int, nominal: Case) -> Report:
    """Return figures and criteria; `nominal` is the case of the picture."""
    by_control = {name: [run for run in runs if run.control == name] for name in CONTROLS}
    ours = by_control[OURS]
    figures = _figures(ours)
    able = [run for run in ours if not run.short_of_volts]
    stalls = sum(not run.started or run.stood or run.tripped for run in able)
    values: dict[str, int | float] = {
        "plants": plants,
        "runs of each control": len(ours),
        "runs short of volts": len(ours) - len(able),
    }
    for name, found in by_control.items():
        values[f"failed starts, {name}"] = sum(not run.started for run in found)
    able_figures = _figures(able)
    steady, held = able_figures["steady error"], able_figures["error while heater and pump switch"]
    return Report(
        name="motor",
        values=values,
        figures=figures,
        baselines={name: _figures(found) for name, found in by_control.items() if name != OURS},
        criteria=(
            Criterion("steady error, worst", steady.worst, 1.0, "at most", "%"),
            Criterion("droop, median", figures["droop"].p50, 5.0, "at most", "%"),
            Criterion("recovery, median", figures["recovery"].p50, 0.6, "at most", "s"),
            Criterion("stalls and failed starts", stalls, 0, "at most"),
            Criterion("held while heater and pump switch, p95", held.p95, 2.0, "at most", "%"),
        ),
        notes=(
            "load: two feet on the plate, all at once; droop is against the speed before",
            "short of volts: full duty did not do, under load or while heater and pump ran; "
            "these runs are in the figures, not in the bars on steady error, stalls, switching",
            "recovery counts until the speed stays within 1 % of the set-point; "
            f"{_LOADED_S:g} s: never",
        ),
        draw=partial(_draw, nominal),
    )


def _figures(runs: Iterable[Outcome]) -> dict[str, Distribution]:
    columns = zip(*(run.figures for run in runs))  # noqa: B905 - PyPy may be a Python 3.9
    return {
        name: Distribution.of(found, unit)
        for (name, unit), found in zip(FIGURES.items(), columns)  # noqa: B905
    }


def _draw(nominal: Case, path: Path) -> None:
    """Draw the story of the nominal plant under every control."""
    from dataclasses import replace

    from massager_tools.verification.motor_plot import draw

    draw(path, {name: story(replace(nominal, control=name)) for name in CONTROLS})
