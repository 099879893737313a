"""The tree keeps its shape: import directions, docstrings, names at the top."""

import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from host_tests.support.architecture import violations
from host_tests.support.interpreter import FIRMWARE, ROOT

TOP_LEVEL = {
    *(".ci", ".github", ".gitignore", ".pre-commit-config.yaml", "LICENSE", "pyproject.toml"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "README.md"),
    *("boards", "firmware", "host_tests", "tools"),
}


def test_firmware_keeps_the_rules() -> None:
    assert not violations(FIRMWARE)


BROKEN_ROWS = (
    # file, source, complaint
    ("massager/core/heat/guard.py", "import time", "must not import time"),
    ("massager/core/heat/guard.py", "import machine", "must not import machine"),
    ("massager/core/heat/guard.py", "from massager.core.air import guard", "must not import"),
    ("massager/core/heat/guard.py", "from massager.core.air.guard import G", "must not import"),
    ("massager/core/heat/guard.py", "from ..air import guard", "import massager.core.air.guard"),
    ("massager/core/heat/guard.py", "def f():\n    import random", "must not import random"),
    ("massager/core/heat/guard.py", "import micropython as m\nm.heap_lock()", "heap_lock"),
    ("massager/core/heat/guard.py", "from micropython import native", "must not use"),
    ("massager/core/heat/guard.py", "from massager.core.safety.gate import G", "must not import"),
    (
        "massager/core/heat/guard.py",
        "from massager.core.safety.supervisor import next_state",
        "must not use massager.core.safety.supervisor.next_state",
    ),
    (
        "massager/core/heat/guard.py",
        "from massager.core.safety import fault_table\nfault_table.find()",
        "must not use massager.core.safety.fault_table.find",
    ),
    ("massager/core/heat/guard.py", "from massager.core.controller import C", "must not import"),
    ("massager/core/heat/guard.py", "from massager.core import *", "must not import"),
    ("massager/core/units.py", "from massager.core.heat import guard", "must not import"),
    ("massager/core/guards.py", "from massager.core.controller import C", "must not import"),
    ("massager/core/limits.py", "from massager.core.units import _MASK", "_MASK is private"),
    (
        "massager/core/pi.py",
        "from massager.core import units\nx = units._MASK",
        "units._MASK is private",
    ),
    ("massager/core/pi.py", "x = __import__('time')", "hides what is imported"),
    ("massager/core/controller.py", "from massager.hal.esp32 import Hal", "must not import"),
    ("massager/core/controller.py", "import massager.loop", "must not import massager.loop"),
    ("massager/hal/esp32.py", "from massager.core.pi import PI", "must not import"),
    ("massager/hal/esp32.py", "import board", "must not import board"),
    ("massager/loop.py", "from massager.hal import esp32", "must not import"),
    ("massager/other.py", "x = 1", "belongs to no layer"),
    ("main.py", "import massager_tools.cli.main", "must not import massager_tools.cli.main"),
    ("main.py", "import host_tests.support", "must not import host_tests.support"),
    ("boot.py", "from massager import loop", "must not import massager.loop"),
)


def tree(folder: Path, file: str, source: str) -> Path:
    """A firmware folder with the modules that the rows name, and one file of its own."""
    for name in (
        "signals",
        "units",
        "safety/fault_table",
        "safety/supervisor",
        "air/guard",
        "heat/guard",
    ):
        path = folder / "massager" / "core" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('"""Plain."""\n', encoding="utf-8")
    (folder / "massager" / "loop.py").write_text('"""Plain."""\n', encoding="utf-8")
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'"""Sample."""\n{source}\n', encoding="utf-8")
    return folder


def test_broken(row: tuple[str, str, str], tmp_path: Path) -> None:
    file, source, complaint = row
    found = violations(tree(tmp_path, file, source))
    assert any(text.startswith(file) and complaint in text for text in found), found


ALLOWED_ROWS = (
    ("massager/core/heat/guard.py", "from massager.core.heat.law import Law"),
    ("massager/core/heat/guard.py", "from massager.core.units import clamp"),
    (
        "massager/core/heat/guard.py",
        "from massager.core.safety import fault_table\nfault_table.NO_HEAT",
    ),
    ("massager/core/heat/guard.py", "from micropython import const\nfrom array import array"),
    ("massager/core/controller.py", "from massager.core.air import guard\nguard.Guard()"),
    ("massager/hal/esp32.py", "import time, machine\nfrom massager.core import signals"),
    ("massager/loop.py", "import time"),
    ("massager/app.py", "from board import BOARD\nfrom massager import loop"),
)


def test_allowed(row: tuple[str, str], tmp_path: Path) -> None:
    file, source = row
    assert not violations(tree(tmp_path, file, source))


def test_missing_docstring_is_seen(tmp_path: Path) -> None:
    (tmp_path / "boot.py").write_text("x = 1\n", encoding="utf-8")
    assert violations(tmp_path) == ["boot.py:1: no module docstring"]


def top_level_names() -> set[str]:
    """What is at the top of the repository, leaving out what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        return {line.partition("/")[0] for line in listed.stdout.splitlines()}
    patterns = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]
    return {
        path.name
        for path in ROOT.iterdir()
        if not any(fnmatchcase(path.name, pattern) for pattern in patterns)
    }


def test_nothing_else_at_the_top() -> None:
    names = top_level_names()
    assert "firmware" in names
    assert not names - TOP_LEVEL


@pytest.mark.parametrize("name", ["firmware/main.py", "firmware/boot.py"])
def test_entry_points_stay_short(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) < 60
