"""What comes in by the serial line while a program runs changes nothing of what it does.

On the virtual board behind a port, with the real firmware: noise of every length reaches its
stdin while it is off, tests itself and works. All that it says and switches must be what it
says and switches without noise, at the same ticks. At last Ctrl-C and the prompt's own
control bytes are among it.
"""

import itertools
import random
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import serial

from massager_tools.boards import load_board
from massager_tools.build import deploy
from massager_tools.sim.serial.board import SerialBoard

pytestmark = pytest.mark.micropython

BOARD = "esp32_devkitc"
SPEED = 12.0
FAST = 100.0
LINES = 420  # of telemetry, ten a second: the first squeeze, and some of the next
HUGE = 60_000
ON = (  # power, at a virtual time: every run is the same until somebody interferes
    {"at_ms": 4_000, "do": "press", "button": "power"},
    {"at_ms": 4_600, "do": "release", "button": "power"},
)
VENTED_PA = 1_067  # 8 mmHg
CTRL_C = b"\x03"
COMMANDS = (
    b"import machine\r\nmachine.Pin(32, machine.Pin.OUT, value=1)\r\n",  # heater_enable
    b"press power\r\nstart\r\nheat 43\r\n",
    b"\x01import machine; machine.Pin(18, 1).value(1)\x04",  # raw mode, without its Ctrl-C
    b"\x02\x04\x05A\x01",
)


LISTENER = """import select, sys
from massager.core.controller import Controller
poll = select.poll()
poll.register(sys.stdin, select.POLLIN)
step = Controller.step
def listening(controller, now_ms, inputs, outputs, storage_requests=0):
    if poll.poll(0):
        sys.stdin.buffer.read(1)
        inputs.buttons |= 1
    step(controller, now_ms, inputs, outputs, storage_requests)
Controller.step = listening

"""


@pytest.fixture
def flash(tmp_path: Path) -> Path:
    """The real firmware, deployed."""
    folder = tmp_path / "chip"
    deploy.build(load_board(BOARD), folder)  # the listener imports from it
    return folder


def noise(seed: int, length: int, spare: bytes = CTRL_C) -> bytes:
    """Random bytes, none of `spare` among them."""
    return bytes(byte for byte in random.Random(seed).randbytes(length) if byte not in spare)


def send(port: serial.Serial, data: bytes) -> None:
    """In pieces, as a port does; what the board says meanwhile is thrown away."""
    for at in range(0, len(data), 2_048):
        port.write(data[at : at + 2_048])
        port.reset_input_buffer()


GARBAGE = {
    "half a line": b"t_ms:1,state:2",
    "every byte but Ctrl-C": bytes(byte for byte in range(256) if byte != 3) * 4,
    "noise": noise(1, 4_000),
    "one huge line": b"x" * HUGE,
    "noise without an end": noise(2, HUGE, CTRL_C + b"\r\n"),
    "commands": b"".join(COMMANDS),
}


def lines(board: SerialBoard) -> list[str]:
    """Every whole line that it has said."""
    return board.transcript.decode(errors="replace").split("\r\n")[:-1]


def later(board: SerialBoard, count: int = 1) -> None:
    """Until it has said that many more lines."""
    for _ in range(count):
        board.wait_for("\r\n", since=len(board.transcript))


def say(board: SerialBoard, port: serial.Serial, command: bytes, answer: str) -> None:
    """Type `command` at a prompt that first has to be freed of what noise has left there."""
    for _ in range(10):
        send(port, CTRL_C + b"\x02" + CTRL_C)
        with suppress(TimeoutError):
            board.wait_for(">>> ", 1, since=len(board.transcript))
        send(port, command)
        with suppress(TimeoutError):
            return board.wait_for(answer, 4)
    raise AssertionError(f"the prompt never answered: {board.transcript[-300:]!r}")


def new(flash: Path, folder: str) -> Path:
    """A copy of the deployed firmware that was never started."""
    return shutil.copytree(flash, Path(folder) / "chip")


def course(flash: Path, count: int, garbage: Iterable[bytes], speed: float) -> list[str]:
    """The first `count` lines a firmware says, `garbage` coming in all the while."""
    pieces = itertools.cycle(garbage)
    with (
        TemporaryDirectory() as folder,
        SerialBoard(load_board(BOARD), new(flash, folder), speed=speed, events=ON) as board,
        serial.Serial(board.port, write_timeout=20) as port,
    ):
        while len(lines(board)) < count:
            send(port, next(pieces))
            later(board)
        assert len(board.boots) == 1
        return lines(board)[:count]


def test_nothing_that_is_typed_changes_anything(flash: Path) -> None:
    """Off it stays off, at work it stays at work: every output, pressure and fault, on time."""
    noisy = course(flash, LINES, GARBAGE.values(), SPEED)
    said = "".join(noisy)
    assert all(text in said for text in ("state:0", "state:1", "state:2", "chambers:7"))
    assert noisy == course(flash, LINES, [b""], FAST)


def test_a_firmware_that_listened_would_be_caught(flash: Path) -> None:
    """The same comparison, and a firmware to which each byte is a button."""
    main = flash / "main.py"
    main.write_text(LISTENER + main.read_text(encoding="utf-8"), encoding="utf-8")
    deploy.seal(load_board(BOARD), flash)
    noisy = course(flash, LINES, GARBAGE.values(), SPEED)
    assert noisy != course(flash, LINES, [b""], FAST)


def test_what_gets_through_to_the_prompt_only_stops_it(flash: Path) -> None:
    """Noise with Ctrl-C in it, while chambers are full and the motor turns; then more of it."""
    with (
        SerialBoard(load_board(BOARD), flash, speed=SPEED, events=ON) as board,
        serial.Serial(board.port, write_timeout=20) as port,
    ):
        board.wait_for("chambers:7", 60)
        later(board, 2)
        assert int(lines(board)[-1].partition("pressure_pa:")[2].partition(",")[0]) > VENTED_PA
        send(port, noise(3, 2_000) + CTRL_C + noise(4, 2_000, b"") + CTRL_C * 20)
        board.wait_for("stopped by Ctrl-C: every output is off")
        board.wait_until_powered(0)
        send(port, noise(5, 4_000, b""))
        assert board.energised == 0
        say(board, port, b"import time; time.sleep(10); print('10', 's')\r", "10 s\r\n")
        assert board.energised == 0 and len(board.boots) == 1
        assert board.state is not None
        assert max(board.state["plant"]["air"]["chamber_pa"]) < VENTED_PA
        assert board.state["plant"]["motor"]["speed_rad_s"] == 0
