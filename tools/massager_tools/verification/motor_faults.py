"""What happens when the motor, its switch or its tach breaks, and whether it stops for nothing.

Every fault is put into every plant, at rest and while it turns. Then the same guard
watches random use of healthy plants: levels, patterns, feet on and off, heater and pump.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

from massager_tools.firmware_tables import fault_name
from massager_tools.sim.model import parameters
from massager_tools.verification.motor_rig import TICK_S, Firmware, Rig, limits, signals
from massager_tools.verification.report import Criterion, Distribution, Number, Options, Report

PLANTS = 60
HEALTHY_PLANTS = 40
HEALTHY_S = 360.0
_QUICK_SHARE = 10
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

Apply = Callable[[Rig], None]


def _set(name: str) -> Apply:
    def apply(rig: Rig) -> None:
        setattr(rig.motor, name, True)

    return apply


def _slow_edges(rig: Rig) -> None:
    rig.motor.tach_wrong_edges = 1.0


def _creep(to_nm: float, within_s: float, rig: Rig) -> None:
    rig.creep_to_nm = to_nm
    rig.creep_nm = to_nm * TICK_S / within_s


def _overload(rig: Rig) -> None:
    p = rig.motor.p
    _creep(_OVERLOAD_V / p["ohm"] * p["ke_v_s_per_rad"] - p["friction_nm"], _OVERLOADS_S, rig)


def _seize(rig: Rig) -> None:
    _creep(_SEIZED_NM, _SEIZES_S, rig)


@dataclass(frozen=True)
class Case:
    """One way to break; `codes` are those that tell it, `harmless` where none has to."""

    apply: Apply
    codes: tuple[int, ...]
    set_rpm: int = 1_400  # 0: the motor is off
    running: bool = True  # breaks while it turns, or before it starts
    watch_s: float = _WATCH_S
    harmless: bool = False


CASES: Mapping[str, Case] = {
    "blocked at rest": Case(_set("stalled"), (51,), running=False),
    "blocked while turning": Case(_set("stalled"), (51,)),
    "blocked at 600 rpm": Case(_set("stalled"), (51,), set_rpm=600),
    "seizing within a second": Case(_seize, (51,)),
    "tach lost at rest": Case(_set("tach_lost"), (53,), running=False),
    "tach lost while turning": Case(_set("tach_lost"), (53,)),
    "switch shorted while turning": Case(_set("switch_shorted"), (52, 55)),
    "switch shorted while off": Case(_set("switch_shorted"), (55,), set_rpm=0),
    "overloaded": Case(_overload, (51, 54), set_rpm=700, watch_s=_OVERLOAD_WATCH_S),
    "sparks on the tach": Case(_set("tach_sparks"), (), harmless=True),
    "slow edges on the tach": Case(_slow_edges, (), harmless=True),
}
"""What can break, in words."""

_TOLD_RIGHT = 0.95  # whatever it is called, the motor stops
_TACH = "tach lost"  # told from a blocked shaft where the supply's sag shows it


@dataclass(frozen=True)
class FaultRun:
    """One fault in one plant. `after_s` is None where nothing was latched."""

    case: str
    after_s: float | None
    code: int
    pushed_s: float  # driven on against the fault
    t_s: tuple[float, ...]
    rpm: tuple[float, ...]


@dataclass(frozen=True)
class Healthy:
    """Random use of one healthy plant."""

    seconds: float
    rests: int
    faults: int


def measure(options: Options) -> Report:
    """`massager measure motor-faults`."""
    table = parameters.load(options.plants) if options.plants else parameters.load()
    share = _QUICK_SHARE if options.quick else 1
    plants, healthy = PLANTS // share, HEALTHY_PLANTS // share
    first = options.seed * _SEED_SPREAD
    runs: list[FaultRun] = []
    uses: list[Healthy] = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        broken = pool.map(partial(break_plant, table), range(first, first + plants))
        used = pool.map(partial(use_plant, table), range(first + plants, first + plants + healthy))
        parts: Iterator[list[FaultRun] | Healthy] = chain(broken, used)
        for done, part in enumerate(parts, 1):
            if isinstance(part, Healthy):
                uses.append(part)
            else:
                runs += part
            options.progress(done / (plants + healthy))
    return _report(runs, uses)


def break_plant(table: parameters.Parameters, key: int) -> list[FaultRun]:
    """Every fault in plant `key`, one at a time."""
    plant = parameters.draw(key, table)
    return [_break(plant, name, case, key) for name, case in CASES.items()]


def _break(plant: dict[str, dict[str, Any]], name: str, case: Case, key: int) -> FaultRun:
    rig = Rig(plant, "this", 1 + key % 2, key)
    rig.guarded = True
    if case.running:
        rig.run(_WARM_UP_S, case.set_rpm, _LOAD)
    else:
        rig.run(1.0, 0, _LOAD)
    case.apply(rig)
    start = len(rig.trace.t_s)
    after_s = None
    code = 0
    for second in range(round(case.watch_s)):
        rig.run(1.0, case.set_rpm, _LOAD)
        code = rig.faults.code or code
        if rig.faults.latched and after_s is None:
            tripped = rig.trace.latched.index(True, start)
            after_s = (tripped + 1 - start) * TICK_S
        if after_s is not None and second * 1.0 > after_s + 5.0:
            break
    trace = rig.trace
    driven = sum(permille > 0 for permille in trace.permille[start:]) * TICK_S
    return FaultRun(name, after_s, code, driven, tuple(trace.t_s[::5]), tuple(trace.turn_rpm[::5]))


def use_plant(table: parameters.Parameters, key: int) -> Healthy:
    """Random use of a healthy plant; counts every rest and fault."""
    dice = random.Random(key)
    rig = Rig(parameters.draw(key, table), "this", 1 + key % 2, key)
    rig.guarded = True
    control = rig.control
    assert isinstance(control, Firmware)
    while len(rig.trace.t_s) * TICK_S < HEALTHY_S:
        control.pattern = dice.randrange(signals.MOTOR_FADE + 1)
        rig.heater = dice.choice((0.0, 0.3, 1.0))
        rig.pump_on = dice.random() < 0.3
        off = dice.random() < 0.15
        set_rpm = 0 if off else dice.choice(limits.MOTOR_LEVELS_RPM)
        rig.run(dice.uniform(1.0, _SETTLES_S), set_rpm, dice.choice((0.0, 0.5, 1.0)))
    tripped = rig.trace.tripped
    rests = sum(now and not before for before, now in pairwise(tripped))
    return Healthy(len(tripped) * TICK_S, rests, int(rig.faults.latched != 0))


def _report(runs: list[FaultRun], uses: list[Healthy]) -> Report:
    figures: dict[str, Distribution] = {}
    values: dict[str, Number] = {}
    missed = 0
    wrong = 0
    for name, case in CASES.items():
        mine = [run for run in runs if run.case == name]
        found = [run for run in mine if run.after_s is not None]
        if case.harmless:
            wrong += len(found)
            continue
        missed += len(mine) - len(found)
        right = sum(run.code in case.codes for run in mine) / len(mine)
        values[f"{name}: detected"] = len(found) / len(mine)
        values[f"{name}: told right"] = right
        if found:
            seconds = [run.after_s for run in found if run.after_s is not None]
            figures[f"{name}: after"] = Distribution.of(seconds, "s")
            figures[f"{name}: driven on"] = Distribution.of([run.pushed_s for run in mine], "s")
    standing = [name for name in CASES if name.startswith("blocked")]
    pushed = max(run.pushed_s for run in runs if run.case in standing)
    told = [
        values[f"{name}: told right"]
        for name, case in CASES.items()
        if not case.harmless and not name.startswith(_TACH)
    ]
    hours = sum(use.seconds for use in uses) / 3600
    values["runs"] = len(runs)
    values["fault-free hours"] = round(hours, 2)
    values["fault-free rests"] = sum(use.rests for use in uses)
    return Report(
        name="motor-faults",
        values=values,
        figures=figures,
        criteria=(
            Criterion("faults missed", missed, 0, "at most"),
            Criterion("told right, all but a lost tach", min(told), _TOLD_RIGHT, "at least"),
            Criterion("driven against a blocked shaft, worst", pushed, 4.0, "at most", "s"),
            Criterion("stopped for a harmless fault", wrong, 0, "at most"),
            Criterion("fault-free use stopped", sum(use.faults for use in uses), 0, "at most"),
        ),
        notes=(
            "a lost tach always stops the motor; it is told from a blocked shaft where the "
            "supply sags enough to see, and as a blocked shaft elsewhere",
            *_codes(),
        ),
        draw=lambda path: _draw(path, runs),
    )


def _codes() -> list[str]:
    return [
        f"{name}: told by {', '.join(fault_name(code) for code in case.codes)}"
        for name, case in CASES.items()
        if case.codes
    ]


def _draw(path: Path, runs: list[FaultRun]) -> None:
    """Speed around each fault, a panel each, every plant a line."""
    from matplotlib.figure import Figure

    from massager_tools.plots.style import GREEN, VERMILLION

    figure = Figure(figsize=(12, 12), layout="constrained")
    axes = figure.subplots((len(CASES) + 1) // 2, 2, sharey=True)
    for axis, (name, case) in zip(axes.flat, CASES.items(), strict=False):
        for run in runs:
            if run.case == name:
                axis.plot(run.t_s, run.rpm, lw=0.6, alpha=0.5, color=GREEN)
        axis.axvline(_WARM_UP_S if case.running else 1.0, color=VERMILLION, lw=1.0)
        axis.set_title(name)
        axis.set_ylabel("rpm")
        axis.set_xlim(0, 20 if case.watch_s == _WATCH_S else 120)
    for axis in axes[-1]:
        axis.set_xlabel("time, s; the line marks the fault")
    figure.savefig(path)
