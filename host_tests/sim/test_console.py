"""The chip's console: what a write costs on each kind, what is lost, and what a Ctrl-C does."""

from pathlib import Path
from typing import Any

import pytest

from host_tests.sim.flashed import BOARD, run

WRITE = """
import sys, time
def write(count):
    start = time.ticks_ms()
    for _ in range(count):
        sys.stdout.buffer.write(b"0123456789abcde\\n")
    return time.ticks_diff(time.ticks_ms(), start)
time.sleep_ms(300)
"""


def board(chip: str) -> dict[str, Any]:
    """A board with hardly anything on it, whatever the chip."""
    return {**BOARD, "chip": chip, "roles": {"button_power": {"pin": 4, "active": 0}}}


def fault(name: str, at_ms: int = 0, on: bool = True) -> dict[str, Any]:
    return {"at_ms": at_ms, "do": "fault", "name": name, "on": on}


COST_ROWS = [
    # chip, fault, milliseconds that 100 times 16 bytes take
    ("esp32", None, 127),
    ("esp32", "console_stalled", 127),
    ("esp32s3", None, 0),
    ("esp32s3", "console_closed", 0),
    ("esp32s3", "console_stalled", 84 * 500),
    ("esp32c3", None, 0),
    ("esp32c3", "console_stalled", 200),
    ("esp32c6", "console_closed", 200),
]


@pytest.mark.parametrize(("chip", "name", "cost_ms"), COST_ROWS)
def test_what_writing_costs(tmp_path: Path, chip: str, name: str | None, cost_ms: int) -> None:
    main = WRITE + "took = write(100)\ntime.sleep(1)\nprint()\nprint('took', took)"
    events = [] if name is None else [fault(name), fault(name, 100_000, on=False)]
    main = main.replace("time.sleep(1)", "time.sleep(100)")

    done = run(tmp_path, main, on_cpython=True, board=board(chip), events=events)

    took = next(int(line.split()[1]) for line in done.serial if line.startswith("took"))
    assert took == pytest.approx(cost_ms, abs=12)


CALLBACKS_ROWS = [
    # chip, writes that fill its buffer, milliseconds of the next, callbacks run in them
    ("esp32s3", 16, 500, 50),
    ("esp32c3", 1, 200, 0),
]


@pytest.mark.parametrize(("chip", "count", "takes_ms", "callbacks"), CALLBACKS_ROWS)
def test_callbacks_while_a_write_waits(
    tmp_path: Path, chip: str, count: int, takes_ms: int, callbacks: int
) -> None:
    main = f"""{WRITE}
from machine import Timer
ticks = []
started = [0]
def on_tick(_timer):
    ticks.append(time.ticks_diff(time.ticks_ms(), started[0]))
timer = Timer(0)
write({count})
started[0] = time.ticks_ms()
timer.init(period=10, callback=on_tick)
took = write(1)
timer.deinit()
time.sleep(5)
print("callbacks", len([at for at in ticks if at < took]), "in", took)
"""
    events = [fault("console_stalled"), fault("console_stalled", 3_000, on=False)]

    done = run(tmp_path, main, on_cpython=True, board=board(chip), events=events)

    _, served, _, took = done.serial[-1].split()
    assert int(took) == pytest.approx(takes_ms, abs=2)
    assert int(served) == pytest.approx(callbacks, abs=1)


def test_a_reader_that_returns_gets_what_waits(tmp_path: Path, on_cpython: bool) -> None:
    main = WRITE + "write(3)\ntime.sleep(3)\nprint('end')"
    events = [fault("console_stalled"), fault("console_stalled", 2_000, on=False)]

    done = run(tmp_path, main, on_cpython=on_cpython, board=board("esp32s3"), events=events)

    assert done.serial == ["0123456789abcde"] * 3 + ["end"]


BOOT_ROWS = [
    ("esp32s3", "1.26.1", True),
    ("esp32s3", "1.27.0", False),
    ("esp32c3", "1.29.0", True),
]


@pytest.mark.parametrize(("chip", "version", "seen"), BOOT_ROWS)
def test_what_boot_py_prints(tmp_path: Path, chip: str, version: str, seen: bool) -> None:
    done = run(
        tmp_path,
        "print('main')",
        boot="print('boot')",
        on_cpython=True,
        board=board(chip),
        version=version,
    )

    assert done.serial == (["boot", "main"] if seen else ["main"])


def test_a_print_that_never_returns(tmp_path: Path) -> None:
    main = f"import machine\nmachine.WDT(timeout=3_000)\n{WRITE}write(20)\nprint('never')"

    done = run(
        tmp_path,
        main,
        on_cpython=True,
        board=board("esp32s3"),
        version="1.26.0",
        events=[fault("console_closed")],
        until_ms=8_000,
    )

    assert done.result.boots > 1


LOOP = """
import time
print("running")
while True:
    time.sleep_ms(10)
"""
INTERRUPT_ROWS = [
    # chip, bytes that come before the Ctrl-C, whether a program that reads nothing stops
    ("esp32", 300, True),
    ("esp32s3", 200, True),
    ("esp32s3", 300, False),
    ("esp32c3", 300, False),
]


@pytest.mark.parametrize(("chip", "count", "stops"), INTERRUPT_ROWS)
def test_a_ctrl_c_behind_unread_bytes(
    tmp_path: Path, chip: str, count: int, stops: bool, on_cpython: bool
) -> None:
    events = [{"at_ms": 1_000, "do": "type", "text": "x" * count + "\x03"}]

    done = run(
        tmp_path, LOOP, on_cpython=on_cpython, board=board(chip), events=events, until_ms=2_000
    )

    assert any("KeyboardInterrupt" in line for line in done.serial) is stops


READ = """
import select, sys, time
poll = select.poll()
poll.register(sys.stdin, select.POLLIN)
one = bytearray(1)
print("running")
while True:
    time.sleep_ms(10)
    for _ in poll.ipoll(0):
        sys.stdin.buffer.readinto(one)
"""


@pytest.mark.parametrize("chip", ["esp32s3", "esp32c6"])
def test_a_program_that_reads_what_is_typed_sees_ctrl_c(
    tmp_path: Path, chip: str, on_cpython: bool
) -> None:
    events = [{"at_ms": 1_000, "do": "type", "text": "x" * 300 + "\x03"}]

    done = run(
        tmp_path, READ, on_cpython=on_cpython, board=board(chip), events=events, until_ms=9_000
    )

    assert done.result.reason == "exception" and done.result.virtual_ms < 2_000


def test_a_ctrl_c_in_a_callback_is_printed_and_lost(tmp_path: Path, on_cpython: bool) -> None:
    main = """
import time
from machine import Timer
Timer(0).init(period=10, callback=lambda timer: None)
for _ in range(200):
    time.sleep_ms(10)
print("alive")
"""
    events = [fault("interrupts_lost"), {"at_ms": 1_000, "do": "ctrl_c"}]

    done = run(tmp_path, main, on_cpython=on_cpython, events=events)

    assert done.serial[-1] == "alive"
    assert any(line.startswith("KeyboardInterrupt") for line in done.serial)


REGISTER_ROWS = [
    # chip, register, its value while the reader reads, and while something waits for it
    ("esp32c3", 0x6004_3004, 2, 0),
    ("esp32c6", 0x6000_F004, 2, 0),
    ("esp32s3", 0x6008_0950, 0, 1 << 19),
    ("esp32", 0x6008_0950, 0, 0),
]


@pytest.mark.parametrize(("chip", "address", "free", "waiting"), REGISTER_ROWS)
def test_the_register_that_tells_whether_a_write_would_wait(
    tmp_path: Path, chip: str, address: int, free: int, waiting: int
) -> None:
    main = f"""{WRITE}
from machine import mem32
write(1)
first = mem32[{address}]
time.sleep(2)
write(1)
second = mem32[{address}]
time.sleep(2)
print("free", first, "waiting", second)
"""
    events = [fault("console_stalled", 1_000), fault("console_stalled", 3_000, on=False)]

    done = run(tmp_path, main, on_cpython=True, board=board(chip), events=events)

    assert done.serial[-1] == f"free {free} waiting {waiting}"
