"""Every core test file runs in MicroPython too, with the very cases pytest has."""

import subprocess
import sys
from pathlib import Path

import pytest

from host_tests.support.interpreter import ROOT, SCRIPTS, run_script

pytestmark = pytest.mark.micropython

CORE = ROOT / "host_tests" / "core"


def core_files(folder: Path) -> list[str]:
    """The test files meant for both interpreters, relative to the repository."""
    files = [
        str(path.relative_to(ROOT).as_posix())
        for path in sorted(folder.rglob("test_*.py"))
        if not path.stem.endswith("_properties")
    ]
    assert files, f"no core tests under {folder}"
    return files


@pytest.fixture(scope="session")
def collected() -> dict[str, set[str]]:
    """What pytest itself collects: file → ids of its cases."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--collect-only", "--quiet", "--color=no"),
            *("-p", "no:cacheprovider", "--numprocesses=0", str(CORE)),
        ],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    ids: dict[str, set[str]] = {}
    for line in done.stdout.splitlines():
        file, separator, case = line.partition("::")
        if separator:
            ids.setdefault(file, set()).add(case)
    assert ids, done.stdout + done.stderr
    return ids


@pytest.mark.parametrize("file", core_files(CORE))
def test_same_cases_pass(file: str, collected: dict[str, set[str]]) -> None:
    module = file.removesuffix(".py").replace("/", ".")
    done = run_script(SCRIPTS / "run_tests.py", module)
    if done.returncode != 0:
        pytest.fail(f"{file} on MicroPython:\n{done.stdout}", pytrace=False)
    ran = {line.removeprefix("ok ") for line in done.stdout.splitlines() if line.startswith("ok ")}
    assert ran == collected.get(file), f"{file}: MicroPython and pytest run different cases"
    assert done.stdout.endswith(f"ran {len(ran)}\n")
