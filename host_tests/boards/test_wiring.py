"""The wiring of a board: every pin, right resistors, the same in table and drawing."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tests.boards.changed import changed
from massager_tools.boards import board_names, load_board
from massager_tools.boards.circuit import BOTTOM_OHM, GUARDS, connections, divider, in_ohm
from massager_tools.boards.drawing import draw
from massager_tools.cli.main import run


@pytest.mark.parametrize("name", [*board_names(), "template"])
def test_every_role_is_drawn_with_its_pin_and_parts(name: str, tmp_path: Path) -> None:
    board = load_board(name)
    path = tmp_path / "wiring.svg"
    draw(board, path)
    texts = "".join(ET.parse(path).getroot().itertext())
    for role, spec in board["roles"].items():
        assert role in texts
        assert str(spec["pin"]) in texts
    wires = connections(board)
    assert {wire.role for wire in wires} == set(board["roles"])
    for wire in wires:
        if wire.top:
            assert wire.top in texts
    for guard in GUARDS:
        assert guard.part in texts
    assert "thermal cut-off" in texts and "relief valve" in texts


DIVIDER_ROWS = ((128, 68_000), (118, 75_000), (400, 15_000), (500, 10_000), (91, 100_000))


def test_divider(row: tuple[int, int]) -> None:
    permille, ohm = row
    assert divider(permille) == ohm


@given(st.integers(20, 900))
def test_a_divider_is_near_what_was_asked(permille: int) -> None:
    made = 1000 * BOTTOM_OHM / (BOTTOM_OHM + divider(permille))
    assert made == pytest.approx(permille, rel=0.08)


def test_resistors_follow_the_board() -> None:
    board = changed("esp32_devkitc", {"ntc.pull_up_ohm": 47_000})
    wires = {wire.role: wire for wire in connections(board)}
    assert wires["pad_temp_a"].top == "47 kΩ"
    assert wires["pressure"].top == wires["pressure"].bottom == "10 kΩ"
    assert in_ohm(220) == "220 Ω"


def test_a_sensor_without_a_divider_goes_straight_to_the_pin() -> None:
    sensor = {"zero_mv": 250, "uv_per_kpa": 100_000}
    wires = connections(changed("esp32_devkitc", {"pressure_sensor": sensor}))
    wire = next(wire for wire in wires if wire.role == "pressure")
    assert not wire.top and "100 nF" in wire.between


def test_the_command_draws_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wiring.svg"
    assert run(["boards", "wiring", "esp32_devkitc", "--svg", str(path), "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert output["board"] == "esp32_devkitc"
    assert len(output["connections"]) == len(load_board("esp32_devkitc")["roles"])
    assert path.read_bytes().startswith(b"<svg")


def test_the_table_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["boards", "wiring", "esp32_devkitc"]) == 0
    out = capsys.readouterr().out
    assert "heater_enable" in out and "What no software replaces" in out


def test_a_board_with_errors_is_shown_and_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board = changed("esp32_devkitc", {"roles.pump.pin": 19, "name": "mine"})
    path = tmp_path / "mine.py"
    path.write_text(f"BOARD = {board!r}\n", encoding="utf-8")
    assert run(["boards", "wiring", str(path)]) == 1
    assert "do not solder this yet" in capsys.readouterr().err


def test_a_place_that_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["boards", "wiring", "template", "--svg", "/nowhere/at/all.svg"]) == 2
    assert "cannot write" in capsys.readouterr().err
