"""Outputs are leases: what the loop does not renew goes safe by itself, level by level."""

from pathlib import Path

import pytest

from host_tests.sim.flashed import at, run
from host_tests.support.interpreter import FIRMWARE
from massager_tools.boards import load_board
from massager_tools.sim.host import Row

MAIN = """
import sys, time
sys.path.insert(0, {firmware!r})
from massager.core.signals import Outputs
from massager.hal.esp32 import Hal
while time.ticks_ms() % 10 != 5:  # when the timer of the leases looks
    time.sleep_ms(1)
hal = Hal({board!r})
hal.arm_watchdog()
outputs = Outputs()
outputs.heater_enable = outputs.exhaust = True
outputs.heater_permille = outputs.pump_permille = outputs.motor_permille = 400
outputs.chambers = 0b101
def until(ms):
    while time.ticks_ms() < ms:
        hal.feed()
        time.sleep_ms(1)
until(600)
while time.ticks_ms() < {last_ms} - 10:
    hal.apply(outputs, 0)
    until(time.ticks_ms() + 10)
until({last_ms})
hal.apply(outputs, 0)
{then}
until(4_800)
"""
ON = {"valves": 0b101, "exhaust": 1, "heater_enable": 1}
ON |= {f"{part}_duty_permille": 400 for part in ("heater", "pump", "motor")}
OFF = dict.fromkeys(ON, 0)


def driven(tmp_path: Path, last_ms: int, safe: int, then: str = "") -> list[Row]:
    """What happens while every output is on until `last_ms`, and after `then`.

    `safe` is the level at which nothing is driven.
    """
    board = load_board("esp32s3_devkitc1")
    for role in board["roles"].values():
        if "safe" in role:
            role["safe"] = safe
    main = MAIN.format(firmware=str(FIRMWARE), board=board, last_ms=last_ms, then=then)
    done = run(tmp_path, main, board=board, on_cpython=True, until_ms=5_000)
    assert done.result.boots == 1, done.result
    return done.rows


def shown(row: Row) -> dict[str, int]:
    """The outputs of `row`; duties as near as 16 bits come."""
    return {name: round(row[name] / 10) * 10 if row[name] > 10 else row[name] for name in ON}


@pytest.mark.parametrize("safe", [0, 1])
def test_nothing_is_driven_before_the_first_word(tmp_path: Path, safe: int) -> None:
    rows = driven(tmp_path, 957, safe)
    assert shown(at(rows, 500)) == OFF


@pytest.mark.parametrize("safe", [0, 1])
def test_outputs_stay_as_they_are_for_the_lease(tmp_path: Path, safe: int) -> None:
    assert shown(at(driven(tmp_path, 972, safe), 1_000)) == ON


@pytest.mark.parametrize("safe", [0, 1])
def test_outputs_go_safe_when_the_lease_is_over(tmp_path: Path, safe: int) -> None:
    rows = driven(tmp_path, 957, safe)
    assert shown(at(rows, 900)) == ON
    assert shown(at(rows, 1_000)) == OFF


@pytest.mark.parametrize("safe", [0, 1])
def test_outputs_go_safe_at_once_when_told_to(tmp_path: Path, safe: int) -> None:
    assert shown(at(driven(tmp_path, 972, safe, "hal.safe()"), 1_000)) == OFF


def test_a_person_at_the_prompt_is_given_time(tmp_path: Path) -> None:
    rows = driven(tmp_path, 957, 0, "hal.relax_watchdog()\ntime.sleep_ms(3_900)")
    assert rows[-1]["t_ms"] >= 4_800
