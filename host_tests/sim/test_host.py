"""The host's end of the virtual massager: what it takes, gives back, and how things end."""

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from host_tests.sim.flashed import BOARD, PINS, run
from massager_tools.errors import Failure, UsageError
from massager_tools.sim import host, record
from massager_tools.sim.host import VirtualMassager

SLEEP = "import time\nwhile True:\n    time.sleep_ms(10)\n"

BAD_EVENTS = [
    ({"do": "explode"}, "event 'explode' is not one of press, release"),
    ({}, "event 'None' is not one of"),
    ({"do": "press"}, "event 'press' needs 'button'"),
    ({"do": "press", "button": "start"}, "no button 'start'; there are power, up"),
    ({"do": "fault", "name": "ntc_c_open", "on": True}, "no fault 'ntc_c_open'; there are"),
    ({"do": "fault", "name": "pump_dead"}, "event 'fault' needs 'on'"),
    ({"do": "fault", "name": "hose_kinked_4", "on": True}, "this board has 3 chambers"),
]


@pytest.mark.parametrize(("event", "message"), BAD_EVENTS)
def test_an_event_that_makes_no_sense(event: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        VirtualMassager(BOARD, events=[event])


def test_rows_come_every_100_ms_with_all_columns(tmp_path: Path, on_cpython: bool) -> None:
    done = run(tmp_path, SLEEP, on_cpython=on_cpython, until_ms=1_000)

    assert [row["t_ms"] for row in done.rows] == list(range(0, 1_001, 100))
    assert tuple(done.rows[0]) == record.columns(3)
    assert done.result.reason == "until" and done.result.virtual_ms == 1_000


@pytest.mark.micropython
def test_both_interpreters_give_the_same_rows(tmp_path: Path) -> None:
    main = f"""
import time
from machine import ADC, PWM, Pin
PWM({PINS["motor"]}, freq=20_000, duty_u16=30_000)
PWM({PINS["pump"]}, freq=20_000, duty_u16=60_000)
Pin({PINS["chamber_1"]}, Pin.OUT, value=1)
Pin({PINS["heater_enable"]}, Pin.OUT, value=1)
heat = PWM({PINS["heater_pwm"]}, freq=100, duty_u16=0)
ntc = ADC({PINS["pad_temp_a"]}, atten=ADC.ATTN_6DB)
for step in range(3_000):
    time.sleep_ms(10)
    heat.duty_u16(step * 20 + ntc.read_uv() // 100_000)
"""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    one = run(tmp_path / "a", main, on_cpython=False)
    other = run(tmp_path / "b", main, on_cpython=True)

    assert len(one.rows) > 300
    assert one.rows == other.rows


def test_telemetry_joins_the_rows_and_other_lines_are_serial(
    tmp_path: Path, on_cpython: bool
) -> None:
    main = """
import sys, time
print("ready massager")
for state in range(3):
    for piece in (b"t_ms:1,", b"state:%d," % state, b"rpm:-5\\n"):
        sys.stdout.buffer.write(piece, len(piece))
        time.sleep_ms(60)
print("note: 5")
sys.stdout.write("t_ms:9,state:")
"""

    done = run(tmp_path, main, on_cpython=on_cpython)

    assert done.serial == ["ready massager", "note: 5"]
    assert "fw_state" not in done.rows[0]
    assert done.rows[-1]["fw_state"] == 1 and done.rows[-1]["fw_rpm"] == -5


def test_telemetry_of_the_last_boot_is_forgotten(tmp_path: Path, on_cpython: bool) -> None:
    main = """
import machine, time
time.sleep_ms(200)
if machine.reset_cause() == machine.PWRON_RESET:
    print("t_ms:1,state:2")
    time.sleep_ms(200)
    machine.reset()
"""

    done = run(tmp_path, main, on_cpython=on_cpython)

    states = [row.get("fw_state") for row in done.rows]
    assert states[0] is None and 2 in states and states[-1] is None


def test_send_and_stop(tmp_path: Path, on_cpython: bool) -> None:
    (tmp_path / "main.py").write_text(SLEEP, encoding="utf-8")
    pressed = None
    with VirtualMassager(BOARD, flash_dir=tmp_path, on_cpython=on_cpython) as massager:
        massager.send({"do": "press", "button": "up"})
        for row in massager.rows():
            if row["buttons"]:
                pressed = row["buttons"]
                break

    assert pressed == 2
    assert massager.result is not None and massager.result.reason == "stop"
    assert any('"press"' in event for event in massager.events)


def test_speed_holds_virtual_time_back(tmp_path: Path, on_cpython: bool) -> None:
    start_s = time.monotonic()
    run(tmp_path, SLEEP, on_cpython=on_cpython, until_ms=1_500, speed=5.0)

    assert 0.28 < time.monotonic() - start_s < 3.0


def test_speed_changes_on_the_way(tmp_path: Path, on_cpython: bool) -> None:
    """At the speed of its start this would take a quarter of an hour."""
    (tmp_path / "main.py").write_text(SLEEP, encoding="utf-8")
    options: dict[str, Any] = {"speed": 0.1, "until_ms": 90_000, "on_cpython": on_cpython}
    with VirtualMassager(BOARD, flash_dir=tmp_path, **options) as massager:
        massager.send({"do": "speed", "times": 1_000.0})
        for _ in massager.rows():
            pass
    assert massager.result is not None and massager.result.reason == "until"


ENDS = [
    # program, how it ends
    ("pass", "returned"),
    ("1 / 0", "exception"),
]


@pytest.mark.parametrize(("main", "reason"), ENDS)
def test_how_a_program_ends(tmp_path: Path, main: str, reason: str, on_cpython: bool) -> None:
    assert run(tmp_path, main, on_cpython=on_cpython).result.reason == reason


def test_a_program_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_cpython: bool
) -> None:
    monkeypatch.setattr(host, "_SILENT_S", 0.5)

    done = run(tmp_path, "while True:\n    pass", on_cpython=on_cpython)

    assert done.result.reason == "hung"
    assert not done.result.outputs_safe


def test_chip_hangs_until_the_watchdog_bites(tmp_path: Path, on_cpython: bool) -> None:
    main = """
import machine, time
print(machine.reset_cause())
dog = machine.WDT(timeout=3_000)
machine.Timer(0).init(period=10, callback=lambda t: print("timer") if late() else None)
last = time.ticks_ms()
def late():
    return time.ticks_diff(time.ticks_ms(), last) > 100
while True:
    last = time.ticks_ms()
    dog.feed()
    time.sleep_ms(10)
"""
    events = [
        {"at_ms": 1_000, "do": "fault", "name": "chip_hangs", "on": True},
        {"at_ms": 3_500, "do": "fault", "name": "chip_hangs", "on": False},
    ]

    done = run(tmp_path, main, on_cpython=on_cpython, events=events, until_ms=6_000)

    assert done.serial == ["1", "3"]
    assert done.result.boots == 2


def test_no_micropython_is_said_plainly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Failure, match="--python"):
        VirtualMassager(BOARD, flash_dir=tmp_path).__enter__()


def test_a_broken_tool_is_a_failure(tmp_path: Path) -> None:
    board = {**BOARD, "ntc": {**BOARD["ntc"], "pull_up_ohm": "many"}}
    main = f"from machine import ADC\nADC({PINS['pad_temp_a']}).read_uv()"

    # an error of the model, not of the program: it shows as the program's, but never silently
    done = run(tmp_path, main, board=board, on_cpython=True)
    assert "TypeError" in done.result.traceback

    with pytest.raises(Failure, match="the virtual board broke"):
        run(tmp_path, main, board={**BOARD, "ntc": {**BOARD["ntc"]}}, plant={}, on_cpython=True)


@pytest.mark.micropython
def test_heap_counts_what_the_firmware_holds(tmp_path: Path) -> None:
    main = "data = bytearray({size})\n" + SLEEP
    small, large = (
        run(tmp_path, main.format(size=size), until_ms=2_000).result.heap_bytes
        for size in (1_000, 41_000)
    )

    assert small is not None and large is not None
    assert large - small == pytest.approx(40_000, abs=500)
    assert small < 6_000
