"""The wheel, installed where no checkout is: what a maker gets from `pip install`."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from host_tests.support.interpreter import ROOT
from massager import VERSION

pytestmark = pytest.mark.xdist_group("wheel")  # one build, one environment

_IN_THE_WHEEL = ("boards", "firmware", "tools", "LICENSE", "README.md", "pyproject.toml")
_SHORT = 'PROGRAM = {"name": "short", "phases": ({"minutes": 2, "air": "wave", "fades": True},)}'
_BUILD = "import sys; from setuptools import build_meta as b; print(b.build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: a build leaves files beside its sources."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in _IN_THE_WHEEL:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, source / name)
    done = _run([sys.executable, "-c", _BUILD, str(folder)], source)
    assert done.returncode == 0, done.stdout
    return folder / done.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `massager` command of a fresh environment that has the wheel and what it needs."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(_run(where, home).stdout.strip())
    # the libraries of this environment; a path file is not followed from there, so the
    # checkout that is installed in it stays unseen
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    pip = ["pip", "--disable-pip-version-check", "--python", str(python)]
    done = _run(
        [sys.executable, "-m", *pip, "install", "-q", "--no-deps", "--no-index", str(wheel)], home
    )
    assert done.returncode == 0, done.stdout
    return home / "bin" / "massager"


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: os.environ[name] for name in os.environ if not name.startswith("PYTHON")}
    return subprocess.run(
        command,
        cwd=folder,
        env=clean,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_wheel_carries_both_trees_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for tree in ("firmware", "boards"):
        shipped = {n.partition(f"shipped/{tree}/")[2] for n in names if f"shipped/{tree}/" in n}
        folder = ROOT / tree
        assert shipped == {p.relative_to(folder).as_posix() for p in folder.rglob("*.py")}
    assert not [name for name in names if name.startswith(("host_tests", "massager/", "boards/"))]
    assert f"-{VERSION}-" in wheel.name


WORKS_IN_AN_EMPTY_FOLDER_ROWS = (
    # command, part of what it prints
    ("--version", f"massager, version {VERSION}"),
    ("boards", "esp32s3_devkitc1"),
    ("boards wiring esp32_devkitc", "heater_enable"),
    ("programs", "evening"),
    ("faults", "E01"),
    ("bringup --virtual", "the heat is unlocked"),
    ("flash --port nowhere", "cannot open nowhere"),
    ("monitor --port nowhere", "cannot open nowhere"),
    ("bench --files nowhere/chip", "there is no folder nowhere"),
    ("measure mutation --quick", "needs the source tree"),
)


def test_works_in_an_empty_folder(row: tuple[str, str], installed: Path, tmp_path: Path) -> None:
    command, expected = row
    done = _run([str(installed), *command.split()], tmp_path)
    assert expected in done.stdout, done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.micropython
def test_a_session_is_played_recorded_and_replayed(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "short.py").write_text(_SHORT, encoding="utf-8")
    demo = ("demo", "--program", "short.py", "--record", "it.rec", "--memory", "kept.json")
    done = _run([str(installed), *demo, "--plot", "it.png", "--json"], tmp_path)
    assert json.loads(done.stdout)["faults"] == []
    assert (tmp_path / "it.png").stat().st_size > 10_000
    assert (
        "MicroPython  14900 ticks: the same"
        in _run([str(installed), "replay", "it.rec"], tmp_path).stdout
    )
    assert "own" in _run([str(installed), "log", "kept.json"], tmp_path).stdout
