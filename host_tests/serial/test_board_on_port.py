"""The virtual board on a port, against the real mpremote: prompt, files, resets, watchdog."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_tests.serial.conftest import BOARD, build
from massager_tools.boards import load_board
from massager_tools.cli import main
from massager_tools.device.mpremote import Device
from massager_tools.sim.chip import HARD_RESET, PWRON_RESET, SOFT_RESET, WDT_RESET
from massager_tools.sim.serial.board import SerialBoard
from massager_tools.sim.wiring import HEATER

pytestmark = pytest.mark.micropython


def mpremote(board: SerialBoard, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mpremote", "connect", board.port, *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.fixture(params=["pty", "tcp"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SerialBoard]:
    flash = tmp_path / "chip"
    flash.mkdir()
    (flash / "boot.py").write_text('print("boot")\n')
    (flash / "main.py").write_text('print("main")\n')
    board = SerialBoard(load_board(BOARD), flash, tcp=request.param == "tcp")
    with board:
        board.wait_for(">>> ")
        yield board


def test_mpremote_copies_lists_hashes_and_resets(either: SerialBoard, tmp_path: Path) -> None:
    here = tmp_path / "here.txt"
    here.write_bytes(bytes(range(256)) * 5)
    mpremote(either, "fs", "cp", str(here), ":there.txt", "+", "fs", "mkdir", "folder")
    assert (either.flash / "there.txt").read_bytes() == here.read_bytes()
    assert "folder/" in mpremote(either, "resume", "fs", "ls")
    digest = subprocess.run(["sha256sum", here], capture_output=True, text=True, check=True)
    assert digest.stdout.split()[0] in mpremote(either, "resume", "fs", "sha256sum", "there.txt")
    before = len(either.transcript)
    mpremote(either, "reset")
    either.wait_for("main", since=before)
    assert either.boots[0] == PWRON_RESET and either.boots[-1] == HARD_RESET


def test_soft_reset_runs_boot_and_in_raw_mode_not_main(either: SerialBoard) -> None:
    before = len(either.transcript)
    mpremote(either, "soft-reset")
    said = either.transcript[before:]
    assert b"boot" in said and b"main" not in said
    assert either.boots == [PWRON_RESET, SOFT_RESET]
    before = len(either.transcript)
    mpremote(either, "resume", "exec", "--no-follow", "import machine; machine.soft_reset()")
    either.wait_for("boot", since=before)


def test_chip_says_what_it_is_and_its_files_end_at_the_root(bare: SerialBoard) -> None:
    device = Device(bare.port)
    identity = device.identity()
    assert (identity.name, identity.chip) == ("micropython", "esp32")
    (bare.flash / "a.txt").write_bytes(b"\x00\xff text")
    assert device.read_file("/../../a.txt") == b"\x00\xff text"
    assert device.evaluate("__import__('os').listdir('/..')") == ["a.txt"]
    assert device.evaluate("hasattr(__import__('os'), 'system')") is False


def test_ctrl_c_stops_main_with_outputs_off(running: SerialBoard) -> None:
    running.wait_until_powered(HEATER)
    assert Device(running.port).evaluate("1 + 1") == 2
    assert running.energised == 0
    assert b"stopped by Ctrl-C: every output is off" in running.transcript


def test_pwm_outlives_a_reset_until_boot_py(bare: SerialBoard) -> None:
    pins = load_board(BOARD)["roles"]
    device = Device(bare.port)
    device.execute(
        f"from machine import Pin, PWM; Pin({pins['heater_enable']['pin']}, Pin.OUT, value=1);"
        f"PWM(Pin({pins['heater_pwm']['pin']}), freq=100, duty_u16=9000)"
    )
    bare.wait_until_powered(HEATER)
    device.restart()
    assert bare.energised == HEATER
    (bare.flash / "boot.py").write_text(
        f"from machine import Pin\nPin({pins['heater_enable']['pin']}, Pin.OUT, value=0)\n"
        f"Pin({pins['heater_pwm']['pin']}, Pin.OUT, value=0)\n"
    )
    device.restart()
    bare.wait_until_powered(0)


def test_an_armed_watchdog_bites_at_the_prompt(bare: SerialBoard) -> None:
    before = len(bare.transcript)
    Device(bare.port).execute("from machine import WDT; WDT(timeout=300)")
    bare.wait_for("rst:0x8", since=before)
    assert bare.boots == [PWRON_RESET, WDT_RESET]


def test_flash_store_outlives_a_power_cut(bare: SerialBoard) -> None:
    device = Device(bare.port)
    device.execute('import esp32; n = esp32.NVS("x"); n.set_i32("a", 7); n.commit()')
    device.execute('import esp32; esp32.NVS("x").set_i32("a", 8)')
    before = len(bare.transcript)
    bare.cut_power()
    bare.restore_power()
    bare.wait_for(">>> ", since=before)
    assert device.evaluate('__import__("esp32").NVS("x").get_i32("a")') == 7


def test_device_in_service_has_no_watchdog(tmp_path: Path) -> None:
    with SerialBoard(load_board(BOARD), build(tmp_path)) as board:
        board.wait_for("ready")
        assert not Device(board.port).enter_service().firmware_runs
        assert board.energised == 0
        assert board.state is not None and board.state["watchdog"] is None


def test_log_reads_the_store_of_a_device(
    running: SerialBoard, capsys: pytest.CaptureFixture[str]
) -> None:
    device = Device(running.port)
    device.execute(
        'import esp32; n = esp32.NVS("massager"); n.set_blob("k", b"\\x00ab"); n.commit()'
    )
    found = device.read_store("massager", ["nothing", "k"])
    assert found == {"nothing": b"", "k": b"\x00ab"}
    before = len(running.transcript)
    assert main.run(["log", "--port", running.port]) == 0
    assert "no sessions stored yet" in capsys.readouterr().out
    running.wait_for("ready", since=before)  # it works again
