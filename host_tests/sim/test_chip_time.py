"""Virtual time: the clock, sleeping, timers, edges, the flash store, and their order."""

from pathlib import Path

import pytest

from host_tests.sim.flashed import PINS, run

TACH = PINS["tach"]
BOOT_MS = 350


def test_only_sleeping_takes_time(tmp_path: Path, on_cpython: bool) -> None:
    main = """
import time
start = time.ticks_us()
for _ in range(500):
    time.ticks_ms()
print(time.ticks_diff(time.ticks_us(), start))
time.sleep_us(250); time.sleep_ms(3); time.sleep(0.5); time.sleep_ms(-5)
print(time.ticks_diff(time.ticks_us(), start))
"""

    done = run(tmp_path, main, on_cpython=on_cpython)

    assert done.serial == ["0", "503250"]


def test_a_loop_that_polls_the_clock_ends(tmp_path: Path, on_cpython: bool) -> None:
    main = """
import time
start = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), start) < 5:
    pass
print("done")
"""

    assert run(tmp_path, main, on_cpython=on_cpython).serial == ["done"]


@pytest.mark.parametrize("before_ms", [1, 7, 1_000])
def test_ticks_wrap_at_2_to_the_30(tmp_path: Path, before_ms: int, on_cpython: bool) -> None:
    main = """
import time
before = time.ticks_ms()
time.sleep_ms(2_000)
after = time.ticks_ms()
print(before, after, time.ticks_diff(after, before), time.ticks_us() < 1 << 30)
"""
    start = (1 << 30) - BOOT_MS - before_ms

    done = run(tmp_path, main, on_cpython=on_cpython, ticks_start_ms=start)

    assert done.serial == [f"{(1 << 30) - before_ms} {2_000 - before_ms} 2000 True"]


def test_timers_call_back_in_the_sleep(tmp_path: Path, on_cpython: bool) -> None:
    main = """
import time
from machine import Timer
start = time.ticks_us()
def now():
    return time.ticks_diff(time.ticks_us(), start)
fast, once = Timer(0), Timer(1)
fast.init(mode=Timer.PERIODIC, period=30, callback=lambda t: print("fast", now()))
once.init(mode=Timer.ONE_SHOT, period=50, callback=lambda t: print("once", now()))
time.sleep_ms(100)
fast.deinit()
time.sleep_ms(100)
"""

    done = run(tmp_path, main, on_cpython=on_cpython)

    assert done.serial == ["fast 30000", "once 50000", "fast 60000", "fast 90000"]


def test_a_busy_chip_drops_the_ninth_waiting_callback(tmp_path: Path, on_cpython: bool) -> None:
    main = """
import esp32
from machine import Timer
calls = []
Timer(0).init(period=2, callback=lambda t: calls.append(1))
store = esp32.NVS("a")
store.set_i32("a", 1)
store.commit()
print(len(calls))
"""

    assert run(tmp_path, main, on_cpython=on_cpython).serial == ["8"]


def test_a_callback_that_comes_at_the_end_of_a_sleep_makes_it_longer(
    tmp_path: Path, on_cpython: bool
) -> None:
    main = """
import time
from machine import Timer
Timer(0).init(period=10, callback=lambda t: None)
start = time.ticks_us()
time.sleep_ms(9)
print(time.ticks_diff(time.ticks_us(), start))
start = time.ticks_us()
time.sleep_ms(1)
print(time.ticks_diff(time.ticks_us(), start))
"""

    assert run(tmp_path, main, on_cpython=on_cpython).serial == ["9000", "1060"]


def test_callbacks_that_come_too_fast_are_dropped(tmp_path: Path, on_cpython: bool) -> None:
    main = f"""
import time
from machine import Pin
calls = [0]
def on_fall(pin):
    calls[0] += 1
Pin({PINS["tach"]}, Pin.IN).irq(on_fall, Pin.IRQ_FALLING)
start = time.ticks_ms()
time.sleep_ms(1_000)
print(calls[0] // 1_000, time.ticks_diff(time.ticks_ms(), start) < 1_010)
"""
    events = [{"at_ms": 0, "do": "fault", "name": "tach_noise", "on": True, "value": 50_000}]

    assert run(tmp_path, main, on_cpython=on_cpython, events=events).serial == ["16 True"]


def test_tick_overrun_makes_one_sleep_a_second_long(tmp_path: Path, on_cpython: bool) -> None:
    main = """
import time
took = []
for _ in range(250):
    start = time.ticks_ms()
    time.sleep_ms(10)
    took.append(time.ticks_diff(time.ticks_ms(), start))
print(took.count(10), took.count(210))
"""
    events = [{"at_ms": 0, "do": "fault", "name": "tick_overrun", "on": True, "value": 200}]

    assert run(tmp_path, main, on_cpython=on_cpython, events=events).serial == ["246 4"]


def test_writing_flash_stalls_callbacks(tmp_path: Path, on_cpython: bool) -> None:
    main = """
import esp32, time
from machine import Timer
store = esp32.NVS("a")
calls = []
Timer(0).init(period=10, callback=lambda t: calls.append(time.ticks_us()))
start = time.ticks_us()
store.set_i32("a", 1)
store.commit()
took = time.ticks_diff(time.ticks_us(), start)
print(took > 20_000, len(calls), [call - start for call in calls] == [took] * len(calls))
start = time.ticks_us()
store.commit()
print(time.ticks_us() - start)
"""

    done = run(tmp_path, main, on_cpython=on_cpython)

    assert done.serial == ["True 3 True", "0"]


@pytest.mark.parametrize(("end", "kept"), [("store.commit()", "7"), ("pass", "none")])
def test_the_flash_store_keeps_what_was_committed(
    tmp_path: Path, end: str, kept: str, on_cpython: bool
) -> None:
    main = f"""
import esp32, machine
store = esp32.NVS("a")
if machine.reset_cause() == machine.PWRON_RESET:
    store.set_i32("count", 7)
    store.set_blob("data", b"xyz")
    print(store.get_i32("count"))
    {end}
    machine.reset()
try:
    buffer = bytearray(5)
    print(store.get_i32("count"), store.get_blob("data", buffer), bytes(buffer))
except OSError as error:
    print("none", error.args[0] == -0x1102)
"""

    done = run(tmp_path, main, on_cpython=on_cpython, nvs={})

    shown = "7 3 b'xyz\\x00\\x00'" if kept == "7" else "none True"
    assert done.serial == ["7", shown]
    assert done.result.nvs == ({"a": {"count": 7, "data": [120, 121, 122]}} if kept == "7" else {})


def test_the_flash_store_is_handed_on(tmp_path: Path, on_cpython: bool) -> None:
    main = """
import esp32
store = esp32.NVS("a")
store.set_i32("runs", store.get_i32("runs") + 1)
store.erase_key("old")
store.commit()
"""
    nvs = {"a": {"runs": 4, "old": [1, 2]}}

    done = run(tmp_path, main, on_cpython=on_cpython, nvs=nvs)

    assert done.result.nvs == {"a": {"runs": 5}}


# a button at rest is the mode pin: pulled up, so high
COUNT = (
    f"mode = Pin({PINS['button_up']}, Pin.IN, Pin.PULL_UP); "
    "pulse = PCNT(0, pin=pin, rising=PCNT.INCREMENT, mode_pin=mode, "
)
COUNTERS = [
    # set up, then read after a second at about 20 turns a second
    ("pin.irq(lambda p: count(), Pin.IRQ_FALLING)", "calls[0]", 1),
    ("pin.irq(handler=lambda p: count(), trigger=Pin.IRQ_RISING)", "calls[0]", 1),
    ("pin.irq(lambda p: count())", "calls[0]", 2),
    ("pulse = PCNT(0, pin=pin, rising=PCNT.INCREMENT); pulse.start()", "pulse.value()", 1),
    (
        "pulse = PCNT(0, pin=pin, rising=PCNT.INCREMENT, falling=PCNT.INCREMENT); pulse.start()",
        "pulse.value()",
        2,
    ),
    ("pulse = PCNT(0, pin=pin, rising=PCNT.DECREMENT); pulse.start()", "-pulse.value()", 1),
    ("pulse = PCNT(0, pin=pin, rising=PCNT.INCREMENT)", "pulse.value()", 0),
    (COUNT + "mode_high=PCNT.HOLD); pulse.start()", "pulse.value()", 0),
    (COUNT + "mode_high=PCNT.REVERSE); pulse.start()", "-pulse.value()", 1),
    (COUNT + "mode_low=PCNT.HOLD); pulse.start()", "pulse.value()", 1),
]


@pytest.mark.parametrize(("setup", "read", "edges_a_turn"), COUNTERS)
def test_edges_of_the_tach(
    tmp_path: Path, setup: str, read: str, edges_a_turn: int, on_cpython: bool
) -> None:
    main = f"""
import time
from machine import PWM, Pin
from esp32 import PCNT
calls = [0]
def count():
    calls[0] += 1
PWM({PINS["motor"]}, freq=20_000, duty_u16=32_768)
time.sleep(3)
pin = Pin({TACH}, Pin.IN, Pin.PULL_UP)
{setup}
time.sleep(1)
print({read})
"""

    done = run(tmp_path, main, on_cpython=on_cpython)

    turns = done.rows[-1]["motor_rpm"] / 60
    assert turns > 10
    assert int(done.serial[0]) == pytest.approx(turns * edges_a_turn, abs=2)


def test_edges_come_with_their_own_time(tmp_path: Path, on_cpython: bool) -> None:
    main = f"""
import time
from machine import PWM, Pin
PWM({PINS["motor"]}, freq=20_000, duty_u16=32_768)
time.sleep(3)
stamps = []
Pin({TACH}, Pin.IN).irq(lambda p: stamps.append(time.ticks_us()), Pin.IRQ_RISING)
time.sleep(2)
periods = [b - a for a, b in zip(stamps, stamps[1:])]
print(60_000_000 * len(periods) // sum(periods), max(periods) - min(periods))
"""

    done = run(tmp_path, main, on_cpython=on_cpython)

    rpm, spread_us = map(int, done.serial[0].split())
    assert rpm == pytest.approx(done.rows[-1]["motor_rpm"], rel=0.03)
    assert spread_us < 4_000  # far finer than the model's step of 10 ms


def test_a_button_calls_back(tmp_path: Path, on_cpython: bool) -> None:
    main = f"""
import time
from machine import Pin
pin = Pin({PINS["button_up"]}, Pin.IN, Pin.PULL_UP)
pin.irq(lambda p: print(p.value(), time.ticks_ms() // 100), Pin.IRQ_FALLING | Pin.IRQ_RISING)
for _ in range(200):
    time.sleep_ms(10)
"""
    events = [{"at_ms": 1_000, "do": "press", "button": "up", "for_ms": 500}]

    done = run(tmp_path, main, on_cpython=on_cpython, events=events)

    assert done.serial[0] == "0 10"
    assert done.serial[-1] == "1 15"
