"""How well the motor holds its speed: load steps, level changes, starts, a restless supply.

Every plant goes through the same story at three speeds, one drawn from each third of
600–2400 rpm, under every control. Speeds are means over the last whole turn: the
eccentric's ripple within a turn is the massage, not an error.
"""

from __future__ import annotations

import itertools
import os
import random
import statistics
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from massager_tools.sim.model import parameters
from massager_tools.verification.motor_rig import CONTROLS, TICK_S, Rig, Trace, limits, share_off
from massager_tools.verification.report import Criterion, Distribution, Options, Report

PLANTS = 200
_QUICK_SHARE = 10
_BAND_PERCENT = 1.0  # recovered: back within this of the set-point for good
_FULL = 1000  # permille: no control can give more
_LEVEL_RPM = limits.MOTOR_LEVELS_RPM[1] - limits.MOTOR_LEVELS_RPM[0]
_REACHED = 0.97  # the end of a start, as a share of the set-point …
_TURNS = 0.5  # … and the least of one that has not failed
_OURS = "this"
_BLIND = "this without a tach"

_START_S = 9.0  # 2400 rpm at 400 rpm/s, and time to settle
_SETTLE_S = 3.0
_LOADED_S = 4.0
_MEAN_S = 2.0  # steady errors are means over this
_CHANGE_S = 3.0
_SWITCH_S = 0.7  # heater and pump switch in turn, this far apart
_HEATER_DUTIES = (1.0, 0.0, 0.5, 0.0, 1.0, 0.3)

# figure → unit, bad side
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
class Run:
    """One plant at one speed under one control."""

    control: str
    set_rpm: int
    figures: dict[str, float]
    started: bool
    stood: bool
    tripped: bool
    short_of_volts: bool


def measure(options: Options) -> Report:
    """Droop, recovery, steady error, overshoot and starts; see the module."""
    table = parameters.load(options.plants) if options.plants else parameters.load()
    plants = PLANTS // _QUICK_SHARE if options.quick else PLANTS
    jobs = [(options.seed, number, table) for number in range(plants)]
    runs: list[Run] = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for done, found in enumerate(pool.map(_plant, jobs, chunksize=2), 1):
            runs += found
            options.progress(done / plants)
    return _report(runs, plants, options.seed, table)


def _plant(job: tuple[int, int, parameters.Parameters]) -> list[Run]:
    seed, number, table = job
    drawn, pulses, speeds = _draw(seed, number, table)
    return [
        _judge(control, set_rpm, _story(drawn, control, pulses, number, set_rpm))
        for set_rpm, control in itertools.product(speeds, CONTROLS)
    ]


def _draw(
    seed: int, number: int, table: parameters.Parameters
) -> tuple[dict[str, dict[str, Any]], int, tuple[int, ...]]:
    """Plant `number`: its parameters, the pulses of its tach, the speeds it is asked for."""
    key = seed * 1_000_003 + number
    dice = random.Random(key)
    third = (limits.MOTOR_MAX_RPM - limits.MOTOR_MIN_RPM) / 3
    speeds = tuple(int(limits.MOTOR_MIN_RPM + third * (part + dice.random())) for part in range(3))
    return parameters.draw(key, table), 1 + number % 2, speeds


# The story's marks: seconds at which its chapters end.
_STARTED = _START_S
_UNLOADED = _STARTED + _SETTLE_S
_LOADED = _UNLOADED + _LOADED_S
_RELEASED = _LOADED + _SETTLE_S
_CHANGED = _RELEASED + 2 * _CHANGE_S
_SWITCHED = _CHANGED + _SWITCH_S * len(_HEATER_DUTIES) + 1.0


def _story(
    plant: dict[str, dict[str, Any]], control: str, pulses: int, seed: int, set_rpm: int
) -> Trace:
    rig = Rig(plant, control, pulses, seed)
    rig.run(_START_S, set_rpm, 1.0)
    rig.run(_SETTLE_S, set_rpm, 0.0)
    rig.run(_LOADED_S, set_rpm, 1.0)
    rig.run(_SETTLE_S, set_rpm, 0.0)
    other_rpm = set_rpm + _LEVEL_RPM
    if other_rpm > limits.MOTOR_MAX_RPM:
        other_rpm = set_rpm - _LEVEL_RPM
    rig.run(_CHANGE_S, other_rpm, 0.5)
    rig.run(_CHANGE_S, set_rpm, 0.5)
    for index, duty in enumerate(_HEATER_DUTIES):
        rig.heater = duty
        rig.pump_on = index % 3 != 2
        rig.run(_SWITCH_S, set_rpm, 0.5)
    rig.heater = 0.0
    rig.pump_on = False
    rig.run(1.0, set_rpm, 0.5)
    return rig.trace


def _judge(control: str, set_rpm: int, trace: Trace) -> Run:
    speeds = trace.turn_rpm

    def part(start_s: float, end_s: float) -> list[float]:
        return speeds[round(start_s / TICK_S) : round(end_s / TICK_S)]

    start = part(0.0, _STARTED)
    reached = next((i for i, rpm in enumerate(start) if rpm >= _REACHED * set_rpm), None)
    before = statistics.fmean(part(_UNLOADED - _MEAN_S, _UNLOADED))
    loaded = part(_UNLOADED, _LOADED)
    outside = [i for i, rpm in enumerate(loaded) if share_off(rpm, set_rpm) > _BAND_PERCENT]
    steady = statistics.fmean(part(_LOADED - _MEAN_S, _LOADED))
    released = part(_LOADED, _RELEASED)
    switching = part(_CHANGED, _SWITCHED)
    halfway = next((i for i, rpm in enumerate(start) if rpm >= _TURNS * set_rpm), None)
    figures = {
        "droop": max(0.0, (1 - min(loaded) / before) * 100),
        "recovery": (outside[-1] + 1) * TICK_S if outside else 0.0,
        "steady error": max(share_off(before, set_rpm), share_off(steady, set_rpm)),
        "rise on release": max(0.0, (max(released) / steady - 1) * 100),
        "overshoot": _overshoot(trace),
        "start time": (reached + 1) * TICK_S if reached is not None else _START_S,
        "error while heater and pump switch": max(share_off(rpm, set_rpm) for rpm in switching),
    }
    full = [
        max(trace.permille[round(start_s / TICK_S) : round(end_s / TICK_S)]) >= _FULL
        for start_s, end_s in ((_LOADED - _MEAN_S, _LOADED), (_CHANGED, _SWITCHED))
    ]
    return Run(
        control,
        set_rpm,
        figures,
        started=halfway is not None,
        stood=halfway is not None and any(trace.stood[halfway:]),
        tripped=any(trace.tripped),
        short_of_volts=any(full),
    )


def _overshoot(trace: Trace) -> float:
    """Beyond the new set-point after a change of level, up or down, in percent of it."""
    first, middle, last = (
        round(at_s / TICK_S) for at_s in (_RELEASED, _RELEASED + _CHANGE_S, _CHANGED)
    )
    worst = 0.0
    for start, end in ((first, middle), (middle, last)):
        was, now = trace.set_rpm[start - 1], trace.set_rpm[start]
        speeds = trace.turn_rpm[start:end]
        beyond = max(speeds) / now - 1 if now > was else 1 - min(speeds) / now
        worst = max(worst, beyond * 100)
    return worst


def _report(runs: list[Run], plants: int, seed: int, table: parameters.Parameters) -> Report:
    by_control = {name: [run for run in runs if run.control == name] for name in CONTROLS}
    ours = by_control[_OURS]
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
    held = able_figures["error while heater and pump switch"]
    return Report(
        name="motor",
        values=values,
        figures=figures,
        baselines={name: _figures(found) for name, found in by_control.items() if name != _OURS},
        criteria=(
            Criterion(
                "steady error, worst", able_figures["steady error"].worst, 1.0, "at most", "%"
            ),
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
        draw=lambda path: _draw_plot(path, seed, table),
    )


def _figures(runs: Iterable[Run]) -> dict[str, Distribution]:
    found = list(runs)
    return {
        name: Distribution.of([run.figures[name] for run in found], unit)
        for name, unit in FIGURES.items()
    }


def _draw_plot(path: Path, seed: int, table: parameters.Parameters) -> None:
    """The story of the nominal plant under every control."""
    from massager_tools.verification.motor_plot import draw

    plant = parameters.nominal(table)
    rpm = limits.MOTOR_LEVELS_RPM[1]
    draw(path, {name: _story(plant, name, 1, seed, rpm) for name in CONTROLS})
