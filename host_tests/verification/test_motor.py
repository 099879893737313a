"""The measures of the motor: their shape, that they can fail, that chance is in the seed."""

from dataclasses import replace
from pathlib import Path

import pytest

from massager_tools.firmware_tables import core
from massager_tools.sim.model import parameters
from massager_tools.verification import builds, motor, motor_faults
from massager_tools.verification.motor import FIGURES
from massager_tools.verification.part_faults import Case
from massager_tools.verification.report import Options

NOMINAL = motor.Case(1, "this", 1_400, parameters.nominal(), builds.reference())
BREAK = Case(1, "faults", (), parameters.nominal(), builds.reference())


def figures(control: str) -> dict[str, float]:
    outcome = motor.run_case(replace(NOMINAL, control=control))
    assert outcome.started and not outcome.stood and not outcome.tripped
    return dict(zip(FIGURES, outcome.figures, strict=True))


def test_the_firmware_holds_what_open_loop_lets_go() -> None:
    ours, cheap = figures("this"), figures("fixed duty")

    assert ours["droop"] < 5.0 < cheap["droop"]
    assert ours["recovery"] < 0.6
    assert ours["steady error"] < 0.5 < cheap["steady error"]


def test_a_weakened_regulator_misses_its_criteria(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core("motor.speed"), "_P_GAIN", 0)
    monkeypatch.setattr(core("motor.speed"), "_I_GAIN", 8)

    weak = figures("this")

    assert weak["droop"] > 5.0
    assert weak["recovery"] > 0.6


def test_the_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(motor, "PLANTS", 40)
    report = motor.measure(Options(quick=True))

    assert set(report.figures) == set(FIGURES)
    assert set(report.baselines) == {"this without a tach", "fixed duty", "simple-pid"}
    assert {one.name for one in report.criteria if not one.ok} <= {"droop, median"}
    assert report.draw is not None
    report.draw(tmp_path / "motor.png")
    assert (tmp_path / "motor.png").stat().st_size > 20_000


def test_a_plant_comes_from_the_seed_alone() -> None:
    table = parameters.load()
    assert motor.draw_plant(3, 7, table) == motor.draw_plant(3, 7, table)
    assert motor.draw_plant(3, 7, table) != motor.draw_plant(4, 7, table)


@pytest.mark.parametrize("name", [one for one in motor_faults.BREAKAGES if one != "overloaded"])
def test_every_fault_is_found_in_the_nominal_plant(name: str) -> None:
    named = motor_faults.BREAKAGES[name].named

    run = motor_faults.break_one(BREAK, name)

    assert (run.latched_s is None) == (not named)
    # a lost tach is known from a blocked shaft only where the supply sags enough
    accepted = (*named, "MOTOR_STALLED") if name.startswith("tach lost") else named
    assert not named or set(run.names) & set(accepted)


def test_without_its_guard_a_blocked_shaft_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    guard = core("motor.guard").MotorGuard
    monkeypatch.setattr(guard, "step", lambda *_: None)

    run = motor_faults.break_one(BREAK, "blocked while turning")

    assert run.latched_s is None
    assert run.driven_s > 4.0
    assert not motor_faults.report([run, replace(run, fault="overloaded")], []).ok


def test_healthy_use_is_left_alone() -> None:
    use = motor_faults.use_plant(replace(BREAK, seed=5, circumstance="use", setting=40))

    assert use.hours * 3600 >= 40.0
    assert use.stops == () and use.notices == ()
