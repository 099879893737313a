"""What a device has kept, read over a port through the real mpremote."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from massager_tools.boards import load_board
from massager_tools.build import deploy
from massager_tools.cli import main
from massager_tools.sim.serial.board import SerialBoard

pytestmark = pytest.mark.micropython

BOARD = "esp32_devkitc"
SPEED = 4.0
PRESS_MS = 800
LINES_BEFORE_PRESS = 5  # of telemetry: half a second, in which the button is seen open
CODE = 13  # NTC_A_INVALID: latches, and stops nothing but the heat
SLOPE = 15  # the same wire may show as a leap first


@pytest.fixture
def board(tmp_path: Path) -> Iterator[SerialBoard]:
    deploy.build(load_board(BOARD), tmp_path / "chip", linked=True)
    with SerialBoard(load_board(BOARD), tmp_path / "chip", speed=SPEED) as board:
        board.wait_for("ready massager")
        yield board


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What a command says as JSON."""
    capsys.readouterr()
    assert main.run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_fault_in_mid_session(board: SerialBoard, capsys: pytest.CaptureFixture[str]) -> None:
    """The tool comes while the session goes on: nothing is lost."""
    before = len(board.transcript)
    assert main.run(["blackbox", "--port", board.port]) == 1
    assert capsys.readouterr().err == (
        "massager: there is no recording; a device writes one when something trips\n"
    )
    board.wait_for("ready massager", since=before)  # the command has restarted it
    for _ in range(LINES_BEFORE_PRESS):
        board.wait_for("t_ms", since=len(board.transcript))
    board.send({"do": "press", "button": "power", "for_ms": PRESS_MS})
    board.wait_for("state:2,")
    board.send({"do": "fault", "name": "ntc_a_open", "on": True})
    board.wait_for(f"fault:{CODE},")
    explained = printed(capsys, "faults", f"E{CODE}", "--port", board.port)
    assert not board.energised
    (readings,) = explained["readings"]
    assert readings["state"] == 2
    assert 15_000 < readings["pad_b_mc"] < 45_000
    (session,) = printed(capsys, "log", "--port", board.port)
    assert (session["program"], session["ended"]) == ("evening", "interrupted")
    recording = printed(capsys, "blackbox", "--port", board.port)
    assert recording["fault"] in (CODE, SLOPE)
    assert recording["rows"][-1]["state"] == 2
    since = len(board.transcript)
    board.wait_for("state:6,", since=since)  # the fault waits for a person
