"""Finding and reading board files."""

from pathlib import Path

import pytest

from massager_tools.boards import board_names, load_board
from massager_tools.errors import BoardError, UsageError
from massager_tools.paths import BOARDS_DIR

DEVKITC = (BOARDS_DIR / "esp32_devkitc.py").read_text(encoding="utf-8")

BROKEN_FILE_ROWS = [
    ("empty", "", "needs one BOARD = {...}, has 0"),
    ("not_python", "BOARD = {\n 'a': ]\n", "line 2: not Python"),
    (
        "a_call",
        "BOARD = dict(name='x')",
        "line 1: BOARD holds something that is not a plain value",
    ),
    ("a_name", "BOARD = {\n'name': PIN}", "not a plain value"),
    ("a_sum_of_texts", "BOARD = {'name': 'a' + 'b'}", "not a plain value"),
    ("a_key_that_is_a_list", "BOARD = {[1]: 2}", "not a plain value"),
    ("an_import", "import os\nBOARD = {}", "line 1: a board file holds BOARD = {...} and nothing"),
    ("more_names", "BOARD = {}\nPIN = 3", "line 2: a board file holds BOARD = {...} and nothing"),
    ("two_boards", "BOARD = {}\nBOARD = {}", "has 2"),
    ("no_table", "BOARD = 3", "BOARD takes a table"),
    (
        "role_twice",
        "BOARD = {'roles': {\n'pump': 1,\n'pump': 2}}",
        "line 3: 'pump' stands there tw",
    ),
    ("empty_table", "BOARD = {}", "name is missing"),
    ("other_name", DEVKITC.replace('"esp32_devkitc"', '"another"'), "name is 'another'"),
    ("a_nul", "BOARD = {}\0", "not"),
    ("bottomless", "BOARD = " + "[" * 5_000 + "]" * 5_000, "not"),
]


def test_broken_file(row: tuple[str, str, str], tmp_path: Path) -> None:
    _, text, words = row
    path = tmp_path / "mine.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BoardError) as error:
        load_board(path)
    assert str(path) in str(error.value)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_is_read_and_never_run(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    path = tmp_path / "mine.py"
    path.write_text(f"BOARD = {{'name': open({str(trap)!r}, 'w')}}", encoding="utf-8")
    with pytest.raises(BoardError):
        load_board(path)
    assert not trap.exists()


def test_a_copy_elsewhere_loads_by_path(tmp_path: Path) -> None:
    path = tmp_path / "my-legs.py"
    path.write_text(DEVKITC.replace('"esp32_devkitc"', '"my-legs"'), encoding="utf-8")
    board = load_board(str(path))
    assert board == load_board("esp32_devkitc") | {"name": "my-legs"}


def test_an_unknown_name_lists_the_boards() -> None:
    with pytest.raises(UsageError) as error:
        load_board("esp32_devkit")
    assert "no board 'esp32_devkit'" in str(error.value)
    assert ", ".join(board_names()) in str(error.value)
    assert error.value.exit_code == 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match=r"nowhere\.py: cannot be read: No such file"):
        load_board(tmp_path / "nowhere.py")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BoardError, match="not a text in Python"):
        load_board(path)


def test_the_first_of_several_mistakes_is_told_with_the_number_of_others(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    text = DEVKITC.replace('{"pin": 18, "safe": 0, "pwm_hz": 20_000}', '{"pin": 18, "speed": 3}')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BoardError) as error:
        load_board(path)
    assert "error: pump on pin 18 (missing-key): safe is missing" in str(error.value)
    assert "(and 2 more like it)" in str(error.value)
