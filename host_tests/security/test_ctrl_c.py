"""Ctrl-C is the one byte of the serial line that reaches a running program: it only stops it.

A flood of it meets a session at random moments, on both interpreters: there it comes as the
program calls the chip. A single one comes between any two byte codes, on CPython.
"""

import random
from pathlib import Path
from typing import Any

import pytest

from massager_tools.boards import load_board
from massager_tools.build import deploy
from massager_tools.sim.host import Result, Row, VirtualMassager

BOARD = "esp32_devkitc"
START = (
    {"at_ms": 1_000, "do": "press", "button": "power", "for_ms": 600},
    {"at_ms": 9_000, "do": "press", "button": "heat", "for_ms": 300},
)
VENTED_PA = 1_067  # 8 mmHg, which the manual promises …
VENTED_MS = 10_000  # … within this
WATCH_MS = 11_000
OFF_MS = 200
HITS = 20

BETWEEN_BYTE_CODES = """
import random, sys
from massager.core.controller import Controller

FLASH, SEED, FROM_MS = {config}
left = random.Random(SEED).randrange(20_000)  # byte codes, some ten ticks

def watch(frame, event, argument):
    global left
    frame.f_trace_opcodes = True
    if event == "opcode":
        left -= 1
        if left < 0:
            print("\\ninterrupted in", frame.f_code.co_name)
            raise KeyboardInterrupt  # which also ends the tracing
    return watch

def enter(frame, event, argument):
    return watch if FLASH in frame.f_code.co_filename else None

step = Controller.step

def step_until_then(controller, now_ms, *others):
    if now_ms >= FROM_MS:
        Controller.step = step
        frame = sys._getframe(1)
        while frame:
            if FLASH in frame.f_code.co_filename:
                frame.f_trace = watch
            frame = frame.f_back
        sys.settrace(enter)
    return step(controller, now_ms, *others)

Controller.step = step_until_then

"""
"""Goes before main.py: one Ctrl-C, between two byte codes of the firmware."""


def moment(seed: int) -> int:
    """Milliseconds from power-on: filling, squeezed, venting, warm."""
    return random.Random(seed).randrange(3_000, 45_000)


def watched(events: list[dict[str, Any]], until_ms: int, **how: Any) -> tuple[list[Row], Result]:
    """What the massager did until then; its prompt waits where the program has ended."""
    with VirtualMassager(
        load_board(BOARD), events=[*START, *events], until_ms=until_ms, repl=True, **how
    ) as massager:
        rows = list(massager.rows())
    assert massager.result is not None
    return rows, massager.result


def assert_stopped(rows: list[Row], interrupted_ms: int) -> None:
    """Every output off at once, and what was full is empty in time."""
    after = [row for row in rows if row["t_ms"] > interrupted_ms + OFF_MS]
    assert after and not any(row["energised"] for row in after)
    late = [row for row in after if row["t_ms"] > interrupted_ms + VENTED_MS]
    assert late and all(row["chamber_max_pa"] < VENTED_PA for row in late)
    assert rows[-1]["motor_rpm"] == 0 and rows[-1]["boots"] == 1


@pytest.mark.micropython
@pytest.mark.parametrize("on_cpython", [False, True], ids=["micropython", "cpython"])
@pytest.mark.parametrize("seed", range(8))
def test_a_flood_leaves_everything_off_and_vented(seed: int, on_cpython: bool) -> None:
    dice = random.Random(seed)
    first_ms = moment(seed)
    flood = [{"at_ms": first_ms + n * dice.randrange(1, 7), "do": "ctrl_c"} for n in range(HITS)]
    rows, result = watched(flood, first_ms + WATCH_MS, on_cpython=on_cpython)
    assert result.reason == "until" and result.outputs_safe
    assert_stopped(rows, first_ms)


def test_the_floods_meet_a_device_at_work() -> None:
    """Without Ctrl-C the same sessions fill chambers, turn the motor and heat."""
    rows, _ = watched([], 46_000, on_cpython=True)
    interrupted = [rows[moment(seed) // 100] for seed in range(8)]
    assert sum(bool(row["energised"]) for row in interrupted) >= 4
    assert any(row["chamber_max_pa"] > VENTED_PA for row in interrupted)
    assert any(row["motor_rpm"] for row in interrupted)


@pytest.mark.parametrize("seed", range(8))
def test_between_any_two_byte_codes(seed: int, tmp_path: Path) -> None:
    """In a callback the chip's scheduler prints the first one and drops it: a second is sent."""
    again_ms = moment(seed) + 500
    flash = tmp_path / "flash"
    deploy.build(load_board(BOARD), flash, python=True)
    config = (str(flash), seed, moment(seed))
    main = flash / "main.py"
    source = BETWEEN_BYTE_CODES.format(config=config) + main.read_text(encoding="utf-8")
    main.write_text(source, encoding="utf-8")
    deploy.seal(load_board(BOARD), flash)
    with VirtualMassager(
        load_board(BOARD),
        flash_dir=flash,
        events=[*START, {"at_ms": again_ms, "do": "ctrl_c"}],
        until_ms=again_ms + WATCH_MS,
        repl=True,
        on_cpython=True,
    ) as massager:
        rows = list(massager.rows())
    assert any(line.startswith("interrupted in") for line in massager.serial)
    lost = "KeyboardInterrupt: " in massager.serial  # as the scheduler prints it
    assert "stopped by Ctrl-C: every output is off" in massager.serial
    assert massager.result is not None and massager.result.outputs_safe
    assert_stopped(rows, again_ms if lost else moment(seed))
