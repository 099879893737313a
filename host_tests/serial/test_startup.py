"""How the firmware starts and ends: incomplete, failing, hanging, in service, refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from host_tests.serial.conftest import APP, BOARD, build
from massager_tools.boards import load_board
from massager_tools.device.mpremote import Device
from massager_tools.sim.serial.board import SerialBoard

pytestmark = pytest.mark.micropython

TICK = "        hal.watchdog.feed()\n"
FAST = 20.0  # times real time, where the watchdog has to bite


@contextmanager
def board_with(tmp_path: Path, app: str = APP, speed: float = 1.0) -> Iterator[SerialBoard]:
    with SerialBoard(load_board(BOARD), build(tmp_path, app), speed=speed) as board:
        yield board


CHANGES = {
    "missing app": lambda flash: (flash / "massager/app.mpy").unlink(),
    "changed app": lambda flash: _change(flash / "massager/app.mpy", -100),
    "missing start": lambda flash: (flash / "massager/startup.mpy").unlink(),
    "changed start": lambda flash: _change(flash / "massager/startup.mpy", -1),
    "no code": lambda flash: (flash / "massager/startup.mpy").write_bytes(b"M\x05\x00"),
    "broken board": lambda flash: (flash / "board.mpy").write_bytes(b""),
    "no manifest": lambda flash: (flash / "manifest.json").unlink(),
    "broken manifest": lambda flash: (flash / "manifest.json").write_bytes(b"{"),
}


def _change(path: Path, at: int) -> None:
    """Change one bit of a file."""
    contents = bytearray(path.read_bytes())
    contents[at] ^= 1
    path.write_bytes(contents)


@pytest.mark.parametrize("change", CHANGES)
def test_incomplete_firmware_starts_nothing(change: str, tmp_path: Path) -> None:
    tree = build(tmp_path)
    CHANGES[change](tree)
    with SerialBoard(load_board(BOARD), tree) as board:
        board.wait_for("run massager flash again\r\n")
        assert b"ready" not in board.transcript
        assert board.energised == 0


def test_what_is_wrong_is_said_again(tmp_path: Path) -> None:
    tree = build(tmp_path)
    CHANGES["changed app"](tree)
    with SerialBoard(load_board(BOARD), tree) as board:
        board.wait_for("run massager flash again\r\nfirmware incomplete")


def test_failure_is_told_kept_and_not_repeated(tmp_path: Path) -> None:
    app = APP.replace(TICK, TICK + "        if count > 3:\n            int('x')\n")
    with board_with(tmp_path, app, speed=4.0) as board:
        board.wait_for("failed: ValueError")
        assert board.energised == 0
        board.wait_for("ValueError: invalid syntax for integer")
        boots = list(board.boots)
        # the light blinks on, longer than the watchdog's time-out
        kept = '__import__("massager.startup").startup.BootFlags().text("failure")'
        assert Device(board.port).evaluate(kept).startswith("ValueError: invalid syntax")
        assert board.boots == boots


def test_import_error_is_a_failure_like_any_other(tmp_path: Path) -> None:
    with board_with(tmp_path, "import nowhere\n" + APP) as board:
        board.wait_for("failed: ImportError: no module named 'nowhere'")
        assert board.energised == 0


def test_a_firmware_that_hangs_is_halted_after_three_resets(tmp_path: Path) -> None:
    app = APP.replace(TICK, "        while count > 2:\n            time.sleep_ms(50)\n" + TICK)
    with board_with(tmp_path, app, FAST) as board:
        board.wait_for("halted: watchdog or crash has reset the chip 3 times", timeout_s=60)
        assert board.energised == 0
        assert len(board.boots) == 4
        before = len(board.transcript)
        board.cut_power()
        board.restore_power()
        board.wait_for("ready", since=before)


def test_service_is_for_one_start(running: SerialBoard) -> None:
    device = Device(running.port)
    device.enter_service()
    assert b"service: every output is off" in running.transcript
    before = len(running.transcript)
    device.restart()
    running.wait_for("ready", since=before)


def test_board_for_another_chip_is_refused(tmp_path: Path) -> None:
    with SerialBoard(load_board("esp32s3_devkitc1"), build(tmp_path)) as board:
        board.wait_for("made for esp32, and this is an esp32s3")
        assert board.energised == 0
