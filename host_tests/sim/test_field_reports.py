"""What the world does to such devices, against the whole firmware: rows of public reports."""

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
}
START = {"at_ms": 1_500, "do": "press", "button": "power", "for_ms": 500}


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


OFF_ROWS = [
    ("esp32", "console_stalled"),
    ("esp32c3", "console_stalled"),
    *((chip, "console_pauses") for chip in CONSOLES),
    *((chip, "console_closed") for chip in CONSOLES),
]


@pytest.mark.parametrize(("chip", "name"), OFF_ROWS)
def test_a_console_that_takes_nothing_latches_nothing_in_off(chip: str, name: str) -> None:
    rows, _ = lived(fault(name, 3_000), fault(name, 15_000, on=False), board=CONSOLES[chip])

    assert (rows[-1]["fw_state"], rows[-1]["fw_fault"]) == (supervisor.OFF, 0)
    assert rows[-1]["fw_t_ms"] > 29_500


@pytest.mark.parametrize("chip", CONSOLES)
def test_a_console_that_takes_nothing_leaves_a_session_in_control_or_stopped(chip: str) -> None:
    stall = fault("console_stalled", 12_000), fault("console_stalled", 15_000, on=False)

    rows, _ = lived(START, *stall, board=CONSOLES[chip])

    if rows[-1]["fw_state"] != supervisor.RUN:
        assert rows[-1]["fw_fault"] == 2 and rows[-1]["energised"] == 0


NOISE_ROWS = [
    # when the noise comes, events before it
    (20_000, [START]),
    (5_000, []),
]


@pytest.mark.parametrize(("at_ms", "before"), NOISE_ROWS)
def test_noise_on_the_lights_is_gone_within_two_seconds(
    at_ms: int, before: list[dict[str, Any]]
) -> None:
    noisy, _ = lived(*before, {"at_ms": at_ms, "do": "pixel_noise"}, until_ms=at_ms + 4_000)
    quiet, _ = lived(*before, until_ms=at_ms + 4_000)

    differ = [a["t_ms"] for a, b in zip(noisy, quiet, strict=True) if a["pixels"] != b["pixels"]]
    assert differ and at_ms <= min(differ) and max(differ) < at_ms + 2_000


@pytest.mark.parametrize("button", ["power", "down"])
def test_a_single_closed_sample_is_no_press(button: str) -> None:
    rows, _ = lived(START, fault(f"button_{button}_induced", 12_000))

    assert states(rows, 14_000) == {supervisor.RUN}
    assert len({row["fw_level"] for row in rows if row["t_ms"] > 14_000}) == 1


def test_a_real_press_stops_at_once() -> None:
    """The motor runs down gently from there; two looks must not make that any later."""
    stop = {"at_ms": 20_003, "do": "press", "button": "power", "for_ms": 100}

    rows, _ = lived(START, fault("button_power_induced", 12_000), stop)

    duty = {row["t_ms"]: row["motor_duty_permille"] for row in rows}
    assert 0 < duty[20_100] < duty[20_000] * 0.7 and duty[20_300] == 0
    assert states(rows, 20_200) <= {supervisor.STOPPING, supervisor.OFF}


def test_single_failed_reads_of_the_converter_end_nothing() -> None:
    _, massager = lived(fault("adc_failing", 5_000), until_ms=12_000)

    assert massager.result is not None and massager.result.reason == "until"


@pytest.mark.parametrize("hz", [500, 5_000])
def test_noise_on_the_tach_ends_with_outputs_off(hz: int) -> None:
    rows, massager = lived(START, fault("tach_noise", 14_000, value=hz))

    assert massager.result is not None and massager.result.boots == 1
    assert rows[-1]["fw_fault"] // 10 == 5
    assert rows[-1]["motor_duty_permille"] == 0
