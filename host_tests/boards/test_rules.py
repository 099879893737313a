"""Each rule: a board that breaks it and nothing else, and what is said of that."""

from dataclasses import replace
from typing import Any

import pytest

from host_tests.boards.changed import GONE, changed
from massager_tools.boards import Finding, check, load_board
from massager_tools.boards.chips import CHIPS

ESP32, S3, C3, C6 = (
    "esp32_devkitc",
    "esp32s3_devkitc1",
    "esp32c3_three_chambers",
    "esp32c6_devkitc1",
)
# rule, board, role, its new pin, words of the one error
PIN_ROWS = [
    ("no-pin", ESP32, "pump", 24, "no such pin"),
    ("no-pin", C3, "pump", 22, "no such pin"),
    ("flash", ESP32, "chamber_2", 7, "not start"),
    ("flash", S3, "tach", 30, "not start"),
    ("flash", C3, "chamber_1", 12, "not start"),
    ("flash", C6, "pixels", 26, "not start"),
    ("strapping", ESP32, "chamber_1", 12, "1.8 V"),
    ("strapping", ESP32, "chamber_1", 2, "flashed"),
    ("strapping", ESP32, "heater_sense", 15, "boot log"),
    ("strapping", S3, "tach", 45, "1.8 V"),
    ("strapping", C6, "pressure", 5, "SDIO"),
    ("input-only", ESP32, "chamber_1", 35, "can only read"),
    ("no-pull", ESP32, "button_up", 35, "pull resistor"),
    ("no-pull", ESP32, "tach", 35, "pull resistor"),
    ("adc", ESP32, "supply", 4, "ADC2 fails while Wi-Fi"),
    ("adc", ESP32, "supply", 22, "no ADC"),
    ("adc", S3, "rail", 18, "ADC2 fails while Wi-Fi"),
    ("adc", C6, "supply", 20, "no ADC"),
    ("console", ESP32, "button_up", 3, "only console"),
    ("uart0", S3, "button_up", 44, "UART0"),
    ("usb", S3, "button_up", 19, "keeps this pin for USB"),
    ("usb", C3, "chamber_1", 18, "keeps this pin for USB"),
    ("usb", C6, "chamber_1", 12, "keeps this pin for USB"),
    ("reset-glitch", ESP32, "heater_enable", 13, "driven meanwhile"),
    ("reset-glitch", ESP32, "heater_pwm", 14, "driven meanwhile"),
    ("reset-glitch", ESP32, "pump", 14, "driven meanwhile"),
    ("reset-glitch", S3, "heartbeat", 18, "driven meanwhile"),
    ("reset-glitch", C6, "motor", 6, "driven meanwhile"),
]


def test_pin(row: tuple[str, str, str, int, str]) -> None:
    rule, name, role, pin, words = row
    finding = the_worst(moved(name, role, pin))
    assert (finding.severity, finding.rule) == ("error", rule)
    assert (finding.role, finding.pin) == (role, pin)
    assert words in finding.message


INVERTED_PUMP = {"pin": 18, "safe": 1, "pwm_hz": 20_000}
VALVE_ON_14 = {"roles.button_heat": GONE, "roles.chamber_1.pin": 14}
TWO_GONE = {"roles.chamber_3": GONE, "roles.chamber_2": GONE}
COARSE_NTC = {"ntc.pull_up_ohm": 10_000}

# rule, board, changes, severity and role of the worst finding, words of its message
BOARD_ROWS: list[tuple[str, str, dict[str, Any], str, str, str]] = [
    ("psram", S3, {"psram": "octal", "roles.tach.pin": 36}, "error", "tach", "octal"),
    ("psram", S3, {"roles.tach.pin": 36}, "warning", "tach", 'say "psram": "none"'),
    ("psram", C3, {"psram": "quad"}, "error", "", "psram is none"),
    ("psram", ESP32, {"psram": "octal"}, "error", "", "psram is none or quad"),
    ("off-module", ESP32, {"roles.supply.pin": 37}, "warning", "supply", "bring this pin out"),
    ("off-module", C6, {"roles.pixels.pin": 14}, "warning", "pixels", "bring this pin out"),
    ("reset-glitch", ESP32, VALVE_ON_14, "note", "chamber_1", "may click"),
    ("missing-role", ESP32, {"roles.motor": GONE}, "error", "motor", "cannot do without"),
    ("missing-role", ESP32, {"roles.button_down": GONE}, "error", "button_down", "cannot do"),
    ("missing-role", ESP32, {"roles.heater_pwm": GONE}, "error", "heater_pwm", "cannot do"),
    ("chambers", ESP32, {"roles.chamber_2": GONE}, "error", "chamber_2", "without a gap"),
    ("chambers", ESP32, {"roles.chamber_1": GONE}, "error", "chamber_1", "at the ankle"),
    ("chambers", ESP32, TWO_GONE, "error", "chamber_2", "2, 3 or 4"),
    ("sensor", ESP32, {"roles.pad_temp_a": GONE}, "error", "pad_temp_a", "both are needed"),
    ("sensor", ESP32, {"roles.pad_temp_b": GONE}, "error", "pad_temp_b", "both are needed"),
    ("sensor", ESP32, {"roles.pressure": GONE}, "error", "pressure", "how hard"),
    ("sensor", ESP32, {"roles.tach": GONE}, "note", "tach", "open loop"),
    ("sensor", ESP32, {"roles.heater_sense": GONE}, "note", "heater_sense", "welded"),
    ("polarity", ESP32, {"roles.heater_enable.safe": 1}, "error", "heater_enable", "would heat"),
    ("polarity", ESP32, {"roles.heater_pwm.safe": 1}, "error", "heater_pwm", "would heat"),
    ("polarity", ESP32, {"roles.pump": INVERTED_PUMP}, "warning", "pump", "needs a pull-up"),
    ("polarity", S3, {"roles.exhaust.safe": 1}, "warning", "exhaust", "needs a pull-up"),
    (
        "ntc-alike",
        ESP32,
        {"roles.pad_temp_b.ntc_to": GONE},
        "warning",
        "pad_temp_b",
        "nothing sees",
    ),
    ("ntc-range", ESP32, {"ntc.pull_down_ohm": 4_700}, "error", "pad_temp_b", "150 to 1750 mV"),
    ("heartbeat", ESP32, {"roles.heartbeat": GONE}, "note", "heartbeat", "hangs"),
    ("ntc-range", ESP32, COARSE_NTC, "error", "pad_temp_a", "657 to 2381 mV at the pin"),
    ("ntc-range", S3, {"ntc.pull_up_ohm": 24_000}, "error", "pad_temp_a", "from 0 to 1600 mV"),
    (
        "pressure-range",
        ESP32,
        {"pressure_sensor.zero_mv": 200},
        "error",
        "pressure",
        "133 to 1133",
    ),
    ("pressure-range", C3, {"pressure_sensor.zero_mv": 500}, "error", "pressure", "0 to 1300 mV"),
    ("supply-range", ESP32, {"roles.supply.attenuation_db": 6}, "error", "supply", "10.5 to 15 V"),
    ("rail-range", S3, {"rail_divider.permille": 500}, "error", "rail", "3 to 3.6 V"),
]


def test_board(row: tuple[str, str, dict[str, Any], str, str, str]) -> None:
    rule, name, changes, severity, role, words = row
    finding = the_worst(changed(name, changes))
    assert (finding.severity, finding.rule, finding.role) == (severity, rule, role)
    assert words in finding.message


def moved(name: str, role: str, pin: int) -> dict[str, Any]:
    """The shipped board with `role` on `pin`; whoever was there is gone."""
    there = [other for other, spec in load_board(name)["roles"].items() if spec["pin"] == pin]
    gone: dict[str, Any] = {f"roles.{other}": GONE for other in there if other != role}
    return changed(name, {f"roles.{role}.pin": pin, **gone})


def new_findings(board: dict[str, Any]) -> list[Finding]:
    """Return the findings on a changed board that the shipped one does not have."""
    before = {(found.rule, found.role) for found in check(load_board(board["name"]))}
    return [finding for finding in check(board) if (finding.rule, finding.role) not in before]


def the_worst(board: dict[str, Any]) -> Finding:
    """The one finding of the highest severity on a changed board that it did not have before."""
    found = new_findings(board)
    (worst,) = [finding for finding in found if finding.severity == found[0].severity]
    return worst


def test_a_pin_used_twice_is_told_of_both_roles() -> None:
    found = new_findings(changed(ESP32, {"roles.chamber_1.pin": 23}))
    assert [(f.rule, f.role, f.severity) for f in found] == [
        ("duplicate", "motor", "error"),
        ("duplicate", "chamber_1", "error"),
    ]
    assert "also that of chamber_1" in found[0].message
    assert found[0].try_pins == (19,)


def test_a_pin_that_is_wrong_in_two_ways_is_told_of_both() -> None:
    found = new_findings(changed(ESP32, {"roles.pump.pin": 0}))
    assert {(f.rule, f.role) for f in found} == {("strapping", "pump"), ("reset-glitch", "pump")}


def test_errors_come_before_warnings_before_notes() -> None:
    found = check(changed(S3, {"roles.tach": GONE, "roles.exhaust.safe": 1, "roles.pump.pin": 3}))
    assert [finding.severity for finding in found] == ["error", "warning", "note"]


BUDGET_ROWS = [
    (3, 2, []),
    (2, 2, ["3 PWM outputs, the esp32 has 2: the last would not start"]),
    (3, 1, ["2 different pwm_hz, the esp32 has 1: the last would not start"]),
]


def test_budget(row: tuple[int, int, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    channels, frequencies, messages = row
    chip = replace(CHIPS["esp32"], pwm_channels=channels, pwm_frequencies=frequencies)
    monkeypatch.setitem(CHIPS, "esp32", chip)
    found = check(load_board(ESP32))
    errors = [finding for finding in found if finding.severity == "error"]
    assert [finding.message for finding in errors] == messages
    assert all(finding.rule == "pwm-budget" for finding in errors)


# what, board, role, its new pin, rule and severity of each finding on it
ACCEPT_ROWS: list[tuple[str, str, str, int, dict[str, str]]] = [
    ("strapping", ESP32, "chamber_1", 12, {"strapping": "note"}),
    ("uart_with_usb", S3, "button_up", 44, {"uart0": "note"}),
    ("glitch_on_pump", S3, "pump", 43, {"uart0": "note", "reset-glitch": "note"}),
    ("no_pull", ESP32, "button_up", 38, {"no-pull": "note", "off-module": "warning"}),
    ("only_console", ESP32, "button_up", 3, {"console": "error", "accept": "warning"}),
    ("flash", ESP32, "button_up", 6, {"flash": "error", "accept": "warning"}),
    ("usb", S3, "button_up", 19, {"usb": "error", "accept": "warning"}),
    ("no_adc", S3, "rail", 40, {"adc": "error", "accept": "warning", "duplicate": "error"}),
    ("duplicate", ESP32, "button_up", 18, {"duplicate": "error", "accept": "warning"}),
    ("heater", ESP32, "heater_pwm", 12, {"strapping": "error", "accept": "warning"}),
    (
        "heater_glitch",
        ESP32,
        "heater_enable",
        14,
        {"reset-glitch": "error", "accept": "warning", "duplicate": "error"},
    ),
    ("heartbeat", S3, "heartbeat", 3, {"strapping": "error", "accept": "warning"}),
    ("needless", ESP32, "button_up", 26, {"accept": "warning"}),
]


def test_accept(row: tuple[str, str, str, int, dict[str, str]]) -> None:
    _, name, role, pin, expected = row
    changes = {f"roles.{role}.pin": pin, f"roles.{role}.accept": "because I say so"}
    found = [finding for finding in check(changed(name, changes)) if finding.role == role]
    assert {finding.rule: finding.severity for finding in found} == expected
    excused = [f for f in found if f.severity == "note"]
    assert all(finding.message.endswith("accepted: because I say so") for finding in excused)


SUGGESTION_ROWS = [
    (ESP32, "button_up", 12),
    (ESP32, "tach", 6),
    (S3, "pressure", 45),
    (S3, "heater_pwm", 43),
    (C6, "pump", 9),
]


def test_suggestion(row: tuple[str, str, int]) -> None:
    name, role, wrong_pin = row
    finding = check(changed(name, {f"roles.{role}.pin": wrong_pin}))[0]
    assert finding.try_pins
    for pin in finding.try_pins:
        found = check(changed(name, {f"roles.{role}.pin": pin}))
        assert [str(f) for f in found if f.severity != "note"] == []


def test_a_heater_is_offered_the_quietest_pins_first_and_others_last() -> None:
    heater = check(changed(S3, {"roles.heater_enable.pin": 3}))[0]
    assert heater.try_pins[0] == 4
    tach = check(changed(S3, {"roles.tach.pin": 3, "roles.heater_enable.pin": 48}))[0]
    assert tach.try_pins == (17, 38, 4)


def test_a_missing_sensor_is_offered_a_pin() -> None:
    finding = check(changed(ESP32, {"roles.pad_temp_b": GONE}))[0]
    assert finding.try_pins == (39,)


def test_no_free_pin_is_said() -> None:
    board = changed(C3, {"roles.chamber_1.pin": 9, "roles.pump.pin": 6, "roles.button_up.pin": 4})
    messages = [f.message for f in check(board) if (f.rule, f.role) == ("reset-glitch", "pump")]
    assert len(messages) == 1
    assert messages[0].endswith("; no free pin would do")
