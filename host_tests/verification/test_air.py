"""The measures of the air: every criterion can fall short, and the device behind is whole."""

from dataclasses import replace
from typing import Any

import pytest

from massager_tools.verification import air, air_faults
from massager_tools.verification.air import BASELINES, IDEAL, PATTERNS
from massager_tools.verification.part_faults import FaultRun, Quiet
from massager_tools.verification.report import Options, Report

FOUND = FaultRun(
    fault="pump_dead",
    moment="fill",
    names=("PUMP_OR_SENSOR_DEAD",),
    shown_s=9.0,
    latched_s=9.0,
    latched="PUMP_OR_SENSOR_DEAD",
    peak_c=30.0,
    hazard=False,
    peak_mmhg=21.0,
    vented_s=0.4,
    driven_s=0.0,
    trace=(),
)
QUIET = Quiet("q", 0.5, 0.5, (), ())
STUCK = replace(FOUND, fault="hose_kinked", names=("HOSE_KINKED", "VENT_FAILED"), vented_s=11.0)


def short(report: Report) -> list[str]:
    return [one.name for one in report.criteria if not one.ok]


FAULTS_ROWS: tuple = (
    # name, runs, fault-free half hours, criteria that fall short
    ("all well", [FOUND], [QUIET], []),
    ("a wrong name", [replace(FOUND, names=("LEAK",))], [QUIET], ["named right", "the worst"]),
    ("a right one too late", [replace(FOUND, names=("LEAK", *FOUND.names))], [QUIET], ["named"]),
    ("one fault of two", [FOUND] * 99 + [replace(STUCK, names=("LEAK",))], [QUIET], ["worst"]),
    ("nothing found", [replace(FOUND, names=(), shown_s=None)], [QUIET], ["not found at all"]),
    ("too tight", [replace(FOUND, peak_mmhg=61.0)], [QUIET], ["peak pressure"]),
    ("air that stays", [replace(FOUND, vented_s=10.5)], [QUIET], ["below 8 mmHg"]),
    ("a stop", [FOUND], [replace(QUIET, stops=("VENT_FAILED",))], ["false stops"]),
    ("a vent fault that is named", [FOUND, STUCK], [QUIET], []),
    (
        "one that is not",
        [FOUND, replace(STUCK, names=("HOSE_OFF",))],
        [QUIET],
        ["was not shown"],
    ),
)


def test_faults(row: tuple) -> None:
    _, runs, quiet, expected = row
    missing = short(air_faults.report(runs, quiet))
    assert bool(missing) == bool(expected)
    for part in expected:
        assert any(part in name for name in missing)


def plant(**changed: Any) -> list[air.Outcome]:
    """What every scheme shows where all is well, but for what the firmware's have `changed`."""
    well = air.Outcome(
        key="",
        seed=1,
        scheme="",
        errors_mmhg=(0.5,),
        largest_mmhg=(0.9,),
        overshoot_mmhg=1.0,
        cycles_s=(30.0,),
        late_s=(0.1,),
    )
    schemes = (*PATTERNS, *BASELINES, IDEAL)
    return [
        replace(well, scheme=name, **(changed if name in ("wave", "squeeze") else {}))
        for name in schemes
    ]


PLANTS_ROWS: tuple = (
    ("all well", {}, []),
    ("far off", {"errors_mmhg": (2.5,)}, ["error at hold"]),
    ("over", {"overshoot_mmhg": 3.2}, ["overshoot"]),
    ("slow", {"cycles_s": (39.0,)}, ["cycle time"]),
    ("late", {"late_s": (0.6,), "says_so": True}, ["squeeze off the minute"]),
    ("late and silent", {"late_s": (0.6,)}, ["silent"]),
    ("stopped", {"stops": ("HOSE_OFF",)}, ["false stops"]),
)


def test_plants(row: tuple) -> None:
    _, changed, expected = row
    missing = short(air.report(plant(**changed)))
    assert bool(missing) == bool(expected)
    for part in expected:
        assert any(part in name for name in missing)


def test_a_moving_leg_stops_nothing_and_a_pump_that_welds_on_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(air_faults, "_MINUTES_A_RUN", 1)
    case = air_faults.cases(Options(quick=True))[1][0]
    quiet = air_faults.quiet_run(case)
    assert quiet.hours == pytest.approx(1 / 60) and quiet.stops == ()
    sound = air_faults.make_device

    def welded(case: Any) -> Any:
        device, setpoints = sound(case)
        device.plant.set_fault("pump_stuck_on", True)
        return device, setpoints

    monkeypatch.setattr(air_faults, "make_device", welded)
    quiet = air_faults.quiet_run(case)
    assert quiet.hours < 1 / 60 and quiet.stops


def test_a_copy_of_a_device_goes_its_own_way() -> None:
    device, _ = air_faults.make_device(air_faults.cases(Options(quick=True))[1][0])
    device.run(10.0)
    broken = device.branch()
    same = device.branch()
    broken.plant.set_fault("pressure_open", True)
    for one in (broken, same, device):
        one.run(3.0)
    assert [name for _, name, _ in broken.events] == ["PRESSURE_INVALID"]
    assert device.events == same.events == []
    assert device.plant.air.manifold_pa == same.plant.air.manifold_pa > 0.0
