"""Faults of the heating: the pad's temperature after each, and false stops without one.

Every fault is put into every pad at every level in the warm-up, when steady and in the
cool-down; so is what both thermistors have in common, with the two wired in opposite senses
and alike. Then the same massager lives hours of random use without any fault.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from massager_tools.verification.common_causes import CAUSES
from massager_tools.verification.harness import (
    STUDY_PROGRAM,
    TICK_S,
    TICKS_AN_HOUR,
    Device,
    PinnedSetpoints,
    fault_table,
    limits,
)
from massager_tools.verification.part_faults import (
    WITHOUT_SENSE,
    Case,
    FaultRun,
    Limits,
    Outcome,
    Quiet,
    activate,
    outcome,
    watch,
)
from massager_tools.verification.report import Criterion, Distribution, Number, Options, Report

PADS = 20
QUICK_PADS = 1
USE_PADS = 100
QUICK_USE_PADS = 2
HOURS_PER_PAD = 10
LEVELS_MC = (*limits.HEAT_LEVELS_MC, limits.HEAT_BOOST_MC)
MOMENTS = ("warm-up", "steady", "cool-down")
PEAK_LIMIT_C = 48.0
BOTH_WELDED = "low_side_welded + high_side_welded"
_NTC = ("open", "short", "frozen", "drifting", "drifting_down", "detached")
_PLAIN = (
    *(f"ntc_{n}_{kind}" for kind in _NTC for n in "ab"),
    *("ntcs_swapped", "low_side_welded", "high_side_welded", BOTH_WELDED),
    *("pad_open", "brown_out", "blanket"),
)
_UNSENSED = tuple(
    name + WITHOUT_SENSE for name in ("low_side_welded", "high_side_welded", "pad_open")
)
_ALIKE = ", wired alike"
_COMMON = tuple(CAUSES)
_COMMON_ALIKE = tuple(name + _ALIKE for name in _COMMON)
_ONLY_WIRING = ("damp to both wires", "common ground bad", "signal wires touch")
"""What two thermistors wired alike cannot see, whatever the program."""
FAULTS = (*_PLAIN, *_UNSENSED, *_COMMON, *_COMMON_ALIKE)
"""In words of the model; then those on a board without `heater_sense`; then causes in common."""

_STEADY_S = 420.0
_COOLED_S = 20.0
_HARMLESS = "what is not detected (swapped, blanket, sag, a thermistor that only reads low)"
# Beyond the limits: the warning's temperature for as long as the warning takes, or the trip's.
LIMITS = Limits(
    watch_s=300.0,
    after_stop_s=40.0,  # once the heat is stopped the pad only cools
    hazard_c=limits.PAD_WARNING_MC / 1000.0,
    hazard_s=limits.PAD_WARNING_MS / 1000.0,
    trip_c=limits.PAD_TRIP_MC / 1000.0,
)
COMMON_LIMITS = Limits(watch_s=900.0, after_stop_s=40.0, hazard_c=47.0, hazard_s=30.0, trip_c=48.0)
"""What a cause in common may do at most, without the thermal cut-off."""
_SEED_SPREAD = 100_003
_PATIENCE_S = 1200.0  # a pad too weak to get half-way has its warm-up broken where it is

_SESSION_MIN = (5, 30)
_REST_MIN = (5, 60)
_CHANGE_MIN = (1, 12)  # between two things that a person does in a session


def make_device(case: Case) -> tuple[Device, PinnedSetpoints]:
    """Return the massager of a case under way, worn as this seed wears it."""
    setpoints = PinnedSetpoints()
    build = case.build.with_program(STUDY_PROGRAM)
    device = Device(case.parameters, build, case.seed, setpoints)
    use = random.Random(case.seed).choice(("leg", "leg", "blanket", "open"))
    device.plant.heat.set_leg(use != "open")
    device.plant.heat.blanket = use == "blanket"
    device.start()
    return device, setpoints


def moments(case: Case) -> list[tuple[str, Device]]:
    """Return the massager half-way up, steady, and cooling down."""
    device, setpoints = make_device(case)
    set_mc = case.setting
    device.run(5.0)
    half_mc = (device.measured.pad_temp_mc + set_mc) // 2
    setpoints.pin(heat_on=True, heat_set_mc=set_mc)
    for _ in range(round(_PATIENCE_S)):
        if device.measured.pad_temp_mc >= half_mc:
            break
        device.run(1.0)
    found = [(MOMENTS[0], device.branch())]
    device.run(_STEADY_S)
    found.append((MOMENTS[1], device.branch()))
    setpoints.pin(heat_on=False)
    device.run(_COOLED_S)
    return [*found, (MOMENTS[2], device)]


def run_case(case: Case) -> Outcome:
    """Put every fault of the case into its pad at every moment."""
    runs = []
    for moment, device in moments(case):
        for fault in case.faults:
            broken = device.branch()
            cause = CAUSES.get(fault.removesuffix(_ALIKE))
            if cause is not None:
                dice = random.Random(f"{case.seed} {case.setting} {moment} {fault}")
                runs.append(watch(broken, fault, moment, COMMON_LIMITS, cause(dice)))
                continue
            activate(broken, fault)
            runs.append(watch(broken, fault, moment, LIMITS))
    return outcome(case.key, runs)


def use_pad(case: Case) -> Quiet:
    """Run `setting` hours of random sessions and rests with one pad; count what comes."""
    dice = random.Random(case.seed)
    stops: list[str] = []
    notices: list[str] = []
    ticks = heating = 0
    while ticks < case.setting * TICKS_AN_HOUR:
        device, setpoints = make_device(case)
        for set_mc, seconds in _session(dice):
            _change_surroundings(dice, device)
            setpoints.pin(heat_on=set_mc is not None, heat_set_mc=set_mc or 0)
            for _ in range(round(seconds / TICK_S)):
                device.tick()
                heating += device.outputs.heater_enable
        ticks += device.ticks
        for _, name, stopping in device.events:
            (stops if stopping and _latches(name) else notices).append(name)
    return Quiet(
        case.key, ticks / TICKS_AN_HOUR, heating / TICKS_AN_HOUR, tuple(stops), tuple(notices)
    )


def _latches(name: str) -> bool:
    rows = (*fault_table.HEAT, *fault_table.AIR, *fault_table.MOTOR, *fault_table.SYSTEM)
    return any(row[fault_table.NAME] == name and row[fault_table.STAYS] for row in rows)


def _session(dice: random.Random) -> list[tuple[int | None, float]]:
    """Return (set-point or None, seconds): a session with changes of level, then a rest."""
    left_min = dice.uniform(*_SESSION_MIN)
    parts: list[tuple[int | None, float]] = []
    boost_min = limits.HEAT_BOOST_MS / 60_000
    while left_min > 0:
        set_mc: int | None = dice.choice((*limits.HEAT_LEVELS_MC, limits.HEAT_BOOST_MC, None))
        minutes = min(dice.uniform(*_CHANGE_MIN), left_min)
        left_min -= minutes
        if set_mc == limits.HEAT_BOOST_MC:
            minutes = min(minutes, boost_min)
            boost_min -= minutes
        parts.append((set_mc, minutes * 60.0))
    parts.append((None, dice.uniform(*_REST_MIN) / 2 * 60.0))
    return parts


def _change_surroundings(dice: random.Random, device: Device) -> None:
    """Put the leg in or out, a blanket on or off, now and then."""
    heat = device.plant.heat
    if dice.random() < 0.3:
        heat.set_leg(not heat.leg_on)
    if dice.random() < 0.3:
        heat.blanket = not heat.blanket


def cases(options: Options) -> tuple[list[Case], list[Case]]:
    """Return the pads to break, and those to use."""
    from massager_tools.sim.model import parameters
    from massager_tools.verification import builds

    table = parameters.load(options.plants) if options.plants else parameters.load()
    pads, use_pads = (QUICK_PADS, QUICK_USE_PADS) if options.quick else (PADS, USE_PADS)
    hours = 1 if options.quick else HOURS_PER_PAD
    first = options.seed * _SEED_SPREAD
    # without `supply` a sag is the heat's own to survive: with it the session is paused
    sensed = builds.reference(["supply"])
    unsensed = builds.reference(["supply", "heater_sense"])
    broken = [
        Case(first + pad, circumstance, faults, parameters.draw(first + pad, table), build, level)
        for pad in range(pads)
        for level in LEVELS_MC
        for circumstance, faults, build in (
            ("sense", _PLAIN, sensed),
            ("no sense", _UNSENSED, unsensed),
            ("in common", _COMMON, sensed),
            ("in common, alike", _COMMON_ALIKE, builds.reference(["supply"], alike=True)),
        )
    ]
    used = [
        Case(seed, "use", (), parameters.draw(seed, table), builds.reference(), hours)
        for seed in range(first + pads, first + pads + use_pads)
    ]
    return broken, used


def measure(options: Options) -> Report:
    """Run `massager measure heat-faults`."""
    from massager_tools.verification import campaign

    broken, used = cases(options)
    found, quiet = campaign.run_both((broken, run_case, Outcome), (used, use_pad, Quiet), options)
    return report([run for one in found for run in one.fault_runs()], quiet)


def report(runs: Sequence[FaultRun], quiet: Sequence[Quiet]) -> Report:
    """Return the figures of broken pads and of fault-free hours."""
    figures: dict[str, Distribution] = {}
    values: dict[str, Number] = {}
    for fault in FAULTS:
        mine = [run for run in runs if run.fault == fault]
        if not mine:
            continue
        found = [run.latched_s for run in mine if run.latched_s is not None]
        values[f"{fault}: detected"] = len(found) / len(mine)
        if found:
            figures[f"{fault}: after"] = Distribution.of(found, "s")
        figures[f"{fault}: peak pad"] = Distribution.of([run.peak_c for run in mine], "°C")
    alone = [run for run in runs if run.fault in (*_PLAIN, *_UNSENSED)]
    single = [run.peak_c for run in alone if run.fault != BOTH_WELDED]
    missed = sum(run.hazard and run.latched_s is None for run in alone)
    too_hot = {
        fault: sum(run.hazard for run in runs if run.fault == fault)
        for fault in (*_COMMON, *_COMMON_ALIKE)
    }
    values.update({f"{fault}: too hot": count for fault, count in too_hot.items()})
    unseen = [name + _ALIKE for name in _ONLY_WIRING]
    values["runs"] = len(runs)
    values["runs beyond the limits"] = sum(run.hazard for run in alone)
    values["fault-free hours"] = round(sum(use.hours for use in quiet), 1)
    values["fault-free heating hours"] = round(sum(use.busy_hours for use in quiet), 1)
    values["fault-free warnings"] = sum(len(use.notices) for use in quiet)
    trips = [name for use in quiet for name in use.stops]
    return Report(
        name="heat-faults",
        figures=figures,
        values=values,
        criteria=(
            Criterion("missed where energy exceeds the limits", missed, 0, "at most"),
            Criterion(
                "peak true pad, any single fault",
                max(single, default=0.0),
                PEAK_LIMIT_C,
                "at most",
                "°C",
            ),
            Criterion(
                "too hot from a cause in common",
                sum(too_hot[fault] for fault in _COMMON),
                0,
                "at most",
            ),
            Criterion(
                "the same wired alike, but for what only wiring can see",
                sum(too_hot[fault] for fault in _COMMON_ALIKE if fault not in unseen),
                0,
                "at most",
            ),
            Criterion("false trips", len(trips), 0, "at most"),
        ),
        notes=(
            *_finals(runs),
            "both welded is two faults at once and no program can stop it: the thermal cut-off "
            "in series with the pad does. It is detected, and that is what the row shows.",
            f"detected: latched, heat refused until a person clears it; {_HARMLESS} cannot "
            "overheat the pad.",
            "beyond the limits: the true pad above 45.5 °C for 3 s, or at 47 °C.",
            "too hot: the true pad above 47.0 °C for 30 s, or at 48.0 °C; thermistors wired alike "
            f"cannot see: {', '.join(_ONLY_WIRING)}.",
            "every pad is calibrated cold, as the first power-up does it.",
            "supply sag: on a board without `supply`; with it SUPPLY_LOW pauses the session.",
            *([f"false trips: {', '.join(sorted(set(trips)))}"] if trips else []),
        ),
        draw=partial(draw, runs),
    )


def _finals(runs: Sequence[FaultRun]) -> list[str]:
    """Return in words how the runs of each fault ended."""
    lines = []
    for fault in FAULTS:
        finals = [run.latched or "goes on" for run in runs if run.fault == fault]
        counts = sorted({(finals.count(final), final) for final in finals}, reverse=True)
        lines.append(f"{fault}: " + ", ".join(f"{count} × {final}" for count, final in counts))
    return lines


def draw(runs: Sequence[Any], path: Path) -> None:
    """Draw the true pad temperature after each fault, and when it was detected."""
    from massager_tools.verification.heat_plot import draw_faults

    draw_faults(runs, list(FAULTS), path)
