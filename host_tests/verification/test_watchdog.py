"""The watchdog on the virtual chip: armed before energy, fed last, bites in every state."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from massager_tools.boards import load_board
from massager_tools.build import deploy
from massager_tools.firmware_tables import core
from massager_tools.sim.host import VirtualMassager
from massager_tools.verification.fault_cases import REFERENCE, flash_of

pytestmark = pytest.mark.micropython

limits = core("limits")
_START_MS = 2_000
_RUNS_MS = 9_000  # past the self-test
_BITES_MS = limits.WATCHDOG_MS + 1_000  # the chip starts again, too
_SAFE_MS = limits.LEASE_TICKS * limits.TICK_MS + 200  # rows come every 100 ms

PARTS = {
    "read": "massager.hal.esp32:Hal.read",
    "step": "massager.core.controller:Controller.step",
    "apply": "massager.hal.esp32:Hal.apply",
    "telemetry": "massager.telemetry:Telemetry.step",
    "storage": "massager.storage.settings_store:SettingsStore.step",
    "blackbox": "massager.storage.blackbox:BlackBox.step",
    "feed": "massager.hal.esp32:Hal.feed",
}
"""Step of the loop → what it calls, in the loop's order."""

RECORD = """
import machine
_calls = []
def _wrap(module, owner, name, label):
    __import__(module)
    place = getattr(__import__("sys").modules[module], owner)
    plain = getattr(place, name)
    def call(self, *arguments):
        if len(_calls) < 400:
            _calls.append(label)
            if len(_calls) == 400:
                print("calls:", " ".join(_calls))
        if label == "apply" and arguments[0].driven():
            _calls.append("driven") if "driven" not in _calls else None
            if "armed" not in _dog:
                print("energised without a watchdog")
        return plain(self, *arguments)
    setattr(place, name, call)
_dog = []
_wdt = machine.WDT
def _armed(*arguments, **named):
    _dog.append("armed")
    print("armed", named)
    return _wdt(*arguments, **named)
machine.WDT = _armed
"""

HANG = """
import time
import {module}
_place = __import__("sys").modules["{module}"].{owner}
_plain = _place.{name}
_at = [0]
def _hangs(self, *arguments):
    if time.ticks_ms() >= {at_ms} and __import__("machine").reset_cause() != 3:
        print("hangs now")
        while True:
            time.sleep_ms(1)
    return _plain(self, *arguments)
_place.{name} = _hangs
"""


def run(
    tmp_path: Path, prelude: str, events: Sequence[Mapping[str, Any]], until_ms: int
) -> tuple[list[dict[str, Any]], VirtualMassager]:
    """Run the shipped firmware with `prelude` before its main.py."""
    board = load_board(REFERENCE)
    flash = tmp_path / "flash"
    shutil.copytree(flash_of(REFERENCE), flash)
    main = flash / "main.py"
    main.write_text(prelude + main.read_text(encoding="utf-8"), encoding="utf-8")
    deploy.seal(board, flash)
    with VirtualMassager(board, events=events, until_ms=until_ms, flash_dir=flash) as massager:
        rows = list(massager.rows())
    return rows, massager


def press(button: str, at_ms: int, for_ms: int = 500) -> dict[str, Any]:
    return {"at_ms": at_ms, "do": "press", "button": button, "for_ms": for_ms}


def fault(name: str, at_ms: int) -> dict[str, Any]:
    return {"at_ms": at_ms, "do": "fault", "name": name, "on": True}


START = press("power", _START_MS)
HEAT = press("heat", _RUNS_MS, 300)
# the first ends the ramp to the remembered level
TO_THE_END = (press("program", 13_000, 300), press("program", 14_500, 300))
STATE_ROWS: tuple = (
    # state, what leads there, when the step hangs, ms
    ("OFF", (), 1_500),
    ("CHECK", (START,), 3_300),
    ("RUN", (START, HEAT), 14_000),
    ("PAUSE", (START, fault("brown_out", 12_000)), 14_000),
    ("ENDING", (START, *TO_THE_END), 17_000),
    ("STOPPING", (START, press("power", 13_000, 200)), 14_000),
    ("FAULT", (START, {"at_ms": 12_000, "do": "warm", "pad_mc": 50_000}), 16_000),
)
_NAMES = tuple(core("safety.supervisor").STATE_NAMES)
CASES = [
    (state, part, events, at_ms)
    for number, (state, events, at_ms) in enumerate(STATE_ROWS)
    # each step in RUN, and each in some other state as well
    for index, part in enumerate(PARTS)
    if state == "RUN" or (index + number) % 3 == 0
]


def test_every_state_and_every_step_hangs_somewhere() -> None:
    assert {case[0] for case in CASES} == set(_NAMES)
    assert {case[1] for case in CASES if case[0] != "RUN"} == set(PARTS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_step_that_hangs_is_ended_by_the_watchdog(case: tuple, tmp_path: Path) -> None:
    state, part, events, at_ms = case
    module, _, place = PARTS[part].partition(":")
    owner, _, name = place.partition(".")
    prelude = HANG.format(module=module, owner=owner, name=name, at_ms=at_ms)
    rows, massager = run(tmp_path, prelude, events, at_ms + _BITES_MS + 1_500)
    assert sum("hangs now" in line for line in massager.serial) == 1
    before = [row for row in rows if row["t_ms"] <= at_ms and "fw_state" in row]
    assert _NAMES[before[-1]["fw_state"]] == state
    resets = [event for event in massager.events if event.startswith("reset")]
    assert resets == ["reset 3"], "the watchdog has to bite, once"
    bitten = next(row["t_ms"] for row in rows if row["boots"] == 2)
    assert bitten <= at_ms + _BITES_MS
    after = [row for row in rows if at_ms + _SAFE_MS < row["t_ms"] < bitten]
    assert after and not any(row["energised"] for row in after)


def test_it_is_armed_before_anything_is_energised_and_fed_last_in_every_tick(
    tmp_path: Path,
) -> None:
    wraps = ""
    for label, place in PARTS.items():
        module, _, rest = place.partition(":")
        owner, _, name = rest.partition(".")
        wraps += f"_wrap({module!r}, {owner!r}, {name!r}, {label!r})\n"
    rows, massager = run(tmp_path, RECORD + wraps, (START, HEAT), 14_000)
    assert any(row["energised"] for row in rows)
    assert "energised without a watchdog" not in massager.serial
    armed = [line for line in massager.serial if line.startswith("armed")]
    assert armed == [f"armed {{'timeout': {limits.WATCHDOG_MS}}}"]
    calls = next(line for line in massager.serial if line.startswith("calls:")).split()[1:]
    ticks = " ".join(call for call in calls if call != "driven").split(" feed")
    whole = " ".join(part for part in PARTS if part != "feed")
    assert len(ticks) > 50 and {tick.strip() for tick in ticks[:-1]} == {whole}


SLOW_ROWS: tuple[tuple[int, list[str]], ...] = (
    # ms that each write of the store takes longer, resets
    (300, []),
    (800, []),
    (1_300, ["reset 3"]),
)


@pytest.mark.parametrize(("slow_ms", "expected"), SLOW_ROWS)
def test_flash_is_written_one_piece_a_tick(
    slow_ms: int, expected: list[str], tmp_path: Path
) -> None:
    """Two slow writes of the end of a session in one tick would outlast the watchdog."""
    slow = fault("nvs_slow", 100) | {"value": slow_ms}
    stop = press("power", 16_000, 200)
    rows, massager = run(tmp_path, "", (slow, START, HEAT, stop), 24_000)
    assert any(row["energised"] for row in rows) == (not expected)
    resets = [event for event in massager.events if event.startswith("reset")]
    assert resets[:1] == expected
