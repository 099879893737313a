"""What the world does to such devices, against the whole firmware: rows of public reports.

Each is a problem that people had who built heaters, pumps, motors and lights on these chips.
`REPORTS` says by its number where a row is tested; the world's side of it is a fault or an
event of the virtual chip, never a line of the firmware.
"""

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from massager_tools.boards import load_board
from massager_tools.firmware_tables import core
from massager_tools.sim.host import Row, VirtualMassager

supervisor = core("safety.supervisor")
CONSOLES = {
    "esp32": "esp32_devkitc",
    "esp32s3": "esp32s3_devkitc1",
    "esp32c3": "esp32c3_three_chambers",
    "esp32c6": "esp32c6_devkitc1",
}
HERE = "sim/test_field_reports.py"
REPORTS = {
    # number: reported in, the tests
    1: (
        "ArduPilot PR 13879; arduino-esp32 955, 1111",
        (f"{HERE}::test_a_tach_of_false_edges_is_held_against_the_drive",),
    ),
    2: (
        "WLED 1966, 1935; Klipper PR 4200",
        (f"{HERE}::test_noise_on_the_lights_is_gone_within_two_seconds",),
    ),
    3: (
        "Marlin 8855, 5805, 10735",
        (
            f"{HERE}::test_spikes_of_the_converter_change_no_temperature",
            "core/test_pin_mean.py::test_group",
        ),
    ),
    4: (
        "esp-idf 859; arduino-esp32 5644; micropython 16605",
        (
            f"{HERE}::test_a_single_closed_sample_is_no_press",
            f"{HERE}::test_a_real_press_stops_within_20_ms",
        ),
    ),
    5: (
        "arduino-esp32 6983, 9043; circuitpython 10814",
        (f"{HERE}::test_a_console_that_takes_nothing_costs_no_tick",),
    ),
    6: ("micropython PR 17960", ("serial/test_interpreter_faults.py::test_refused",)),
    7: (
        "circuitpython 4817, 7227; micropython 7996",
        (f"{HERE}::test_ctrl_c_behind_300_stray_bytes_ends_the_program",),
    ),
    8: ("micropython 19424, 19467", ("serial/test_lost_ctrl_c.py::test_lost",)),
    9: (
        "esp-idf 13828; arduino-esp32 9911; grblHAL/ESP32 145",
        (
            "sim/test_device_data.py"
            "::test_a_store_that_was_erased_is_told_on_a_device_that_was_in_use",
        ),
    ),
    10: ("esp-idf 4489", (f"{HERE}::test_short_cuts_while_hot_start_nothing",)),
    11: ("Klipper 630, PR 1335", (f"{HERE}::test_heat_again_soon_after_a_reset_trips_nothing",)),
    12: ("MRR_ESPE 6; Sprinter 179", (f"{HERE}::test_an_open_thermistor_on_the_lowest_top",)),
    13: (
        "micropython-rotary 14",
        (f"{HERE}::test_noise_on_the_tach_ends_with_outputs_off",),
    ),
    14: (
        "Marlin 14006, 12812",
        (f"{HERE}::test_a_low_side_that_conducts_by_induction_is_found",),
    ),
    15: (
        "MicroOcpp 257; micropython 5337",
        (
            "storage/test_blackbox.py::test_a_power_cut_at_any_step_leaves_the_old_or_the_new",
            "storage/test_settings_store.py::test_a_power_cut_loses_at_most_the_newest_change",
        ),
    ),
}
COUNT = 15
START = {"at_ms": 1_500, "do": "press", "button": "power", "for_ms": 500}
HEAT = {"at_ms": 8_000, "do": "press", "button": "heat", "for_ms": 300}


def fault(name: str, at_ms: int, on: bool = True, **more: Any) -> dict[str, Any]:
    return {"at_ms": at_ms, "do": "fault", "name": name, "on": on, **more}


def lived(
    *events: dict[str, Any],
    board: str = "esp32_devkitc",
    until_ms: int = 30_000,
    on_cpython: bool = True,
) -> tuple[list[Row], VirtualMassager]:
    """Every row of a massager to which `events` happen, and what is left of it."""
    with VirtualMassager(
        load_board(board), events=events, until_ms=until_ms, on_cpython=on_cpython
    ) as massager:
        rows = list(massager.rows())
    return rows, massager


def states(rows: list[Row], after_ms: int) -> set[int]:
    """The states that telemetry reported after a moment."""
    return {row["fw_state"] for row in rows if row["t_ms"] > after_ms and "fw_state" in row}


CONSOLE_ROWS = [
    # chip, fault; whether it is off all the time or in a session
    *((chip, name, "off") for chip in CONSOLES for name in ("console_stalled", "console_pauses")),
    *((chip, "console_stalled", "session") for chip in CONSOLES),
    *((chip, "console_closed", "session") for chip in CONSOLES if chip != "esp32"),
]


@pytest.mark.parametrize(("chip", "name", "when"), CONSOLE_ROWS)
def test_a_console_that_takes_nothing_costs_no_tick(chip: str, name: str, when: str) -> None:
    start = [START] if when == "session" else []
    state = supervisor.RUN if start else supervisor.OFF
    rows, _ = lived(
        *start, fault(name, 12_000), fault(name, 25_000, on=False), board=CONSOLES[chip]
    )

    after = [row for row in rows if row["t_ms"] > 27_000]
    assert {(row["fw_state"], row["fw_fault"], row["fw_late"]) for row in after} == {(state, 0, 0)}
    assert after[-1]["fw_t_ms"] > 29_500  # telemetry has come back


def test_a_line_that_was_cut_is_never_taken_for_a_whole_one() -> None:
    """Telemetry has 20 fields or none, whatever the console does in the middle of it."""
    rows, _ = lived(fault("console_pauses", 3_000), board=CONSOLES["esp32c3"])

    counts = {len([name for name in row if name.startswith("fw_")]) for row in rows}
    assert counts == {0, 20}


@pytest.mark.parametrize("chip", CONSOLES)
def test_ctrl_c_behind_300_stray_bytes_ends_the_program(chip: str) -> None:
    typed = {"at_ms": 5_000, "do": "type", "text": "x" * 300 + "\x03"}

    _, massager = lived(typed, board=CONSOLES[chip])

    assert massager.result is not None
    assert massager.result.reason == "returned" and massager.result.virtual_ms < 6_000
    assert massager.result.outputs_safe
    assert massager.serial[-1].endswith("stopped by Ctrl-C: every output is off")


NOISE_ROWS = [
    # when the noise comes, events before it
    (20_000, [START]),
    (5_000, []),
    (186_000, [START]),  # untouched for three minutes: the dark part
]
BRIGHTEST = 12
"""Of 255, of what the firmware shows; garbled bytes are anything."""


@pytest.mark.parametrize(("at_ms", "before"), NOISE_ROWS)
def test_noise_on_the_lights_is_gone_within_two_seconds(
    at_ms: int, before: list[dict[str, Any]]
) -> None:
    rows, _ = lived(*before, {"at_ms": at_ms, "do": "pixel_noise"}, until_ms=at_ms + 4_000)

    wrong = [row["t_ms"] for row in rows if max(bytes.fromhex(row["pixels"] or "00")) > BRIGHTEST]
    assert wrong and at_ms <= min(wrong) and max(wrong) < at_ms + 2_000


FALSE_EDGES_ROWS = [
    # fault, its value: the share of wrong edges, or pulses a second
    *(("tach_slow_edges", share) for share in (0.1, 0.5, 1.0)),
    *(("tach_low_edges", share) for share in (0.1, 0.5, 1.0)),
    *(("tach_noise", hz) for hz in (5, 20)),
]


@pytest.mark.parametrize(("name", "value"), FALSE_EDGES_ROWS)
def test_a_tach_of_false_edges_is_held_against_the_drive(name: str, value: float) -> None:
    """The motor turns as fast as it is set, or a motor fault says within 10 s that it may not."""
    rows, _ = lived(START, fault(name, 25_000, value=value), until_ms=36_000)

    after = [row for row in rows if row["t_ms"] > 34_000]
    set_rpm = next(row["fw_rpm"] for row in rows if row["t_ms"] == 25_000)
    is_true = all(abs(row["motor_rpm"] - set_rpm) < 0.15 * set_rpm for row in after)
    codes = {row["fw_fault"] for row in rows if 25_000 < row["t_ms"] <= 35_200}
    assert is_true or max(codes) // 10 == 5


@pytest.mark.parametrize("button", ["power", "down"])
def test_a_single_closed_sample_is_no_press(button: str) -> None:
    rows, _ = lived(START, fault(f"button_{button}_induced", 12_000))

    assert states(rows, 14_000) == {supervisor.RUN}
    assert len({row["fw_level"] for row in rows if row["t_ms"] > 14_000}) == 1


PRESS_MS = 15_075
"""A press, and 25 ms later a row: power is off 20 ms after it."""


def test_a_real_press_stops_within_20_ms() -> None:
    """Two looks at a contact must not make that any later; the motor runs down from there."""
    stop = {"at_ms": PRESS_MS, "do": "press", "button": "power", "for_ms": 100}

    rows, _ = lived(START, HEAT, fault("button_power_induced", 12_000), stop, until_ms=16_000)

    driven = {row["t_ms"]: row for row in rows}
    before, after = driven[PRESS_MS - 75], driven[PRESS_MS + 25]
    assert before["heater_enable"] and before["heater_duty_permille"]
    assert not after["heater_enable"] and not after["heater_duty_permille"]
    assert not after["pump_duty_permille"]
    assert after["motor_duty_permille"] < before["motor_duty_permille"]


START_UP_ROWS = [
    # fault from the start, what the firmware says
    ("nvs_broken", "failed: OSError"),
    ("adc_uncalibrated", "failed: RuntimeError: no ADC calibration in the fuses"),
]


@pytest.mark.micropython
@pytest.mark.parametrize(("name", "says"), START_UP_ROWS)
def test_a_start_that_fails_says_why_and_blinks(name: str, says: str) -> None:
    rows, massager = lived(fault(name, 0), until_ms=8_000, on_cpython=False)

    assert any(line.startswith(says) for line in massager.serial)
    assert len({row["pixels"] for row in rows if row["t_ms"] > 1_000}) > 1  # the light blinks
    assert all(row["energised"] == 0 for row in rows if row["t_ms"] > 500)


def test_single_failed_reads_of_the_converter_end_nothing() -> None:
    _, massager = lived(fault("adc_failing", 5_000), until_ms=12_000)

    assert massager.result is not None and massager.result.reason == "until"


def test_crashes_in_a_row_halt_the_firmware() -> None:
    panics = [{"at_ms": at_ms, "do": "panic"} for at_ms in (2_000, 4_000, 6_000)]

    _, massager = lived(*panics, until_ms=9_000)

    assert any(line.startswith("halted: watchdog or crash") for line in massager.serial)


def test_two_crashes_and_a_power_cut_halt_nothing() -> None:
    panics = [{"at_ms": at_ms, "do": "panic"} for at_ms in (2_000, 4_000, 9_000, 11_000)]
    cut = {"at_ms": 6_000, "do": "power_cut", "for_ms": 500}

    rows, massager = lived(*panics, cut, until_ms=14_000)

    assert not any(line.startswith("halted") for line in massager.serial)
    assert rows[-1]["fw_state"] == supervisor.OFF


@pytest.mark.parametrize("hz", [500, 5_000])
def test_noise_on_the_tach_ends_with_outputs_off(hz: int) -> None:
    rows, massager = lived(START, fault("tach_noise", 14_000, value=hz))

    assert massager.result is not None and massager.result.boots == 1
    assert rows[-1]["fw_fault"] // 10 == 5
    assert rows[-1]["motor_duty_permille"] == 0


def test_short_cuts_while_hot_start_nothing() -> None:
    cuts = [{"at_ms": at_ms, "do": "power_cut", "for_ms": 100} for at_ms in (20_000, 21_500)]
    cuts.append({"at_ms": 23_000, "do": "power_cut", "for_ms": 100})

    rows, massager = lived(START, HEAT, {"at_ms": 0, "do": "warm", "pad_mc": 42_000}, *cuts)

    assert massager.result is not None and massager.result.boots == 4
    assert any(row["heater_mw"] for row in rows if row["t_ms"] < 20_000)
    assert not any(row["energised"] for row in rows if row["t_ms"] > 20_200)


@pytest.mark.parametrize("after_ms", [2_000, 20_000, 60_000])
def test_heat_again_soon_after_a_reset_trips_nothing(after_ms: int) -> None:
    warm = {"at_ms": 0, "do": "warm", "pad_mc": 42_600}
    again_ms = 15_000 + after_ms
    again = [{**START, "at_ms": again_ms}, {**HEAT, "at_ms": again_ms + 6_500}]

    rows, massager = lived(
        warm, START, HEAT, {"at_ms": 15_000, "do": "reset_pin"}, *again, until_ms=again_ms + 40_000
    )

    assert massager.result is not None and massager.result.boots == 2
    assert {row.get("fw_fault", 0) for row in rows} == {0}
    assert any(row["heater_mw"] for row in rows if row["t_ms"] > again_ms)


SPIKE_ROWS = [
    (board, *spikes)
    for board in ("esp32_devkitc", "esp32s3_devkitc1")
    for spikes in (("a_high", ""), ("", "b_low"), ("a_high", "b_high"), ("a_low", "b_low"))
]
SPIKES_FROM_MS = 20_000
SPIKES_OFF_MC = 300


@cache
def heated(board: str, *spikes: str) -> tuple[dict[int, tuple[int, int]], set[int]]:
    """Both temperatures by time while `spikes` come, and every code."""
    names = [f"ntc_{one.replace('_', '_spikes_')}" for one in spikes if one]
    rows, _ = lived(
        {"at_ms": 0, "do": "warm", "pad_mc": 40_000},
        START,
        HEAT,
        *(fault(name, SPIKES_FROM_MS) for name in names),
        board=board,
        until_ms=SPIKES_FROM_MS + 60_000,
    )
    lines = [row for row in rows if "fw_pad_a_mc" in row and row["t_ms"] > SPIKES_FROM_MS]
    assert any(row["heater_mw"] for row in lines)
    shown = {row["t_ms"]: (row["fw_pad_a_mc"], row["fw_pad_b_mc"]) for row in lines}
    return shown, {row["fw_fault"] for row in lines}


@pytest.mark.parametrize(("board", "a", "b"), SPIKE_ROWS)
def test_spikes_of_the_converter_change_no_temperature(board: str, a: str, b: str) -> None:
    sound, _ = heated(board)
    shown, codes = heated(board, a, b)

    assert codes == {0}
    assert shown.keys() == sound.keys()
    off_mc = [abs(x - y) for t_ms in sound for x, y in zip(shown[t_ms], sound[t_ms], strict=True)]
    assert max(off_mc) <= SPIKES_OFF_MC


OPEN_ROWS = [
    (board, letter, code)
    for board in ("esp32_devkitc", "esp32s3_devkitc1", "esp32c3_three_chambers")
    for letter, code in (("a", 13), ("b", 14))
]
TOLD_MS = 200
"""From a fault to the end of the telemetry line that says so."""


@pytest.mark.parametrize(("board", "letter", "code"), OPEN_ROWS)
def test_an_open_thermistor_on_the_lowest_top(board: str, letter: str, code: int) -> None:
    rows, _ = lived(
        fault("adc_low_top", 0),
        fault(f"ntc_{letter}_open", 5_000),
        board=board,
        until_ms=7_000,
    )

    codes = {row["t_ms"]: row.get("fw_fault", 0) for row in rows if row["t_ms"] > 3_000}
    assert codes[5_000] == 0
    assert codes[5_600 + TOLD_MS] == code


@pytest.mark.parametrize("board", ["esp32_devkitc", "esp32s3_devkitc1"])
def test_a_low_side_that_conducts_by_induction_is_found(board: str) -> None:
    rows, _ = lived(
        {"at_ms": 0, "do": "warm", "pad_mc": 40_000},
        START,
        HEAT,
        fault("low_side_induced", 20_000),
        board=board,
        until_ms=150_000,
    )

    assert max(row["fw_fault"] for row in rows if "fw_fault" in row) // 10 == 2
    assert max(row["pad_max_mc"] for row in rows) < 45_000
    assert not rows[-1]["heater_mw"]


def test_every_report_has_its_tests() -> None:
    root = Path(__file__).parents[1]

    assert sorted(REPORTS) == list(range(1, COUNT + 1))
    for _, tests in REPORTS.values():
        for test in tests:
            path, name = test.split("::")
            module = ast.parse((root / path).read_text(encoding="utf-8"))
            found = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
            assert name in found, test
