"""A recorded session comes out the same, bit for bit, wherever it is played again."""

from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from massager.core.safety import supervisor as s
from massager.core.safety.fault_table import VENT_FAILED
from massager_tools import replay
from massager_tools.boards import load_board
from massager_tools.errors import Failure
from massager_tools.sim.factory_nvs import brought_up
from massager_tools.sim.model import parameters

WRAP_MS = 1 << 30

START = {"at_ms": 1_000, "do": "press", "button": "power", "for_ms": 600}


def without(board: dict[str, Any], role: str) -> dict[str, Any]:
    """A board that has no such part."""
    return board | {"roles": {name: pin for name, pin in board["roles"].items() if name != role}}


DEVKIT = load_board("esp32_devkitc")
FOUR_CHAMBERS = without(load_board("esp32s3_devkitc1"), "tach")  # and an exhaust valve


@dataclass
class Session:
    """What is done to a board, which states it sees, and which fault words are in force."""

    board: dict[str, Any]
    until_s: int
    events: list[dict[str, Any]]
    states: set[int]
    words: set[str] = field(default_factory=set)
    options: dict[str, Any] = field(default_factory=dict)


SESSIONS = {
    "an evening's first minutes": Session(
        DEVKIT,
        75,
        [
            START,
            {"at_ms": 15_000, "do": "press", "button": "heat", "for_ms": 300},
            {"at_ms": 30_000, "do": "press", "button": "up", "for_ms": 2_500},
            {"at_ms": 65_000, "do": "press", "button": "power", "for_ms": 200},
        ],
        {s.OFF, s.CHECK, s.RUN, s.STOPPING},
        options={"ticks_start_ms": WRAP_MS - 40_000},
    ),
    "everything goes wrong": Session(
        DEVKIT,
        85,
        [
            START,
            {"at_ms": 12_000, "do": "press", "button": "heat", "for_ms": 300},
            {"at_ms": 15_000, "do": "fault", "name": "button_up_chatter", "on": True},
            {"at_ms": 16_000, "do": "press", "button": "up", "for_ms": 900},
            {"at_ms": 25_000, "do": "fault", "name": "tach_lost", "on": True},
            {"at_ms": 40_000, "do": "fault", "name": "ntc_b_open", "on": True},
            {"at_ms": 60_000, "do": "fault", "name": "pressure_short", "on": True},
            {"at_ms": 50_000, "do": "fault", "name": "tick_overrun", "on": True},
        ],
        {s.OFF, s.CHECK, s.RUN, s.FAULT},
        {"heat_latched", "air_latched", "motor_latched"},
        {"plant": parameters.draw(7)},
    ),
    "a brown-out, on again, and to the taper": Session(
        FOUR_CHAMBERS,
        75,
        [
            START,
            {"at_ms": 20_000, "do": "fault", "name": "brown_out", "on": True},
            {"at_ms": 23_000, "do": "fault", "name": "brown_out", "on": False},
            {"at_ms": 30_000, "do": "press", "button": "power", "for_ms": 600},
            {"at_ms": 40_000, "do": "press", "button": "program", "for_ms": 300},  # no stronger
            {"at_ms": 42_000, "do": "press", "button": "program", "for_ms": 300},
            {"at_ms": 65_000, "do": "press", "button": "power", "for_ms": 200},
        ],
        {s.OFF, s.CHECK, s.RUN, s.PAUSE, s.ENDING, s.STOPPING},
        {"system_active"},
    ),
    "what was kept: a latched fault and a dose": Session(
        DEVKIT,
        45,
        [
            {"at_ms": 20_000, "do": "press", "button": "power", "for_ms": 4_000},
            {"at_ms": 26_000, "do": "press", "button": "power", "for_ms": 600},
            {"at_ms": 30_000, "do": "press", "button": "power", "for_ms": 600},
            {"at_ms": 37_000, "do": "press", "button": "heat", "for_ms": 300},
        ],
        {s.OFF, s.CHECK, s.RUN, s.FAULT},
        {"air_latched"},
        {"nvs": brought_up(DEVKIT, latched=array("i", [0, VENT_FAILED, 0, 0]), dose_s=900)},
    ),
}


@pytest.mark.micropython
@pytest.mark.parametrize("name", SESSIONS)
def test_the_same_on_both_interpreters(name: str, tmp_path: Path) -> None:
    session = SESSIONS[name]
    recorded = tmp_path / "recorded"
    result = replay.record(
        session.board,
        recorded,
        until_ms=session.until_s * 1_000,
        events=session.events,
        **session.options,
    )
    assert result.reason == "until", result.traceback
    assert replay.ticks(recorded) > session.until_s * 95
    columns, rows = replay._read(recorded)
    assert {row[columns.index("state")] for row in rows} == session.states
    for word in session.words:
        assert any(row[columns.index(word)] for row in rows), word
    for on_cpython in (True, False):
        played = tmp_path / f"played-{on_cpython}"
        replay.play(session.board, recorded, played, on_cpython=on_cpython)
        assert replay.difference(recorded, played) is None


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """A recording of a few seconds."""
    recorded = tmp_path / "recorded"
    events = [{"at_ms": 1_000, "do": "press", "button": "power", "for_ms": 600}]
    board = load_board("esp32_devkitc")
    replay.record(board, recorded, until_ms=6_000, events=events, on_cpython=True)
    return recorded


def test_one_input_that_was_another_shows(short: Path, tmp_path: Path) -> None:
    """The comparison can fail: an over-pressure that was never recorded."""
    head, _, body = short.read_bytes().partition(b"\n")
    columns = replay._read(short)[0]
    cells = array("i", body)
    for tick in range(200, len(cells) // len(columns)):
        cells[tick * len(columns) + columns.index("pressure_uv")] = 1_500_000
    wrong = tmp_path / "wrong"
    wrong.write_bytes(head + b"\n" + cells.tobytes())
    played = tmp_path / "played"
    replay.play(load_board("esp32_devkitc"), wrong, played, on_cpython=True)
    found = replay.difference(wrong, played)
    assert found is not None and found.tick >= 200
    assert str(found).startswith(f"tick {found.tick}: {found.column} was ")


def test_a_recording_that_ends_early_shows(short: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(short.read_bytes()[:-4_000])
    found = replay.difference(short, cut)
    assert found is not None and found.tick == replay.ticks(cut)


def test_other_firmware_is_told(short: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(short.read_bytes().replace(b'"late_ms"', b'"older_ms"', 1))
    with pytest.raises(Failure, match="different firmware"):
        replay.difference(short, other)
