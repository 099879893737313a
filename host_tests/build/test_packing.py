"""The package in one file: what is imported from it is what was compiled."""

import json
from pathlib import Path

import pytest

from host_tests.support import interpreter
from massager_tools.boards import load_board
from massager_tools.build import packing
from massager_tools.build.deploy import build

BOARD = "esp32_devkitc"
FILES = ["board.mpy", "boot.py", "main.py", "manifest.json", "massager.pack", "pack.mpy"]

PROBE = """
import pack, sys
mounted = pack.mount()
from massager.core.air import guard
import massager.hal
print(mounted, guard.__name__, guard.__file__, len(sys.path), sys.path[0])
pack.mount()
try:
    import massager.nowhere
except ImportError as error:
    print(error)
from massager.boot import board_rules
try:
    board_rules.require({}, None)
except Exception as error:
    sys.print_exception(error)
"""


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("packed") / "tree"
    build(load_board(BOARD), tree, packed=True)
    return tree


def test_a_chip_gets_six_files(packed: Path) -> None:
    assert sorted(path.name for path in packed.iterdir()) == FILES
    manifest = json.loads((packed / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(manifest["files"]) == sorted(set(FILES) - {"manifest.json"})


def test_the_pack_holds_every_module_as_it_was_compiled(packed: Path, tmp_path: Path) -> None:
    build(load_board(BOARD), tmp_path / "plain")
    modules = packing.contents(packed / packing.NAME)
    package = tmp_path / "plain" / "massager"
    compiled = {
        path.relative_to(tmp_path / "plain").as_posix(): path.read_bytes()
        for path in package.rglob("*.mpy")
    }
    assert modules == compiled


@pytest.mark.micropython
def test_modules_are_imported_from_the_pack_with_their_names(packed: Path, tmp_path: Path) -> None:
    script = tmp_path / "probe.py"
    script.write_text(f"import os\nos.chdir({str(packed)!r})\n" + PROBE, encoding="utf-8")
    shown = interpreter.run_script(script, paths=(packed,)).stdout.splitlines()
    file = "/pack/massager/core/air/guard.mpy"
    assert shown[0].startswith(f"True massager.core.air.guard {file} ")
    assert shown[0].endswith(" /pack")
    assert shown[1] == "no module named 'massager.nowhere'"
    assert any('File "boot/board_rules.py", line 1, in require' in line for line in shown)
