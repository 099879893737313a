"""The usual way does what it is compared for: it heats, squeezes, turns, and guards."""

import json
import os
import statistics
import subprocess
from pathlib import Path

import pytest

from host_tests.support.interpreter import ROOT
from massager_tools.sim import host
from massager_tools.sim.host import VirtualMassager
from massager_tools.verification import tick, tick_runs

pytestmark = pytest.mark.micropython

BENCH = ROOT / "host_tests/micropython/usual_bench.py"
PRESS = {"do": "press", "button": "power"}
START = {**PRESS, "at_ms": 1_000, "for_ms": 600}
HEAT = {"at_ms": 15_000, "do": "press", "button": "heat", "for_ms": 300}


def live(tmp_path: Path, until_ms: int, *events: dict) -> tuple[list[dict], list[list[str]]]:
    """On the virtual board: its rows, and what the usual way told: ms, state, cycles, faults."""
    board = tick.board_of(tick.BASE)
    flash = tmp_path / "flash"
    tick_runs.flash_usual(board, flash, None)
    with VirtualMassager(
        board, events=(START, HEAT, *events), until_ms=until_ms, flash_dir=flash
    ) as massager:
        rows = list(massager.rows())
    assert massager.result is not None and massager.result.reason == "until"
    return rows, [line.split()[1:] for line in massager.serial if line.startswith("usual ")]


def test_pad_is_held_chambers_fill_and_vent_and_the_motor_turns(tmp_path: Path) -> None:
    rows, told = live(tmp_path, 600_000)
    assert not any(words[3:] for words in told), "a fault without cause"
    assert int(told[-1][2]) >= 12
    steady = [row for row in rows if row["t_ms"] >= 480_000]
    assert all(40_500 <= row["ntc_a_mc"] <= 41_500 for row in steady)
    for chamber in (1, 2, 3):
        pressures_mmhg = [row[f"chamber_{chamber}_pa"] / 133.322 for row in steady]
        assert 23.5 <= max(pressures_mmhg) <= 27.5  # 25 are wished
        assert min(pressures_mmhg) < 8
    assert statistics.fmean(row["motor_rpm"] for row in steady) == pytest.approx(1_400, abs=20)


def test_power_stops_at_its_first_edge_and_that_press_starts_nothing(tmp_path: Path) -> None:
    rows, told = live(tmp_path, 30_000, {**PRESS, "at_ms": 20_000, "for_ms": 800})
    assert [words[1] for words in told] == ["off", "check", "run", "off"]
    last_ms = int(told[-1][0])
    boot_ms = int(told[1][0]) - 1_610  # it starts when power is let go, at 1,600 ms
    assert 19_980 <= last_ms - boot_ms <= 20_030
    assert all(row["energised"] == 0 for row in rows if row["t_ms"] >= 24_000)


def test_a_fault_that_stays_is_cleared_by_holding_power(tmp_path: Path) -> None:
    _, told = live(
        tmp_path,
        40_000,
        {"at_ms": 20_000, "do": "fault", "name": "pressure_short", "on": True},
        {"at_ms": 22_000, "do": "fault", "name": "pressure_short", "on": False},
        {**PRESS, "at_ms": 25_000, "for_ms": 4_000},
    )
    assert [words[1] for words in told][-1] == "off" and not told[-1][3:]
    assert any(words[1] == "fault" and "pressure_invalid" in words for words in told)


INJECTED = (
    # fault of the model, at, its value, what is found, before
    ("ntc_a_open", 40_000, None, "ntc_a_invalid", 41_000),
    ("ntc_b_short", 40_000, None, "ntc_b_invalid", 41_000),
    ("ntc_a_detached", 60_000, None, "ntc_disagree_trip", 120_000),
    ("ntc_b_drifting", 40_000, None, "ntc_disagree_warning", 140_000),
    ("ntc_a_frozen", 60_000, None, "ntc_stuck", 120_000),
    ("pad_open", 40_000, None, "no_heat", 150_000),
    ("high_side_welded", 5_000, None, "high_side_welded", 5_200),
    ("low_side_welded", 5_000, None, "low_side_welded", 15_500),
    ("pressure_open", 40_000, None, "pressure_invalid", 41_000),
    ("pressure_short", 40_000, None, "pressure_trip", 60_000),
    ("pressure_frozen", 26_000, None, "pressure_frozen", 60_000),
    ("hose_loose_1", 20_000, None, "pressure_frozen", 70_000),
    ("pump_stuck_on", 40_000, None, "pressure_rising", 60_000),
    ("valve_stuck_open_2", 40_000, None, "vent_failed", 70_000),
    ("chamber_leak_1", 40_000, None, "leak", 70_000),
    ("motor_stalled", 40_000, None, "motor_stalled", 50_000),
    ("tach_lost", 40_000, None, "tach_lost", 50_000),
    ("motor_switch_shorted", 40_000, None, "motor_overspeed", 42_000),
    ("motor_switch_shorted", 40_000, None, "motor_runaway", 50_000),
    ("brown_out", 40_000, None, "supply_low", 41_000),
    ("button_up_stuck", 40_000, None, "button_stuck", 56_000),
    ("tick_overrun", 40_000, 700, "loop_late", 42_500),
)


@pytest.mark.parametrize("case", INJECTED, ids=lambda case: f"{case[0]}-{case[3]}")
def test_an_injected_fault_is_found_and_not_before(tmp_path: Path, case: tuple) -> None:
    name, at_ms, value, wanted, before_ms = case
    event = {"at_ms": at_ms, "do": "fault", "name": name, "on": True}
    _, told = live(tmp_path, before_ms, event if value is None else {**event, "value": value})
    seen_ms = [int(words[0]) for words in told if wanted in words[3:]]
    # the usual way counts from its own start, which is less than a second after power-on
    assert seen_ms and at_ms - 1_000 < seen_ms[0]
    assert not any(words[3:] for words in told if int(words[0]) < at_ms - 1_000)


def pads(at_ms: int, microvolts: int) -> list:
    return [[at_ms, "row", name, microvolts] for name in ("pad_a_uv", "pad_b_uv")]


def mmhg(at_ms: int, pressure: float) -> list:
    return [[at_ms, "row", "pressure_uv", round(250_000 + pressure / 7.50062e-5)]]


def air(at_ms: int, pump: float, count: int) -> list:
    valves = [index < count for index in range(3)]
    return [
        [at_ms, "massager", name, value]
        for name, value in (("pump", pump), ("open", count), ("valves", valves))
    ]


def swaying(until_ms: int, low: float, high: float) -> list:
    """Pressures that move every five seconds, so that the sensor does not pass for frozen."""
    return [
        step
        for number, at_ms in enumerate(range(0, until_ms, 5_000))
        for step in mmhg(at_ms, high if number % 2 else low)
    ]


WARNINGS = [
    step
    for at_ms in (1_000, 3_000, 5_000)
    for step in [*air(at_ms, 0.0, 1), *mmhg(at_ms, 46), *mmhg(at_ms + 1_000, 20)]
]
PUMPED = air(0, 1.0, 1) + air(1_000, 0.0, 0)
HELD = air(0, 1.0, 1) + mmhg(0, 25) + air(1_000, 0.0, 1)
PRESS_POWER = [[500, "row", "buttons", 1], [1_000, "row", "buttons", 0]]
WARMS = pads(0, 617_081) + pads(40_000, 593_137)  # 39.0, 40.2 °C
OPENED = [*PUMPED, *mmhg(0, 20), *air(2_000, 0.0, 1)]
READ: tuple = (
    # what the pins read and what is commanded, what is found, from, to
    ("46 °C", pads(0, 489_719), "pad_over_temp_warning", 3_000, 3_200),
    ("48 °C", pads(1_000, 458_438), "pad_over_temp_trip", 1_000, 1_300),
    ("7 °C at once", pads(5_000, 827_869), "ntc_slope", 5_100, 5_500),
    ("warms while off", WARMS, "heater_welded", 40_000, 70_000),
    ("46 mmHg", air(0, 1.0, 1) + mmhg(0, 46), "pressure_warning", 500, 600),
    ("three times 46 mmHg", WARNINGS, "pressure_repeated", 5_500, 5_700),
    ("56 mmHg", air(0, 1.0, 1) + mmhg(0, 56), "pressure_trip", 100, 200),
    ("-6 mmHg", mmhg(1_000, -6), "pressure_invalid", 1_030, 1_100),
    ("8 mmHg at rest", mmhg(0, 8) + PRESS_POWER, "pressure_zero_off", 11_000, 13_000),
    ("closed", air(0, 1.0, 0), "inflate_timeout", 2_000, 2_100),
    ("never full", air(0, 1.0, 1) + swaying(45_000, 6, 9), "inflate_timeout", 40_000, 40_200),
    ("no sign", air(0, 1.0, 1) + swaying(35_000, 0, 3), "leak_or_loose", 30_000, 30_200),
    ("held", HELD, "hold_timeout", 20_000, 22_000),
    ("squeezed", air(0, 1.0, 3) + swaying(95_000, 12, 30), "squeezed_too_long", 90_000, 91_000),
    ("fed", HELD + air(3_000, 1.0, 1), "leak_too_long", 10_000, 10_300),
    ("stays", OPENED, "vent_failed", 11_000, 11_200),
    ("again too soon", PUMPED + air(3_000, 1.0, 1), "vent_failed", 3_000, 3_100),
    ("a broken task", [[1_000, "massager", "read_supply", 0]], "program_error", 1_000, 1_100),
)


def bench(until_ms: int, steps: list) -> dict[str, str]:
    """Faults by name with their time, and what is told at the end."""
    path = [tick_runs.USUAL_WAY.parent, tick_runs._simple_pid(), ".frozen"]
    result = subprocess.run(
        [host._micropython(), BENCH, str(until_ms)],
        input=json.dumps(sorted(steps, key=lambda step: step[0])),
        env={"MICROPYPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    told = {}
    for words in map(str.split, result.stdout.splitlines()):
        if words[0] == "fault":
            told[words[2]] = words[1]
        else:
            told[words[0]] = " ".join(words[1:])
    return told


@pytest.mark.parametrize("case", READ, ids=lambda case: f"{case[0]}-{case[2]}")
def test_what_is_read_is_judged_in_time(case: tuple) -> None:
    _, steps, wanted, from_ms, to_ms = case
    assert from_ms <= int(bench(to_ms + 1_000, steps)[wanted]) <= to_ms


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    told = bench(60_000, [])
    assert set(told) == {"heat_cut", "dose_spent", "lease"}
    assert told["heat_cut"] == told["dose_spent"] == "False"


def test_heat_is_cut_at_45_and_the_dose_has_an_end() -> None:
    steps = [*pads(0, 489_719), [0, "massager", "dose_min", 59.99]]
    told = bench(2_000, steps)
    assert told["heat_cut"] == told["dose_spent"] == "True"


def test_outputs_go_safe_when_their_lease_is_over() -> None:
    assert bench(100, [])["lease"] == "True False"
