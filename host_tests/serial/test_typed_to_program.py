"""What is typed while a program runs: its stdin has it, in a buffer as small as the chip's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial

from massager_tools.boards import load_board
from massager_tools.sim.serial.board import SerialBoard

pytestmark = pytest.mark.micropython
ECHO = """import select, sys, time
poll = select.poll()
poll.register(sys.stdin, select.POLLIN)
print("listening")
while True:
    time.sleep_ms(10)
    if poll.poll(0):
        print("read", sys.stdin.read(1))
"""
LATE = """import select, sys, time
poll = select.poll()
poll.register(sys.stdin, select.POLLIN)
print("asleep")
time.sleep(5)
read = ""
while poll.poll(0):
    read += sys.stdin.read(1)
print("read", len(read), read[:3], read[-3:])
"""
DEAF = """import time
print("deaf")
while True:
    time.sleep_ms(10)
"""


@contextmanager
def running(folder: Path, main: str) -> Iterator[tuple[SerialBoard, serial.Serial]]:
    """A board whose program is `main`, and its port, open."""
    (folder / "main.py").write_text(main, encoding="utf-8")
    with (
        SerialBoard(load_board("esp32_devkitc"), folder, speed=4.0) as board,
        serial.Serial(board.port, write_timeout=20) as port,
    ):
        yield board, port


def test_a_program_that_reads_its_stdin_hears(tmp_path: Path) -> None:
    with running(tmp_path, ECHO) as (board, port):
        board.wait_for("listening")
        port.write(b"xyz")
        for letter in "xyz":
            board.wait_for(f"read {letter}")


def test_what_does_not_fit_is_dropped(tmp_path: Path) -> None:
    with running(tmp_path, LATE) as (board, port):
        board.wait_for("asleep")
        port.write(b"abc" + b"." * 253 + b"xyz" + b"#" * 2_000)
        board.wait_for("read 259 abc xyz\r\n")


def test_what_a_program_left_unread_is_the_prompts(tmp_path: Path) -> None:
    with running(tmp_path, DEAF) as (board, port):
        board.wait_for("deaf")
        port.write(b"print('typed', 'early')\r")
        port.write(b"\x03")
        board.wait_for("typed early\r\n")
