"""Boards: a pin is edited and judged at once; every pin of a shipped board is on the picture."""

import csv
from pathlib import Path

import pytest
from nicegui import ui
from nicegui.testing import User

from host_tests.panel.support import BOARD, Remembering, in_window
from massager_tools.boards import board_names, load_board
from massager_tools.boards.circuit import GUARDS
from massager_tools.boards.load import read_board
from massager_tools.boards.parts import parts, parts_csv
from massager_tools.panel.modules import MODULES
from massager_tools.panel.pages.boards import board_file
from massager_tools.panel.panel import Panel
from massager_tools.panel.pin_map import pin_map


@pytest.mark.parametrize("name", board_names())
def test_every_pin_in_use_is_on_the_module(name: str) -> None:
    board = load_board(name)
    left, right = MODULES[board["chip"]]
    used = {spec["pin"] for spec in board["roles"].values()}
    assert used <= {*left, *right}


@pytest.mark.parametrize("name", board_names())
def test_every_role_is_beside_its_pin(name: str) -> None:
    drawn = pin_map(load_board(name))
    assert all(f">{role.replace('_', ' ')}</text>" in drawn for role in load_board(name)["roles"])


def test_the_parts_hold_every_role_and_every_guard() -> None:
    found = list(csv.DictReader(parts_csv(BOARD).splitlines()))
    assert {row["for"] for row in found} >= set(BOARD["roles"])
    assert {row["part"] for row in found} >= {guard.part for guard in GUARDS}
    assert len(found) == len(parts(BOARD)) == 1 + len(BOARD["roles"]) + len(GUARDS)


def test_a_saved_board_is_read_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "esp32_devkitc.py"
    path.write_text(board_file(BOARD), encoding="utf-8")
    assert read_board(path) == BOARD


def test_a_pin_that_will_not_do_is_told_at_once_with_those_that_would() -> None:
    async def edit(user: User) -> None:
        await user.should_see(marker="may-be-flashed")
        (entry,) = user.find(marker="pin-heater_pwm").elements
        assert isinstance(entry, ui.number)
        entry.value = 6
        await user.should_see("error: heater pwm on pin 6")
        await user.should_see("free pins that would do:")
        await user.should_not_see(marker="may-be-flashed")
        entry.value = 33
        await user.should_see(marker="may-be-flashed")

    in_window(edit, Panel(Remembering()), "/boards")
