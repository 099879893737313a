"""The heat measurements, each on a few pads, and that they can fail."""

from dataclasses import replace
from pathlib import Path

import pytest

from massager_tools.firmware_tables import core
from massager_tools.sim.model import parameters
from massager_tools.verification import MEASURES, builds, heat, heat_faults, measure
from massager_tools.verification.harness import Device, limits
from massager_tools.verification.heat_baselines import BASELINES
from massager_tools.verification.part_faults import (
    WITHOUT_SENSE,
    Case,
    FaultRun,
    Limits,
    activate,
    watch,
)
from massager_tools.verification.report import Options

SET_MC = 43_000
PAD = heat.Case(
    1,
    heat.OURS,
    parameters.nominal(),
    builds.reference(),
    SET_MC,
    41_000,
    hold_s=900.0,
    settled_s=60.0,
)


def steady(sense: bool) -> Device:
    """A worn pad that has been held at the set-point."""
    without = ["supply"] if sense else ["supply", "heater_sense"]
    case = Case(3, "", (), parameters.nominal(), builds.reference(without), SET_MC)
    device, setpoints = heat_faults.make_device(case)
    setpoints.pin(heat_on=True, heat_set_mc=SET_MC)
    device.run(900.0)
    assert not device.events and abs(device.plant.heat.face_c - SET_MC / 1000) < 1.0
    return device


@pytest.fixture(scope="module")
def sensed() -> Device:
    return steady(True)


@pytest.fixture(scope="module")
def unsensed() -> Device:
    return steady(False)


def broken(device: Device, fault: str) -> FaultRun:
    device = device.branch()
    activate(device, fault)
    return watch(device, fault, "steady", heat_faults.LIMITS)


def test_every_heat_measure_is_listed() -> None:
    assert {"thermistor", "heat", "heat-faults"} <= set(MEASURES)


def test_the_thermistor_table_reaches_its_bars() -> None:
    report = measure("thermistor", Options(quick=True))
    assert report.ok and len(report.criteria) >= 3


def test_ours_beats_full_power_on_the_same_pad() -> None:
    ours = heat.run_case(PAD)
    theirs = heat.run_case(replace(PAD, regulator="full power until target"))
    assert ours.time_ratio is not None and ours.time_ratio < 1.4
    assert ours.ripple is not None and theirs.ripple is not None
    assert ours.overshoot <= theirs.overshoot and ours.ripple < theirs.ripple
    names = (heat.OURS, heat.COLD, *BASELINES)
    assert not heat.report([replace(theirs, regulator=name, overshoot=0.9) for name in names]).ok
    weak = replace(ours, regulator=heat.OURS, least_s=None)
    report = heat.report([weak, *(replace(ours, regulator=name) for name in names)])
    assert report.values == {"pads": 1, "pads_too_weak": 1}


FAULT_ROWS = (
    # fault, latest detection in s (None: none needed), name
    ("ntc_a_open", 0.5, "NTC_A_INVALID"),
    ("ntc_b_open", 0.5, "NTC_B_INVALID"),
    ("ntc_a_short", 0.5, "NTC_A_INVALID"),
    ("ntc_a_drifting", 130.0, "NTC_DISAGREE_TRIP"),
    ("ntc_b_detached", 60.0, "NTC_DISAGREE_TRIP"),
    ("ntcs_swapped", None, ""),
    ("low_side_welded", 60.0, "LOW_SIDE_WELDED"),
    ("low_side_welded" + WITHOUT_SENSE, None, ""),
    ("pad_open", 200.0, "LOW_SIDE_WELDED"),
    ("pad_open" + WITHOUT_SENSE, 200.0, "NO_HEAT"),
    (heat_faults.BOTH_WELDED, 120.0, "LOW_SIDE_WELDED"),
)


@pytest.mark.parametrize(("fault", "within_s", "name"), FAULT_ROWS)
def test_a_fault_when_steady(
    sensed: Device, unsensed: Device, fault: str, within_s: float | None, name: str
) -> None:
    run = broken(unsensed if fault.endswith(WITHOUT_SENSE) else sensed, fault)
    assert not (run.hazard and run.latched_s is None)
    assert name in (run.names or ("",))
    assert (run.latched_s is None) == (within_s is None)
    if within_s is not None and run.latched_s is not None:
        assert run.latched_s <= within_s
    assert run.peak_c < heat_faults.PEAK_LIMIT_C or fault == heat_faults.BOTH_WELDED


def mad(device: Device) -> Device:
    """The same, its regulator stuck at full power, under a blanket."""
    device = device.branch()
    regulator = device.controller.regulators.heat

    def full_power(set_mc: int) -> None:
        regulator.enable, regulator.permille = True, 1_000

    regulator.step = full_power
    device.plant.heat.blanket = True
    return device


def test_a_guard_that_sleeps_is_found_out(
    unsensed: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The campaign has to be able to fail: a regulator gone mad, and no guard."""
    device = mad(unsensed)
    monkeypatch.setattr(core("guards").Guards, "step", lambda *_: None)
    device.controller.guards.heat_max_permille = 1_000
    run = watch(device, "blanket", "steady", heat_faults.LIMITS)
    assert run.hazard and run.latched_s is None
    report = heat_faults.report(
        [replace(run, fault=one, peak_c=48.1) for one in heat_faults.FAULTS], []
    )
    assert [one.ok for one in report.criteria] == [False, False, False, False, True]


def test_the_guard_alone_holds_a_regulator_gone_mad(unsensed: Device) -> None:
    run = watch(mad(unsensed), "blanket", "steady", heat_faults.LIMITS)
    assert run.peak_c < heat_faults.PEAK_LIMIT_C


@pytest.mark.parametrize("seed", range(2))
def test_a_weak_pad_between_checks_gains_little_even_with_both_thermistors_dead(seed: int) -> None:
    """Two faults at the worst moment: the guard has just found this pad to be weak."""
    drawn = parameters.draw(seed, parameters.load())
    drawn["heat"] |= {"heater_ohm": 20.5, "ambient_c": 12.0}
    build = builds.reference(["supply", "heater_sense"])
    device, setpoints = heat_faults.make_device(Case(seed, "", (), drawn, build))
    device.plant.heat.set_leg(True)
    device.plant.heat.blanket = False
    setpoints.pin(heat_on=True, heat_set_mc=SET_MC)
    check = device.controller.guards._heat._heater_check
    for _ in range(1_200):
        device.run(1.0)
        if check._recheck_steps:
            break
    for one in ("ntc_a_frozen", "ntc_b_frozen", "blanket"):
        device.plant.set_fault(one, True)
    run = watch(device, "", "", Limits(900.0, 60.0))
    assert run.peak_c < heat_faults.PEAK_LIMIT_C
    assert run.latched_s is not None


def test_use_trips_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heat_faults, "TICKS_AN_HOUR", 60_000)
    case = Case(7, "use", (), parameters.draw(7, parameters.load()), builds.reference(), 1)
    use = heat_faults.use_pad(case)
    assert use.hours >= 1 and use.stops == () and use.busy_hours > 0


def test_the_pictures_are_drawn(tmp_path: Path, sensed: Device) -> None:
    heat_faults.draw([broken(sensed, "ntc_a_open")], tmp_path / "faults.png")
    assert (tmp_path / "faults.png").stat().st_size > 1_000


def test_the_boost_is_among_the_levels() -> None:
    assert limits.HEAT_BOOST_MC in heat.LEVELS_MC and limits.HEAT_BOOST_MC in heat_faults.LEVELS_MC
