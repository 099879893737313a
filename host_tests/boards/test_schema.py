"""The form of a board: every way to get it wrong names role, pin and rule."""

from typing import Any

import pytest

from host_tests.boards.changed import GONE, changed
from massager_tools.boards import check, load_board

BOARD = "esp32_devkitc"
DIVIDERS = {"pull_up_ohm": 24_000, "pull_down_ohm": 1_500, "rail_mv": 3_300}

# what, path, new value, rule, role, pin, words of the message
FORM_ROWS = [
    ("no_roles", "roles", GONE, "missing-key", "", None, "roles is missing"),
    ("roles_as_list", "roles", ["pump"], "wrong-type", "", None, "roles is ['pump']"),
    ("no_chip", "chip", GONE, "missing-key", "", None, "chip is missing"),
    ("unknown_chip", "chip", "esp8266", "wrong-type", "", None, "esp32c6"),
    ("unknown_psram", "psram", "some", "wrong-type", "", None, "'octal'"),
    ("name_with_space", "name", "my board", "wrong-type", "", None, "letters, digits"),
    ("number_as_name", "name", 7, "wrong-type", "", None, "letters, digits"),
    ("empty_title", "title", " ", "wrong-type", "", None, "a text"),
    ("unknown_top_key", "pins", {}, "unknown-key", "", None, "pins is not known"),
    ("no_ntc", "ntc", GONE, "missing-key", "", None, "ntc is missing"),
    ("no_motor", "motor", GONE, "missing-key", "", None, "motor is missing"),
    ("motor_too_slow", "motor.rpm_at_12v", 100, "wrong-type", "", None, "from 600 to 10000 rpm"),
    ("no_beta", "ntc.beta_k", GONE, "missing-key", "", None, "ntc: beta_k is missing"),
    ("no_pull_down", "ntc.pull_down_ohm", GONE, "missing-key", "pad_temp_b", 39, "pull_down_ohm"),
    ("third_sense", "roles.pad_temp_b.ntc_to", "air", "wrong-type", "pad_temp_b", 39, "'rail'"),
    ("float_ohm", "ntc.pull_up_ohm", 2.4e4, "wrong-type", "", None, "ntc: pull_up_ohm is 24000.0"),
    ("sensor_text", "pressure_sensor", "MPX", "wrong-type", "", None, "takes a table"),
    ("flat_sensor", "pressure_sensor.uv_per_kpa", 0, "wrong-type", "", None, "from 1000"),
    ("unknown_role", "roles.fan", {"pin": 5}, "unknown-role", "fan", 5, "roles are heater_enable"),
    (
        "fifth_chamber",
        "roles.chamber_5",
        {"pin": 2},
        "unknown-role",
        "chamber_5",
        2,
        "at most four",
    ),
    (
        "role_as_number",
        "roles.pump",
        18,
        "wrong-type",
        "pump",
        None,
        "pump is 18; it takes a table",
    ),
    ("no_pin", "roles.pump.pin", GONE, "missing-key", "pump", None, "pin is missing"),
    ("pin_as_text", "roles.pump.pin", "18", "wrong-type", "pump", None, "pin is '18'"),
    ("pin_as_truth", "roles.pump.pin", True, "wrong-type", "pump", None, "pin is True"),
    ("negative_pin", "roles.pump.pin", -1, "wrong-type", "pump", -1, "from 0"),
    ("no_safe", "roles.chamber_1.safe", GONE, "missing-key", "chamber_1", 19, "one of 0, 1"),
    ("safe_two", "roles.chamber_1.safe", 2, "wrong-type", "chamber_1", 19, "one of 0, 1"),
    ("safe_false", "roles.chamber_1.safe", False, "wrong-type", "chamber_1", 19, "one of 0, 1"),
    ("no_pwm", "roles.motor.pwm_hz", GONE, "missing-key", "motor", 23, "pwm_hz is missing"),
    ("pwm_of_a_valve", "roles.chamber_1.pwm_hz", 50, "unknown-key", "chamber_1", 19, "pwm_hz is"),
    (
        "invert",
        "roles.heater_enable.invert",
        True,
        "unknown-key",
        "heater_enable",
        32,
        "from safe",
    ),
    ("attenuation", "roles.pressure.attenuation_db", 3, "wrong-type", "pressure", 34, "0, 6, 11"),
    ("button_to_3v3", "roles.button_up.active", 1, "wrong-type", "button_up", 26, "to ground"),
    ("seven_lights", "roles.pixels.count", 7, "wrong-type", "pixels", 27, "8, as many lights"),
    ("empty_accept", "roles.tach.accept", "", "wrong-type", "tach", 16, "a text"),
    ("supply_alone", "supply_divider", GONE, "missing-key", "supply", 35, "needs supply_divider"),
    ("tach_alone", "tach_pulses_per_turn", GONE, "missing-key", "tach", 16, "needs tach_pulses"),
    ("no_pulses", "tach_pulses_per_turn", 0, "wrong-type", "", None, "from 1 to 12"),
]


def test_form(row: tuple[str, str, Any, str, str, int | None, str]) -> None:
    _, path, value, rule, role, pin, words = row
    (finding,) = check(changed(BOARD, {path: value}))
    assert (finding.severity, finding.rule, finding.role, finding.pin) == (
        "error",
        rule,
        role,
        pin,
    )
    assert words in finding.message


CURVE_ROWS = [
    ("one_point", ((25, 10_000),)),
    ("list", [(25, 10_000), (50, 3_588)]),
    ("three_in_one", ((25, 10_000), (50, 3_588, 1))),
    ("colder", ((50, 3_588), (25, 10_000))),
    ("same_twice", ((25, 10_000), (25, 9_000))),
    ("rising", ((25, 3_588), (50, 10_000))),
    ("no_ohm", ((25, 10_000), (50, 0))),
    ("endless", ((25, 1e999), (50, 3_588))),
    ("text", ((25, "10k"), (50, 3_588))),
]


def test_curve(row: tuple[str, Any]) -> None:
    ntc = DIVIDERS | {"points": row[1]}
    (finding,) = check(changed(BOARD, {"ntc": ntc}))
    assert (finding.rule, finding.role) == ("wrong-type", "")
    assert "ntc: points" in finding.message


def test_points_take_the_place_of_the_b_value() -> None:
    points = ((0, 32_650), (25, 10_000.0), (50, 3_603), (75, 1_481))
    assert check(changed(BOARD, {"ntc": DIVIDERS | {"points": points}})) == check(
        load_board(BOARD)
    )


@pytest.mark.parametrize("value", [None, 3, [], "BOARD"])
def test_anything_but_a_table_is_no_board(value: Any) -> None:
    (finding,) = check(value)
    assert finding.message == "BOARD takes a table {...}"


def test_finding_reads_as_one_line() -> None:
    board = changed(BOARD, {"roles.chamber_1.pin": 12})
    board["roles"]["pump"]["pin"] = 18
    (finding, *_notes) = check(board)
    assert str(finding).startswith(
        "error: chamber_1 on pin 12 (strapping): strapping pin: high at"
    )
    assert str(finding).endswith("; free pins that would do: 19")
    assert load_board(BOARD)["roles"]["chamber_1"]["pin"] == 19
