"""Ordinary use: the rig is the whole device, a sound one is never stopped, a broken one is."""

from dataclasses import replace
from pathlib import Path

from massager_tools.firmware_tables import core
from massager_tools.sim.model import parameters
from massager_tools.verification import builds, campaign, endurance
from massager_tools.verification.endurance import Outcome, case_of
from massager_tools.verification.harness import Device
from massager_tools.verification.report import Options

CALM = Outcome("a", 2.0, 5, (), ("LEAK, warm, 3.0 min",), 42.0, 28.0)


def started(parameters_: dict, seed: int) -> Device:
    """A device of the reference board, half a minute into the evening program, heat asked for."""
    signals = core("signals")
    device = Device(parameters_, builds.reference(), seed)
    device.start()
    device.run(5.0)
    device.press(signals.BUTTON_HEAT, 0.15)
    device.run(25.0)
    assert device.state == core("safety.supervisor").RUN
    return device


def test_the_rig_squeezes_heats_and_turns() -> None:
    device = started(parameters.nominal(), 1)
    heat_c, highest_pa = device.plant.heat.face_c, 0.0
    for _ in range(60):
        device.run(1.0)
        highest_pa = max(highest_pa, *device.plant.air.chamber_pa)
    assert device.plant.heat.face_c > heat_c + 1
    assert highest_pa > 2_000
    measured = device.controller.measured
    true_rpm = device.plant.motor.speed_rad_s * 60 / 6.283
    assert abs(measured.motor_rpm - true_rpm) < 0.1 * true_rpm and true_rpm > 300
    assert abs(measured.supply_mv - device.plant.supply.volts * 1000) < 800
    assert device.events == []


BROKEN_ROWS: tuple = (
    # name, fault of the model, its name in the firmware
    ("a thermistor", "ntc_b_short", "NTC_B_INVALID"),
    ("the pressure sensor", "pressure_open", "PRESSURE_INVALID"),
    ("the motor", "motor_stalled", "MOTOR_STALLED"),
    ("the supply", "brown_out", "SUPPLY_LOW"),
)


def test_broken(row: tuple) -> None:
    _, fault, name = row
    device = started(parameters.nominal(), 1)
    device.plant.set_fault(fault, True)
    device.run(12.0)
    assert any(shown == name and stops for _, shown, stops in device.events)


def test_a_switch_that_welds_at_rest_is_seen_by_its_sense_pin() -> None:
    device = Device(parameters.nominal(), builds.reference(), 1)
    device.run(0.5)
    device.plant.set_fault("high_side_welded", True)
    device.run(1.0)
    assert ("HIGH_SIDE_WELDED", True) in [event[1:] for event in device.events]


def test_hours_stop_nothing_are_remembered_and_come_out_the_same_again(tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    case = case_of(5, 0.02)
    once, fresh = campaign.run([case], endurance.run_case, Outcome, Options(keep=keep))
    assert fresh == 1 and once[0].trips == () and once[0].hours >= case.hours
    again, fresh = campaign.run([case], endurance.run_case, Outcome, Options(keep=keep))
    assert (again, fresh) == (once, 0)
    assert endurance.run_case(case) == once[0]


def test_a_trip_ends_the_evenings_and_fails_the_bar() -> None:
    person = endurance._Person(case_of(5, 1.0))
    person.device.plant.set_fault("pressure_short", True)
    person.spend_an_evening()
    assert person.trips and "PRESSURE_INVALID" in person.trips[0]
    report = endurance.report([CALM, replace(CALM, trips=tuple(person.trips))], 4.0)
    assert not report.ok and report.values["false trips"] == len(person.trips)
    assert endurance.report([CALM], 2.0).ok and not endurance.report([CALM], 2.5).ok


def test_boards_differ_and_keep_what_no_massager_lacks() -> None:
    roles = [frozenset(builds.drawn(seed).board["roles"]) for seed in range(40)]
    assert len(set(roles)) > 8
    assert all({"heater_enable", "pad_temp_b", "pressure", "chamber_2"} <= one for one in roles)
