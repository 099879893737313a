"""The measures of the air: every bar of theirs can fall short, and the rig behind them is real."""

from dataclasses import replace
from typing import Any

import pytest

from massager_tools.sim.model import parameters
from massager_tools.verification import air, air_faults
from massager_tools.verification.air import Seen
from massager_tools.verification.air_faults import Case
from massager_tools.verification.report import Report

FOUND = Case("pump_dead", "wave", "fill", ("PUMP_OR_SENSOR_DEAD",), 9.0, 21.0, 0.4)
QUIET: tuple[float, list[str], list[str], int] = (0.5, [], [], 40)
STUCK = replace(FOUND, fault="hose_kinked", names=("VENT_FAILED", "HOSE_KINKED"), vented_s=11.0)


def short(report: Report) -> list[str]:
    return [bar.name for bar in report.criteria if not bar.ok]


FAULTS_ROWS: tuple = (
    # name, cases, fault-free half hours, bars that fall short
    ("all well", [FOUND], [QUIET], []),
    ("a wrong name", [replace(FOUND, names=("LEAK",))], [QUIET], ["named right", "the worst"]),
    ("a right one too late", [replace(FOUND, names=("LEAK", *FOUND.names))], [QUIET], ["named"]),
    ("one fault of two", [FOUND] * 99 + [replace(STUCK, names=("LEAK",))], [QUIET], ["worst"]),
    ("nothing found", [replace(FOUND, names=(), found_s=None)], [QUIET], ["not found at all"]),
    ("too tight", [replace(FOUND, peak_mmhg=61.0)], [QUIET], ["peak pressure"]),
    ("air that stays", [replace(FOUND, vented_s=10.5)], [QUIET], ["below 8 mmHg"]),
    ("a stop", [FOUND], [(0.2, ["VENT_FAILED"], [], 9)], ["false stops"]),
    ("a vent fault that is told", [FOUND, replace(STUCK, names=STUCK.names[::-1])], [QUIET], []),
    (
        "one that is not",
        [FOUND, replace(STUCK, names=("HOSE_OFF",))],
        [QUIET],
        ["nobody was told"],
    ),
)


def test_faults(row: tuple) -> None:
    _, cases, quiet, expected = row
    missing = short(air_faults._report(cases, quiet))
    assert bool(missing) == bool(expected)
    for part in expected:
        assert any(part in name for name in missing)


def a_plant(**wave: Any) -> dict[str, Seen]:
    """What every scheme shows where all is well, but for `wave`."""
    well = Seen(
        errors_mmhg=[0.5],
        largest_mmhg=[0.9],
        overshoot_mmhg=1.0,
        cycles_s=[30.0],
        ratios=[1.0],
        filling_ratios=[1.0],
        late_s=[0.1],
    )
    schemes = ("wave", "ripple", "squeeze", "foot_first", "timed", "on/off")
    return {
        name: replace(well, **(wave if name in ("wave", "squeeze") else {})) for name in schemes
    }


PLANTS_ROWS: tuple = (
    ("all well", {}, []),
    ("far off", {"errors_mmhg": [2.5]}, ["error at hold"]),
    ("over", {"overshoot_mmhg": 3.2}, ["overshoot"]),
    ("slow", {"ratios": [1.3]}, ["cycle time"]),
    ("late", {"late_s": [0.6], "says_so": True}, ["squeeze off the minute"]),
    ("late and silent", {"late_s": [0.6]}, ["silent"]),
    ("stopped", {"stops": ["HOSE_OFF"]}, ["false stops"]),
)


def test_plants(row: tuple) -> None:
    _, wave, expected = row
    missing = short(air._report([a_plant(**wave)], None))
    assert bool(missing) == bool(expected)
    for part in expected:
        assert any(part in name for name in missing)


def test_a_moving_leg_stops_nothing_and_a_pump_that_welds_on_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = parameters.load()
    hours, stops, _, cycles = air_faults.quiet_hours(3, 0.02, table)
    assert hours == pytest.approx(0.02) and stops == [] and cycles > 0
    sound = air_faults._rig

    def welded(*arguments: object) -> object:
        rig = sound(*arguments)  # type: ignore[arg-type]
        rig.air.pump_stuck_on = True
        return rig

    monkeypatch.setattr(air_faults, "_rig", welded)
    hours, stops, _, _ = air_faults.quiet_hours(3, 0.02, table)
    assert hours < 0.02 and stops
