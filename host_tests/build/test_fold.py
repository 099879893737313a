"""Folding at deployment: what the chip carries computes the same with fewer names."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from host_tests.support.small_ints import CheckedPackage
from massager.core.signals import BUTTON_HEAT, BUTTON_UP
from massager_tools.build.fold import fold
from massager_tools.paths import FIRMWARE_DIR
from massager_tools.sim.bench import Bench

CORE = "app/core"
LIMITS = "from micropython import const\n\nTOP_MC = const(47_000)\nSTEPS = (1, 2)\n"

# name, source of a module beside limits.py, what becomes of it
FOLDED_ROWS = (
    ("module.NAME", "from app.core import limits\nx = limits.TOP_MC\n", "\nx = 47000\n"),
    ("imported name", "from app.core.limits import TOP_MC\nx = TOP_MC + 1\n", "\nx = 47000 + 1\n"),
    ("renamed", "from app.core.limits import TOP_MC as T\nx = T\n", "\nx = 47000\n"),
    (
        "an annotation's import goes",
        "from app.core.records import A, B\ndef f(x: A) -> B:\n    return B\n",
        "from app.core.records import B\ndef f(x: None) -> None:\n    return B\n",
    ),
    (
        "what only a type checker reads goes",
        "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from a import B\nx = 1\n",
        "\n\n\nx = 1\n",
    ),
    (
        "a tuple stays",
        "from app.core import limits\nx = limits.STEPS\n",
        "from app.core import limits\nx = limits.STEPS\n",
    ),
    (
        "the rest of an import stays",
        "from app.core.limits import (\n    STEPS,\n    TOP_MC,\n)\nx = (STEPS, TOP_MC)\n",
        "from app.core.limits import STEPS\n\n\n\nx = (STEPS, 47000)\n",
    ),
    (
        "constants of constants",
        "from app.core import limits\nHALF = limits.TOP_MC // 2\nx = HALF\n",
        "\n\nx = 23500\n",
    ),
    ("a negative one", "LOW = -5\nx = 3 - LOW\n", "\nx = 3 - (-5)\n"),
    ("a private one", "_A = const(2)\nx = _A\n", "\nx = 2\n"),
    (
        "a private one made of others, which const leaves to the chip",
        "from app.core import limits\n_A = limits.TOP_MC // 10\nx = _A\n",
        "\n\nx = 4700\n",
    ),
    (
        "const itself, where nothing is left for it",
        "from micropython import const\nA = const(2)\nx = A\n",
        "\n\nx = 2\n",
    ),
    ("a table nobody reads", "NAMES = (1, ('a', -2))\nx = 1\n", "\nx = 1\n"),
    ("what a call makes stays", "NAMES = f(1)\nx = 1\n", "NAMES = f(1)\nx = 1\n"),
    ("assigned twice is no constant", "A = 1\nA = 2\nx = A\n", "A = 1\nA = 2\nx = A\n"),
    ("a float is no constant", "A = 1.5\nx = A\n", "A = 1.5\nx = A\n"),
    (
        "another module's name is not ours",
        "from other import limits\nx = limits.TOP_MC\n",
        "from other import limits\nx = limits.TOP_MC\n",
    ),
)


def test_folded(row: tuple[str, str, str]) -> None:
    _, source, expected = row
    folded = fold({"app/core/limits.py": LIMITS, "app/core/it.py": source}, CORE)
    assert folded["app/core/it.py"] == expected


def test_definitions_go_and_tables_stay() -> None:
    reader = "from app.core import limits\nx = limits.STEPS\n"
    folded = fold({"app/core/limits.py": LIMITS, "main.py": reader}, CORE)
    assert folded["app/core/limits.py"] == "\n\n\nSTEPS = (1, 2)\n"


def test_modules_outside_the_core_receive_constants_and_keep_their_own() -> None:
    source = "from app.core import limits\nOWN = 3\nx = limits.TOP_MC + OWN\n"
    folded = fold({"app/core/limits.py": LIMITS, "main.py": source}, CORE)
    assert folded["main.py"] == "\nOWN = 3\nx = 47000 + OWN\n"


@pytest.fixture(scope="module")
def folded_firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("folded")
    paths = FIRMWARE_DIR.rglob("*.py")
    modules = {path.relative_to(FIRMWARE_DIR).as_posix(): path.read_text() for path in paths}
    for name, source in fold(modules, "massager/core").items():
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    return target


def test_lines_keep_their_numbers(folded_firmware: Path) -> None:
    for path in folded_firmware.rglob("*.py"):
        original = FIRMWARE_DIR / path.relative_to(folded_firmware)
        assert len(path.read_text().splitlines()) == len(original.read_text().splitlines())


def _trace(load: Callable[[str], Any]) -> list[tuple[int, ...]]:
    bench = Bench(core=load)
    bench.start()
    bench.press(BUTTON_HEAT, 200)
    trace: list[tuple[int, ...]] = []
    for second in range(300):
        if second == 60:
            bench.press(BUTTON_UP, 2_000)
        if second == 200:
            bench.plant.pad_b_mc = 60_500
        bench.run(1_000)
        out = bench.outputs
        trace.append((bench.state, out.chambers, out.heater_permille, out.motor_permille))
    return trace


def test_the_folded_core_does_the_same(folded_firmware: Path) -> None:
    def plain(name: str) -> ModuleType:
        full = f"massager.core.{name}"
        __import__(full)
        return sys.modules[full]

    folded = CheckedPackage(folded_firmware, "massager.core")
    assert _trace(folded.module) == _trace(plain)
