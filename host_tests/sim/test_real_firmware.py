"""The real firmware on the virtual chip: that the two fit, board by board."""

import pytest

from massager_tools.boards import board_names, load_board
from massager_tools.sim import scenarios
from massager_tools.sim.host import VirtualMassager


@pytest.mark.parametrize("name", board_names())
def test_every_board_starts_and_waits(name: str) -> None:
    with VirtualMassager(load_board(name), until_ms=3_000, on_cpython=True) as massager:
        rows = list(massager.rows())

    assert massager.serial[0].startswith("ready massager ")
    assert massager.serial[0].endswith(f"board {name} reset power_on")
    assert rows[-1]["fw_state"] == rows[-1]["fw_fault"] == 0
    # a pin that glitches before boot.py starts is the board file's to answer for
    assert all(row["energised"] == 0 for row in rows if row["t_ms"] > 500)
    assert massager.result is not None and massager.result.outputs_safe


@pytest.mark.micropython
def test_the_compiled_firmware_lives_through_a_power_cut() -> None:
    scenario = scenarios.load("power_cut")
    judge = scenarios.Judge(scenario)
    board = load_board("esp32_devkitc")
    with VirtualMassager(
        board,
        events=scenario.events(),
        until_ms=scenario.until_ms,
        ticks_start_ms=(1 << 30) - 30_000,
    ) as massager:
        for row in massager.rows():
            judge.see(row)

    assert judge.misses() == []
    assert massager.result is not None and massager.result.outputs_safe


def test_a_swapped_pin_map_shows() -> None:
    board = load_board("esp32_devkitc")
    soldered = load_board("esp32_devkitc")
    roles = soldered["roles"]
    roles["pad_temp_a"], roles["pressure"] = roles["pressure"], roles["pad_temp_a"]

    with VirtualMassager(board, wiring=soldered, until_ms=3_000, on_cpython=True) as massager:
        last = list(massager.rows())[-1]

    assert abs(last["fw_pad_a_mc"] - last["ntc_a_mc"]) > 10_000
