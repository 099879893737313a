"""The measures of the motor: their shape, that they can fail, that chance is in the seed."""

from pathlib import Path

import pytest

from massager_tools.sim.model import parameters
from massager_tools.verification import motor, motor_faults, motor_rig
from massager_tools.verification.report import Options

PLANT = parameters.nominal()


def story(control: str) -> motor.Run:
    return motor._judge(control, 1_400, motor._story(PLANT, control, 1, 1, 1_400))


def test_the_firmware_holds_what_open_loop_lets_go() -> None:
    ours, cheap = story("this"), story("fixed duty")

    assert ours.figures["droop"] < 5.0 < cheap.figures["droop"]
    assert ours.figures["recovery"] < 0.6
    assert ours.figures["steady error"] < 0.5 < cheap.figures["steady error"]
    assert ours.started and not ours.stood and not ours.tripped


def test_a_weakened_regulator_misses_its_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motor_rig._speed, "_P_GAIN", 0)
    monkeypatch.setattr(motor_rig._speed, "_I_GAIN", 8)

    weak = story("this")

    assert weak.figures["droop"] > 5.0
    assert weak.figures["recovery"] > 0.6


def test_the_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(motor, "PLANTS", 20)
    report = motor.measure(Options(quick=True))

    assert set(report.figures) == set(motor.FIGURES)
    assert set(report.baselines) == {"this without a tach", "fixed duty", "simple-pid"}
    assert {bar.name for bar in report.criteria if not bar.ok} <= {"droop, median"}
    assert report.draw is not None
    report.draw(tmp_path / "motor.png")
    assert (tmp_path / "motor.png").stat().st_size > 20_000


def test_a_plant_comes_from_the_seed_alone() -> None:
    table = parameters.load()
    assert motor._draw(3, 7, table) == motor._draw(3, 7, table)
    assert motor._draw(3, 7, table) != motor._draw(4, 7, table)


@pytest.mark.parametrize("name", [name for name in motor_faults.CASES if name != "overloaded"])
def test_every_fault_is_found_in_the_nominal_plant(name: str) -> None:
    case = motor_faults.CASES[name]

    run = motor_faults._break(PLANT, name, case, 1)

    assert (run.after_s is None) == case.harmless
    assert case.harmless or run.code in case.codes


def test_without_its_guard_a_blocked_shaft_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motor_rig._guard.MotorGuard, "_check_stall", lambda *_: 0)
    name = "blocked while turning"

    run = motor_faults._break(PLANT, name, motor_faults.CASES[name], 1)

    assert run.after_s is None
    assert run.pushed_s > 4.0


def test_healthy_use_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motor_faults, "HEALTHY_S", 40.0)

    use = motor_faults.use_plant(parameters.load(), 5)

    assert use.seconds >= 40.0
    assert use.rests == 0 and use.faults == 0
