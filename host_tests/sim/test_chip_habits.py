"""The chip's bad habits, each as a program that would be caught out by it."""

from pathlib import Path
from typing import Any

import pytest

from host_tests.sim.flashed import BOARD, PINS, at, run

MOTOR = PINS["motor"]
VALVE = PINS["chamber_1"]
DRIVE = f"from machine import PWM, Pin\npwm = PWM({MOTOR}, freq=20_000, duty_u16=32_768)\n"
ONCE = """
import machine, time
if machine.reset_cause() == machine.PWRON_RESET:
"""


def indented(source: str) -> str:
    return "".join(f"    {line}\n" for line in source.splitlines())


def duty_at_end(tmp_path: Path, main: str, on_cpython: bool, **options: Any) -> int:
    done = run(tmp_path, main, on_cpython=on_cpython, until_ms=9_000, repl=True, **options)
    return int(done.rows[-1]["motor_duty_permille"])


WHAT_STOPS_PWM = [
    # what happens after PWM drives the motor at 50 %, and the duty seconds later
    ("raise ValueError('x')", 500),
    ("machine.reset()", 500),
    ("machine.WDT(timeout=1000); time.sleep(2)", 500),
    (f"Pin({MOTOR}, value=0)", 500),
    (f"Pin({MOTOR}).value(0)", 500),
    (f"Pin({MOTOR}).off()", 500),
    (f"Pin({MOTOR}).on()", 500),
    ("del pwm", 500),
    ("machine.soft_reset()", 0),
    ("raise SystemExit", 0),
    (f"Pin({MOTOR}, Pin.OUT, value=0)", 0),
    (f"Pin({MOTOR}, Pin.OUT)", 0),
    (f"Pin({MOTOR}, Pin.IN)", 0),
    ("pwm.deinit()", 0),
    ("pwm.duty_u16(0)", 0),
    # a pad taken away from PWM does not come back with a new duty, only with a new PWM
    (f"Pin({MOTOR}, Pin.OUT, value=0); pwm.duty_u16(60_000)", 0),
    (f"Pin({MOTOR}, Pin.OUT, value=0); pwm.init(freq=20_000, duty_u16=60_000)", 0),
    (f"Pin({MOTOR}, Pin.OUT, value=0); PWM({MOTOR}, duty_u16=49_152)", 750),
]


@pytest.mark.parametrize(("action", "permille"), WHAT_STOPS_PWM)
def test_pwm_keeps_driving_until_the_pad_is_rerouted(
    tmp_path: Path, action: str, permille: int, on_cpython: bool
) -> None:
    main = ONCE + indented(DRIVE + action)

    assert duty_at_end(tmp_path, main, on_cpython) == permille


def test_pwm_left_alone_starts_at_half_and_5_khz(tmp_path: Path, on_cpython: bool) -> None:
    main = f"from machine import PWM\npwm = PWM({MOTOR})\nprint(pwm.freq(), pwm.duty_u16())"

    done = run(tmp_path, main, on_cpython=on_cpython, until_ms=2_000, repl=True)

    assert done.serial == ["5000 32768"]
    assert done.rows[-1]["motor_duty_permille"] == 500


def test_inverted_pwm_idles_high_after_a_soft_reset(tmp_path: Path, on_cpython: bool) -> None:
    drive = f"from machine import PWM\nPWM({MOTOR}, freq=1000, duty_u16=0, invert=True)\n"
    main = ONCE + indented(drive + "machine.soft_reset()")

    assert duty_at_end(tmp_path, main, on_cpython) == 1000


def test_losing_power_floats_every_pad(tmp_path: Path, on_cpython: bool) -> None:
    cut = {"at_ms": 2_000, "do": "power_cut", "for_ms": 1_000}

    assert duty_at_end(tmp_path, ONCE + indented(DRIVE), on_cpython, events=[cut]) == 500
    main = f"import machine\nprint(machine.reset_cause())\n{DRIVE}import time\ntime.sleep(9)"
    done = run(tmp_path, main, on_cpython=on_cpython, until_ms=6_000, events=[cut])
    assert at(done.rows, 1_900)["energised"] == 8
    assert at(done.rows, 2_200)["energised"] == 0
    assert done.serial == ["1", "1"]


def test_levels_and_nvs_outlive_a_hard_reset(tmp_path: Path, on_cpython: bool) -> None:
    main = ONCE + indented(
        f"""from machine import Pin
Pin({VALVE}, Pin.OUT, value=1)
machine.reset()"""
    )

    done = run(tmp_path, main, on_cpython=on_cpython, until_ms=3_000, repl=True)

    assert done.rows[-1]["valves"] == 1
    assert done.result.boots == 2


RESET_CAUSES = [
    ("machine.reset()", 2),
    ("machine.WDT(timeout=500); time.sleep(9)", 3),
    ("machine.soft_reset()", 5),
]


@pytest.mark.parametrize(("action", "cause"), RESET_CAUSES)
def test_reset_cause(tmp_path: Path, action: str, cause: int, on_cpython: bool) -> None:
    main = "import machine\nprint(machine.reset_cause())\n" + ONCE + indented(action)

    done = run(tmp_path, main, on_cpython=on_cpython)

    assert done.serial == ["1", str(cause)]


def test_nothing_of_the_program_runs_after_a_reset(tmp_path: Path, on_cpython: bool) -> None:
    main = ONCE + indented(
        DRIVE
        + f"""try:
    machine.reset()
finally:
    Pin({MOTOR}, Pin.OUT, value=0)"""
    )

    assert duty_at_end(tmp_path, main, on_cpython) == 500


def test_a_reset_runs_fresh_modules(tmp_path: Path, on_cpython: bool) -> None:
    files = {"counting.py": "value = 0\n"}
    main = (
        "import counting\ncounting.value += 1\nprint(counting.value)\n"
        + ONCE
        + indented("machine.reset()")
    )

    done = run(tmp_path, main, files=files, on_cpython=on_cpython)

    assert done.serial == ["1", "1"]


def test_main_runs_even_when_boot_fails(tmp_path: Path, on_cpython: bool) -> None:
    done = run(tmp_path, "print('main')", boot="raise ValueError('no')", on_cpython=on_cpython)

    assert done.serial[-2:] == ["ValueError: no", "main"]
    assert done.result.reason == "returned"


def test_an_exception_shows_its_traceback_and_leaves_the_pads(
    tmp_path: Path, on_cpython: bool
) -> None:
    main = DRIVE + "def fail():\n    raise ValueError('stop')\nfail()"

    done = run(tmp_path, main, on_cpython=on_cpython)

    assert done.result.reason == "exception"
    assert done.result.traceback.splitlines() == [
        "Traceback (most recent call last):",
        '  File "main.py", line 5, in <module>',
        '  File "main.py", line 4, in fail',
        "ValueError: stop",
    ]
    assert done.serial == done.result.traceback.splitlines()
    assert not done.result.outputs_safe


def test_outputs_at_their_safe_level_are_safe(tmp_path: Path, on_cpython: bool) -> None:
    main = DRIVE + f"Pin({MOTOR}, Pin.OUT, value=0)\n1 / 0"

    assert run(tmp_path, main, on_cpython=on_cpython).result.outputs_safe


def test_the_watchdog_bites_at_the_prompt(tmp_path: Path, on_cpython: bool) -> None:
    main = "import machine\nmachine.WDT(timeout=2000)\nprint(machine.reset_cause())"

    done = run(tmp_path, main, on_cpython=on_cpython, until_ms=8_000, repl=True)

    # every 2 s and the time to boot: nothing at the prompt feeds it
    assert done.serial == ["1", "3", "3", "3"]


WATCHDOG = [
    # program after arming at 1 s; survives 4 s?
    ("time.sleep_ms(900); dog.feed(); time.sleep_ms(900)", True),
    ("time.sleep_ms(1100)", False),
    ("machine.WDT(timeout=3000); time.sleep_ms(2500)", True),
    ("machine.WDT(timeout=100); time.sleep_ms(500)", False),
    ("del dog; time.sleep_ms(1100)", False),
]


@pytest.mark.parametrize(("action", "survives"), WATCHDOG)
def test_watchdog_cannot_be_stopped(
    tmp_path: Path, action: str, survives: bool, on_cpython: bool
) -> None:
    main = ONCE + indented(f"dog = machine.WDT(timeout=1000)\n{action}\nprint('alive')")

    done = run(tmp_path, main, on_cpython=on_cpython)

    assert ("alive" in done.serial) is survives
    assert done.result.boots == (1 if survives else 2)


def test_a_pin_that_glitches_at_reset_energises_what_hangs_on_it(tmp_path: Path) -> None:
    roles = {**BOARD["roles"], "chamber_1": {"pin": 15, "safe": 0}}
    board = {**BOARD, "roles": roles}

    done = run(tmp_path, "", board=board, on_cpython=True, until_ms=1_000, repl=True)

    assert at(done.rows, 200)["valves"] == 1
    assert at(done.rows, 500)["valves"] == 0


def test_ctrl_c_interrupts_the_program_and_not_pwm(tmp_path: Path, on_cpython: bool) -> None:
    main = DRIVE + "import time\nwhile True:\n    time.sleep_ms(10)"
    events = [{"at_ms": 1_000, "do": "ctrl_c"}]

    done = run(tmp_path, main, on_cpython=on_cpython, events=events, until_ms=2_000, repl=True)

    assert done.serial[-1].startswith("KeyboardInterrupt")
    assert done.rows[-1]["motor_duty_permille"] == 500
