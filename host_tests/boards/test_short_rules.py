"""The short rules that the chip applies at boot agree with the long ones of the host."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massager_tools.boards import board_names, check, load_board
from massager_tools.boards.chips import CHIPS

BOARDS = {name: load_board(name) for name in board_names()}


def first_broken(board: dict[str, Any], running_on: str | None = None) -> str:
    from massager.boot.board_rules import first_broken

    return str(first_broken(board, running_on))


@pytest.mark.parametrize("name", BOARDS)
def test_every_shipped_board_may_start(name: str) -> None:
    assert first_broken(BOARDS[name], BOARDS[name]["chip"]) == ""


@pytest.mark.parametrize("name", BOARDS)
def test_another_chip_is_refused(name: str) -> None:
    others = [chip for chip in CHIPS if chip != BOARDS[name]["chip"]]
    assert all("made for" in first_broken(BOARDS[name], chip) for chip in others)


@given(data=st.data())
def test_what_the_chip_refuses_the_host_refuses_too(data: st.DataObject) -> None:
    """A moved, doubled, dropped or inverted role: refused on the chip, an error on the host."""
    board = copy.deepcopy(data.draw(st.sampled_from(list(BOARDS.values()))))
    role = data.draw(st.sampled_from(sorted(board["roles"])))
    spec = board["roles"][role]
    spec.pop("accept", None)
    change = data.draw(st.sampled_from(("move", "drop", "invert")))
    if change == "move":
        spec["pin"] = data.draw(st.sampled_from(sorted(CHIPS[board["chip"]].pins)))
    elif change == "drop":
        del board["roles"][role]
    elif "safe" in spec:
        spec["safe"] = 1
    if first_broken(board):
        assert any(finding.severity == "error" for finding in check(board))


REFUSED = (
    ("heater_pwm", {"pin": 12}),  # decides the voltage of the flash
    ("heater_pwm", {"safe": 1}),
    ("heater_enable", {"pin": 34}),  # can only read
    ("pump", {"pin": 6}),  # the flash
    ("motor", {"pin": 1}),  # the console
    ("pump", {"pin": 33}),  # the heater's
)


@pytest.mark.parametrize(("role", "change"), REFUSED)
def test_what_would_heat_or_brick_is_refused(role: str, change: dict[str, int]) -> None:
    board = copy.deepcopy(BOARDS["esp32_devkitc"])
    board["roles"][role].update(change)
    assert role in first_broken(board)


@pytest.mark.parametrize("role", ["pad_temp_b", "pressure", "heater_enable", "button_power"])
def test_missing_role_is_refused(role: str) -> None:
    board = copy.deepcopy(BOARDS["esp32_devkitc"])
    del board["roles"][role]
    assert first_broken(board) == f"{role} is missing"
