"""What comes in by the serial line while a program runs: nothing is energised, nothing hangs.

On the virtual board behind a port, with the real firmware: a device that is off, then one at
work, is sent noise of every length; at last Ctrl-C and the prompt's own control bytes are
among it.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from massager_tools import deploy
from massager_tools.boards import load_board
from massager_tools.virtual.serial.board import SerialBoard

pytestmark = pytest.mark.micropython

BOARD = "esp32_devkitc"
SPEED = 8.0
HUGE = 60_000
CTRL_C = b"\x03"
COMMANDS = (
    b"import machine\r\nmachine.Pin(32, machine.Pin.OUT, value=1)\r\n",  # heater_enable
    b"press power\r\nstart\r\nheat 43\r\n",
    b"\x01import machine; machine.Pin(18, 1).value(1)\x04",  # raw mode, without its Ctrl-C
    b"\x02\x04\x05A\x01",
)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[SerialBoard]:
    flash = tmp_path / "chip"
    deploy.build(load_board(BOARD), flash)
    with SerialBoard(load_board(BOARD), flash, speed=SPEED) as running:
        running.wait_for("ready massager")
        yield running


@pytest.fixture
def port(board: SerialBoard) -> Iterator[serial.Serial]:
    """Open all the time: what is sent as a port closes may be lost."""
    with serial.Serial(board.port, write_timeout=20) as opened:
        yield opened


def noise(seed: int, length: int, spare: bytes = CTRL_C) -> bytes:
    """Random bytes, none of `spare` among them."""
    return bytes(byte for byte in random.Random(seed).randbytes(length) if byte not in spare)


def send(port: serial.Serial, data: bytes) -> None:
    """In pieces, as a port does; what the board says meanwhile is thrown away."""
    for at in range(0, len(data), 2_048):
        port.write(data[at : at + 2_048])
        port.reset_input_buffer()


def lines_later(board: SerialBoard, count: int, text: str = "t_ms:") -> bytes:
    """What it says until it has told `count` more lines of telemetry."""
    start = len(board.transcript)
    seen = start
    for _ in range(count):
        board.wait_for(text, since=seen)
        seen = board.transcript.index(text.encode(), seen) + len(text)
    return board.transcript[start:]


GARBAGE = {
    "half a line": b"t_ms:1,state:2",
    "every byte but Ctrl-C": bytes(byte for byte in range(256) if byte != 3) * 4,
    "noise": noise(1, 4_000),
    "one huge line": b"x" * HUGE,
    "noise without an end": noise(2, HUGE, CTRL_C + b"\r\n"),
    "commands": b"".join(COMMANDS),
}


def test_nothing_that_is_typed_starts_or_stops_it(board: SerialBoard, port: serial.Serial) -> None:
    """Off, it stays off; at work, it stays at work, on time, with no reset and no new fault."""
    for name, data in GARBAGE.items():
        send(port, data)
        said = lines_later(board, 3)
        assert b"state:0" in said and b"state:1" not in said, name
        assert board.energised == 0, name
    board.send({"do": "press", "button": "power"})
    lines_later(board, 5)
    board.send({"do": "release", "button": "power"})
    board.wait_for("state:2")
    for name, data in GARBAGE.items():
        send(port, data)
        said = lines_later(board, 3)
        assert b"state:2" in said and b"state:6" not in said, name
        assert b"fault:0" in said and b"Traceback" not in said, name
    assert len(board.boots) == 1

    # and what does get through to the prompt only ever stops it
    send(port, noise(3, 2_000) + CTRL_C + noise(4, 2_000, b"") + CTRL_C * 20)
    board.wait_for("stopped by Ctrl-C: every output is off")
    board.wait_until_powered(0)
    send(port, noise(5, 4_000, b""))
    assert board.energised == 0
