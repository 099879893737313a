"""`massager flash`: which port, which chip, which interpreter, and what it says."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from host_tests.serial.conftest import build
from massager_tools.build import deploy
from massager_tools.cli import main
from massager_tools.device import interpreter
from massager_tools.device.mpremote import Device
from massager_tools.device.ports import find_port
from massager_tools.device.sync import Plan, listing, plan, tree_hashes
from massager_tools.errors import Failure, UsageError
from massager_tools.sim.serial.board import SerialBoard

ESP32, ESP32_S3 = 0, 9  # as images name their chip


def image(path: Path, chip_id: int) -> Path:
    path.write_bytes(bytes([0xE9]) + bytes(11) + chip_id.to_bytes(2, "little") + bytes(100))
    return path


class _Port(SimpleNamespace):
    def __lt__(self, other: "_Port") -> bool:
        return str(self.device) < str(other.device)


def plug_in(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Have pyserial find these, with serial numbers from 0."""
    ports = [
        _Port(device=name, description="USB", vid=0x10C4, serial_number=str(number))
        for number, name in enumerate(names)
    ]
    monkeypatch.setattr(list_ports, "comports", lambda: ports)


def test_the_only_board_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "/dev/ttyUSB3")
    assert find_port(None) == "/dev/ttyUSB3"


def test_several_boards_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "/dev/ttyUSB1", "/dev/ttyACM0")
    with pytest.raises(UsageError, match=r"ttyACM0 \(USB\), /dev/ttyUSB1"):
        find_port(None)


def test_no_board_says_what_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch)
    with pytest.raises(UsageError, match="a USB cable that carries data"):
        find_port(None)


PORT_NAMES = (
    ("a0", "/dev/ttyACM0"),
    ("u2", "/dev/ttyUSB2"),
    ("port:/dev/ttyS1", "/dev/ttyS1"),
    ("socket://10.0.0.1:2217", "socket://10.0.0.1:2217"),
    ("rfc2217://host:4000", "rfc2217://host:4000"),
    ("id:1", "/dev/two"),
)


@pytest.mark.parametrize(("asked", "meant"), PORT_NAMES)
def test_ports_are_named_as_mpremote_does(
    asked: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug_in(monkeypatch, "/dev/one", "/dev/two")
    assert find_port(asked) == meant


def test_wrong_interpreter_files_are_refused(tmp_path: Path) -> None:
    good = image(tmp_path / "good.bin", ESP32)
    digest = hashlib.sha256(good.read_bytes()).hexdigest()
    interpreter.check_image(good, "esp32", digest.upper())
    with pytest.raises(UsageError, match="SHA-256 is " + digest):
        interpreter.check_image(good, "esp32", "0" * 64)
    with pytest.raises(UsageError, match="made for esp32s3, and the board is for esp32"):
        interpreter.check_image(image(tmp_path / "s3.bin", ESP32_S3), "esp32", None)
    (tmp_path / "text.bin").write_text("not an image")
    with pytest.raises(UsageError, match=r"micropython\.org"):
        interpreter.check_image(tmp_path / "text.bin", "esp32", None)


SAID_BY_ESPTOOL = (
    ("Connected to ESP32 on u0:\nChip type:          ESP32-D0WD-V3 (revision v3.1)", "esp32"),
    ("Connected to ESP32-S3 on a0:\nChip type:   ESP32-S3 (QFN56) (revision v0.2)", "esp32s3"),
    ("Chip is ESP32-C3 (revision 3)", "esp32c3"),
    ("Connected to ESP32-C6 on COM3:", "esp32c6"),
)


@pytest.mark.parametrize(("said", "chip"), SAID_BY_ESPTOOL)
def test_chip_is_read_from_esptool(said: str, chip: str) -> None:
    assert interpreter.connected_chip("port", lambda _command: said) == chip


@pytest.mark.parametrize(("chip", "offset"), [("esp32", "0x1000"), ("esp32c6", "0x0")])
def test_interpreter_goes_where_the_chip_looks(chip: str, offset: str, tmp_path: Path) -> None:
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> str:
        commands.append(command)
        return ""

    interpreter.write("P", chip, tmp_path / "i.bin", True, run)
    start = ["--chip", chip, "--port", "P", "--baud", "460800"]
    assert [command[3:] for command in commands] == [
        [*start, "--after", "no-reset", "erase-flash"],
        [*start, "write-flash", offset, str(tmp_path / "i.bin")],
    ]


def test_the_real_esptool_understands_the_commands(tmp_path: Path) -> None:
    """It gets as far as the port, which is not there."""
    there = image(tmp_path / "i.bin", ESP32)
    with pytest.raises(Failure, match="esptool: Could not open /no/port"):
        interpreter.write("/no/port", "esp32", there, False)
    with pytest.raises(Failure, match="esptool: Could not open /no/port"):
        interpreter.write("/no/port", "esp32", there, True)
    with pytest.raises(Failure, match="esptool: Could not open /no/port"):
        interpreter.connected_chip("/no/port")


def test_plan_copies_changes_and_removes_what_would_shadow(tmp_path: Path) -> None:
    tree = build(tmp_path)
    there: dict[str, str | None] = {**tree_hashes(tree)}
    assert plan(tree, there).empty
    there.update(
        {
            "main.py": "0",
            "board.py": "0",  # would be imported in the place of board.mpy
            "massager": None,
            "massager/core": None,  # of a firmware whose modules were files
            "massager/core/old.mpy": "0",
            "boot.py.new": "0",
            "mine.py": "0",
            "data/notes.txt": "0",
        }
    )
    del there["massager/app.mpy"]
    assert plan(tree, there) == Plan(
        copy=("main.py", "massager/app.mpy"),
        remove=("massager/core/old.mpy", "massager/core", "board.py", "boot.py.new"),
        folders=(),
        manifest=False,
    )
    fresh = plan(tree, {})
    assert fresh.copy[0] == "boot.py"
    assert fresh.copy == (
        "boot.py",
        "board.mpy",
        "main.py",
        "massager/app.mpy",
        "massager/startup.mpy",
    )
    assert fresh.folders == ("massager",) and fresh.manifest


def flash(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "massager_tools.cli.main", "flash", *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(main.__file__).parents[2])},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.mark.micropython
def test_from_bare_to_running_and_up_to_date(bare: SerialBoard) -> None:
    """The whole firmware, by the command a builder types."""
    first = flash("--port", bare.port)
    assert first.returncode == 0, first.stderr
    assert "esp32_devkitc: massager 0.1.0 runs on MicroPython 1.29.0" in first.stdout
    assert "self-test: pad " in first.stdout and "no fault" in first.stdout
    assert (bare.flash / deploy.MANIFEST).is_file()

    (bare.flash / "mine.txt").write_text("stays")
    (bare.flash / "massager" / "loop.py").write_text("would be imported first")
    looked = flash("--port", bare.port, "--dry-run")
    assert looked.returncode == 0, looked.stderr
    assert "massager/loop.py: would be removed" in looked.stdout
    assert (bare.flash / "massager" / "loop.py").is_file()

    wrong = flash("--port", bare.port, "--board", "esp32s3_devkitc1")
    assert wrong.returncode == 2
    assert "is for esp32s3, and on" in wrong.stderr and len(wrong.stderr.splitlines()) == 1

    again = flash("--port", bare.port, "--json")
    assert again.returncode == 0, again.stderr
    done = json.loads(again.stdout)
    assert (done["copied"], done["removed"]) == ([], ["massager/loop.py"])
    assert (done["board"], done["micropython"]) == ("esp32_devkitc", "1.29.0")
    assert done["telemetry"]["fault"] == 0 and done["warnings"] == []
    assert (bare.flash / "mine.txt").read_text() == "stays"
    assert not (bare.flash / "massager" / "loop.py").exists()


@pytest.mark.micropython
def test_a_chip_that_fails_its_start_is_told(bare: SerialBoard, tmp_path: Path) -> None:
    from massager_tools.device.mpremote import DeviceError
    from massager_tools.device.ready import restart

    tree = build(tmp_path / "other", "int('x')\n")
    for path in tree.rglob("*"):
        target = bare.flash / path.relative_to(tree)
        target.mkdir(exist_ok=True) if path.is_dir() else target.write_bytes(path.read_bytes())
    with pytest.raises(DeviceError, match="failed: ValueError"):
        restart(bare.port)


@pytest.mark.micropython
def test_missing_port_and_silent_port_are_one_line(tmp_path: Path) -> None:
    absent = flash("--port", "/no/such/port")
    assert absent.returncode == 1
    assert "/no/such/port" in absent.stderr and len(absent.stderr.splitlines()) == 1


def test_options_that_need_an_interpreter(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["flash", "--port", "/no/port", "--erase"]) == 2
    assert "go with --micropython" in capsys.readouterr().err


@pytest.mark.micropython
def test_listing_tells_folders_from_files(bare: SerialBoard) -> None:
    (bare.flash / "folder").mkdir()
    (bare.flash / "folder" / "file").write_bytes(b"x")
    assert listing(Device(bare.port)) == {
        "folder": None,
        "folder/file": hashlib.sha256(b"x").hexdigest(),
    }
