"""Type-checks what runs on the chip against the MicroPython stubs: run as a module.

mypy knows nothing of stub packages that replace parts of the standard library, so this
builds what it does know: the stubs of the ESP32 port as a search path, and the reduced
standard library that comes with them in place of the full one. An `import dataclasses` or
`time.monotonic()`, which CPython would accept, is then an error.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackagePath, files
from pathlib import Path

from host_tests.support.interpreter import FIRMWARE, ROOT, SCRIPTS

_PORT = "micropython-esp32-stubs"
_LIBRARY = "micropython-stdlib-stubs"

# the stubs are not clean themselves: silent about them, not about what uses them
_CONFIG = """
[mypy]
strict = true
warn_unreachable = true
explicit_package_bases = true
follow_imports = silent
follow_imports_for_stubs = true
no_site_packages = true
"""

# deployment makes this module from the board file
_BOARD_STUB = "BOARD: dict\n"

DEFAULT_TARGETS = (FIRMWARE, SCRIPTS / "run_tests.py", SCRIPTS / "probe_heap.py")


def _stub_files(distribution: str) -> list[PackagePath]:
    return [path for path in files(distribution) or [] if path.suffix == ".pyi"]


def _link(path: PackagePath, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(str(path.locate()))


def _lay_out(folder: Path) -> None:
    """Fill `folder` with `port/`, a search path, and `typeshed/`."""
    for path in _stub_files(_PORT):
        _link(path, folder / "port" / path)
    for path in files(_LIBRARY) or []:
        if path.parts[0] == "_mpy_shed":
            _link(path, folder / "port" / path)
        elif path.parts[0] in ("stdlib", "stubs"):
            _link(path, folder / "typeshed" / path)
    (folder / "port" / "board.pyi").write_text(_BOARD_STUB, encoding="utf-8")


def check(targets: Sequence[Path] = DEFAULT_TARGETS) -> tuple[bool, str]:
    """Whether `targets` are clean, and mypy's report."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _lay_out(folder)
        config = folder / "mypy.ini"
        config.write_text(_CONFIG, encoding="utf-8")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "mypy", "--config-file", str(config)),
                *("--custom-typeshed-dir", str(folder / "typeshed")),
                *("--cache-dir", str(folder / "cache")),
                *(str(target) for target in targets),
            ],
            cwd=ROOT,
            env={**os.environ, "MYPYPATH": f"{folder / 'port'}{os.pathsep}{FIRMWARE}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    return done.returncode == 0, done.stdout


if __name__ == "__main__":
    clean, report = check()
    print(report, end="")
    sys.exit(0 if clean else 1)
