"""Bring-up through the real mpremote, and what is left on when its cable is pulled."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from massager_tools.boards import load_board
from massager_tools.bringup.bench import Bench
from massager_tools.bringup.operator import Noticed
from massager_tools.bringup.runner import Outcome
from massager_tools.bringup.steps import bring_up
from massager_tools.build import deploy
from massager_tools.device.mpremote import Device
from massager_tools.errors import Failure
from massager_tools.sim.serial.board import SerialBoard
from massager_tools.sim.wiring import HEATER

pytestmark = pytest.mark.micropython

BOARD = "esp32_devkitc"
SPEED = 4.0
SLICE_MS = 2_000  # nothing stays on for longer, of the chip's own time
TICK_MS = 10


class Builder:
    """Somebody whose parts all do what they should."""

    def __init__(self, board: SerialBoard) -> None:
        self._board = board
        self._filled = 0

    def prepare(self, text: str) -> None:
        self._board.send({"do": "leg", "on": False})

    def about_to(self, text: str) -> None:
        pass

    def noticed(self, expected: Noticed) -> Noticed:
        return expected

    def chamber(self, count: int) -> int:
        self._filled += 1
        return self._filled

    def press(self, button: str) -> None:
        for name in ("power", "up", "down", "program", "heat"):
            self._board.send({"do": "release", "button": name})
        self._board.send({"do": "press", "button": button})

    def thermometer(self) -> float | None:
        return None


@pytest.fixture
def flash(tmp_path: Path) -> Path:
    deploy.build(load_board(BOARD), tmp_path / "chip", linked=True)
    return tmp_path / "chip"


@pytest.fixture
def slow(flash: Path) -> Iterator[SerialBoard]:
    """In real time."""
    with SerialBoard(load_board(BOARD), flash) as board:
        board.wait_for("ready massager")
        yield board


def test_the_whole_walk_over_a_port(flash: Path) -> None:
    with SerialBoard(load_board(BOARD), flash, speed=SPEED) as board:
        board.wait_for("ready massager")
        device = Device(board.port)
        device.enter_service()
        with Bench(device) as bench:
            results = list(bring_up(bench, Builder(board)))
        assert not [
            step.troubles for step in results if isinstance(step, Outcome) and step.troubles
        ]
        assert isinstance(results[-1], dict) and results[-1]["heat_unlocked"]
        assert not board.energised


def test_a_pulled_cable_leaves_nothing_on(slow: SerialBoard) -> None:
    device = Device(slow.port)
    device.enter_service()

    def drive() -> None:
        with Bench(device) as bench, pytest.raises(Failure):
            bench.drive(2_000, heater_enable=True, heater_permille=600)

    tool = threading.Thread(target=drive)
    tool.start()
    slow.wait_until_powered(HEATER)
    on_ms, boots = slow.energised_ms, list(slow.boots)
    slow.pull_cable()
    slow.wait_until_powered(0)
    assert 0 < slow.energised_ms - on_ms <= SLICE_MS + TICK_MS
    assert slow.boots == boots  # the chip has let go by itself
    tool.join()
