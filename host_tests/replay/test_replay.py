"""A recorded session comes out the same, bit for bit, wherever it is played again."""

from array import array
from pathlib import Path
from typing import Any

import pytest

from massager_tools import replay
from massager_tools.boards import load_board
from massager_tools.errors import Failure
from massager_tools.virtual.model import parameters

WRAP_MS = 1 << 30

SESSIONS: dict[str, dict[str, Any]] = {
    "an evening's first minutes": {
        "events": [
            {"at_ms": 1_000, "do": "press", "button": "power", "for_ms": 600},
            {"at_ms": 15_000, "do": "press", "button": "heat", "for_ms": 300},
            {"at_ms": 40_000, "do": "press", "button": "up", "for_ms": 2_500},
            {"at_ms": 110_000, "do": "press", "button": "power", "for_ms": 200},
        ],
        "ticks_start_ms": WRAP_MS - 60_000,
    },
    "everything goes wrong": {
        "events": [
            {"at_ms": 1_000, "do": "press", "button": "power", "for_ms": 600},
            {"at_ms": 12_000, "do": "press", "button": "heat", "for_ms": 300},
            {"at_ms": 20_000, "do": "fault", "name": "button_up_chatter", "on": True},
            {"at_ms": 21_000, "do": "press", "button": "up", "for_ms": 900},
            {"at_ms": 30_000, "do": "fault", "name": "tick_overrun", "on": True},
            {"at_ms": 45_000, "do": "fault", "name": "motor_stalled", "on": True},
            {"at_ms": 60_000, "do": "fault", "name": "ntc_b_open", "on": True},
            {"at_ms": 80_000, "do": "fault", "name": "pressure_short", "on": True},
            {"at_ms": 100_000, "do": "fault", "name": "brown_out", "on": True},
        ],
        "plant": parameters.draw(7),
    },
}


@pytest.mark.micropython
@pytest.mark.parametrize("name", SESSIONS)
def test_the_same_on_both_interpreters(name: str, tmp_path: Path) -> None:
    board = load_board("esp32_devkitc")
    recorded = tmp_path / "recorded"
    result = replay.record(board, recorded, until_ms=120_000, **SESSIONS[name])
    assert result.reason == "until", result.traceback
    assert replay.ticks(recorded) > 10_000
    for on_cpython in (True, False):
        played = tmp_path / f"played-{on_cpython}"
        replay.play(board, recorded, played, on_cpython=on_cpython)
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
