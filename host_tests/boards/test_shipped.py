"""The boards that come with the project are right, and so is the template."""

import pytest

from host_tests.boards.changed import changed
from massager_tools.boards import board_names, check, load_board
from massager_tools.boards.chips import CHIPS
from massager_tools.boards.ntc_table import TO_GROUND, TO_RAIL, sense

NAMES = [*board_names(), "template"]


def test_the_boards_of_the_manual_are_there() -> None:
    assert board_names() == [
        "esp32_devkitc",
        "esp32c3_three_chambers",
        "esp32c6_devkitc1",
        "esp32s3_devkitc1",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_checks_clean(name: str) -> None:
    found = [str(finding) for finding in check(load_board(name)) if finding.severity != "note"]
    assert found == []


@pytest.mark.parametrize("name", NAMES)
def test_heater_gates_are_on_the_quietest_pins(name: str) -> None:
    board = load_board(name)
    gates = {board["roles"][role]["pin"] for role in ("heater_enable", "heater_pwm")}
    assert gates <= CHIPS[board["chip"]].heater_gates


@pytest.mark.parametrize("name", board_names())
def test_every_accepted_pin_would_be_an_error_without_its_reason(name: str) -> None:
    accepting = [role for role, spec in load_board(name)["roles"].items() if "accept" in spec]
    for role in accepting:
        spec = load_board(name)["roles"][role]
        silent = {key: value for key, value in spec.items() if key != "accept"}
        found = check(changed(name, {f"roles.{role}": silent}))
        assert [f.role for f in found if f.severity == "error"] == [role]


def test_the_reference_board_excuses_one_button_for_its_heartbeat() -> None:
    found = [(finding.severity, finding.role) for finding in check(load_board("esp32_devkitc"))]
    assert found == [("note", "button_down")]


@pytest.mark.parametrize("name", board_names())
def test_the_thermistors_go_opposite_ways(name: str) -> None:
    roles = load_board(name)["roles"]
    assert {sense(roles[role]) for role in ("pad_temp_a", "pad_temp_b")} == {TO_GROUND, TO_RAIL}


def test_the_s3_board_has_every_role_but_the_lamp() -> None:
    from massager_tools.boards.schema import ROLES

    assert set(ROLES) - set(load_board("esp32s3_devkitc1")["roles"]) == {"lamp"}
