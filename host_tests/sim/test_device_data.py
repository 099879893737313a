"""What the real firmware keeps on the virtual board, over power-off, and what reads it."""

from pathlib import Path
from typing import Any

import pytest

from massager_tools.boards import load_board
from massager_tools.build import deploy
from massager_tools.device_data.freeze_frames import last_readings
from massager_tools.device_data.session_log import sessions
from massager_tools.device_data.transport import NvsFile, save_nvs
from massager_tools.firmware_tables import built_in, own_program
from massager_tools.programs import compile_program
from massager_tools.sim.factory_nvs import brought_up
from massager_tools.sim.host import VirtualMassager

pytestmark = pytest.mark.micropython

PROGRAM = own_program(
    compile_program(
        {
            "name": "short",
            "heat_c": 41,
            "ramp_s": 10,
            "level": 3,
            "phases": (
                {"minutes": 1, "motor": "steady"},
                {"minutes": 2, "motor": "steady", "fades": True},
            ),
        }
    )
)


def press(at_s: float, button: str, for_ms: int) -> dict[str, Any]:
    return {"at_ms": int(at_s * 1000), "do": "press", "button": button, "for_ms": for_ms}


def played(nvs: dict[str, Any], events: list[dict[str, Any]], until_s: int) -> tuple[Any, Any]:
    board = built_in(load_board("esp32_devkitc"), PROGRAM)
    with VirtualMassager(board, events=events, until_ms=until_s * 1000, nvs=nvs) as massager:
        rows = list(massager.rows())
    assert massager.result is not None
    assert massager.result.reason == "until", massager.result.traceback
    return massager.result.nvs, rows


def test_a_session_is_kept_with_its_feeling_and_its_level(tmp_path: Path) -> None:
    choose = [press(1 + n / 2, "program", 150) for n in range(PROGRAM.index)]
    story = [
        *choose,
        press(6, "up", 200),
        press(6.5, "up", 200),
        press(8, "power", 500),
        press(30, "up", 200),  # rising: freezes at level 3 or below
        press(230, "up", 200),
    ]
    nvs, rows = played({}, story, 250)
    assert rows[-1]["fw_state"] == 0
    path = tmp_path / "memory.json"
    save_nvs(path, nvs)
    (one,) = sessions(NvsFile(path))
    assert (one.program, one.ended, one.level) == ("own", "completed", rows[600]["fw_level"])
    assert (one.feeling_before, one.feeling_after) == (2, 1)
    assert one.minutes == pytest.approx(3, abs=0.1)
    assert one.peak_motor_rpm > 600
    _, again = played(nvs, [], 5)
    assert again[-1]["fw_program"] == PROGRAM.index, "the choice outlives power-off"


def test_a_latched_fault_is_kept_with_its_readings(tmp_path: Path) -> None:
    story: list[dict[str, Any]] = [
        press(1, "power", 500),
        {"at_ms": 20_000, "do": "fault", "name": "ntc_a_open", "on": True},
        press(30, "power", 100),
    ]
    nvs, _ = played({}, story, 60)
    path = tmp_path / "memory.json"
    save_nvs(path, nvs)
    one = last_readings(NvsFile(path))[-1]  # the first to latch; others may follow from it
    assert one["code"] == 13
    assert one["state"] == 2
    assert 20_000 < one["pad_b_mc"] < 45_000
    _, again = played(nvs, [press(2, "power", 500)], 10)
    assert again[-1]["fw_state"] == 6, "a latched fault outlives power-off"
    assert again[-1]["energised"] == 0


@pytest.mark.parametrize("program", ["evening", "warm"])
def test_a_fault_in_mid_session_outlives_a_pulled_plug(program: str, tmp_path: Path) -> None:
    """With the motor running throughout, and without: written at the next rest of the air."""
    steps = {"evening": 0, "warm": 2}[program]
    story: list[dict[str, Any]] = [
        *[press(1 + n / 2, "program", 150) for n in range(steps)],
        press(3, "power", 500),
        {"at_ms": 40_000, "do": "fault", "name": "ntc_a_open", "on": True},
    ]
    board = load_board("esp32_devkitc")
    with VirtualMassager(board, events=story, until_ms=100_000) as massager:
        rows = list(massager.rows())
    assert massager.result is not None
    after = [row for row in rows if row["t_ms"] > 41_000]
    assert {row["fw_state"] for row in after} == {2}, "the session goes on"
    assert max(row["fw_pressure_pa"] for row in after[-400:]) > 2_000
    path = tmp_path / "memory.json"
    save_nvs(path, massager.result.nvs)
    assert 13 in [one["code"] for one in last_readings(NvsFile(path))]
    _, again = played(massager.result.nvs, [], 5)
    assert again[-1]["fw_state"] == 6


def test_a_press_that_lasts_through_a_reset_starts_nothing() -> None:
    story: list[dict[str, Any]] = [
        press(2, "power", 1_200),
        {"at_ms": 2_300, "do": "reset_pin"},
    ]
    _, rows = played({}, story, 8)
    assert {row["fw_state"] for row in rows if "fw_state" in row} <= {0, None}


@pytest.mark.parametrize("fault", ["flash_fails", "nvs_full"])
def test_a_flash_that_cannot_be_written_locks_the_heat_until_it_can(fault: str) -> None:
    """Air and motor go on; the heat comes back with a write that succeeds."""
    with VirtualMassager(
        load_board("esp32_devkitc"),
        events=[
            {"at_ms": 100, "do": "fault", "name": fault, "on": True},
            press(2, "power", 600),
            press(7, "heat", 200),
            press(20, "power", 200),
            {"at_ms": 22_000, "do": "fault", "name": fault, "on": False},
        ],
        until_ms=45_000,
        nvs=brought_up(load_board("esp32_devkitc")),
    ) as massager:
        rows = list(massager.rows())
    session = [row for row in rows if 5_000 < row["t_ms"] < 19_000]
    assert {row["fw_state"] for row in session} == {2}
    assert {row["fw_fault"] for row in session if row["t_ms"] > 6_000} == {7}
    assert not any(row["heater_enable"] for row in rows)
    assert rows[-1]["fw_fault"] == 0
    assert any("storage: cannot be written" in line for line in massager.serial)


def test_a_store_that_was_erased_is_told_on_a_device_that_was_in_use(tmp_path: Path) -> None:
    board = load_board("esp32_devkitc")
    deploy.build(board, tmp_path)
    for nvs, state in ((brought_up(board), 0), ({}, 6)):
        with VirtualMassager(
            board, events=[], until_ms=8_000, nvs=nvs, flash_dir=tmp_path
        ) as massager:
            rows = list(massager.rows())
        assert rows[-1]["fw_state"] == state
    assert rows[-1]["fw_fault"] == 5
