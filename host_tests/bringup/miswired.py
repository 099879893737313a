"""Boards as somebody soldered them, and what bring-up had to say."""

import copy
from collections.abc import Callable, Iterable
from typing import Any

from massager_tools.boards import load_board
from massager_tools.bringup.bench import Bench
from massager_tools.bringup.runner import Outcome, Trouble
from massager_tools.bringup.steps import bring_up
from massager_tools.bringup.virtual import VirtualBench

Board = dict[str, Any]
Rewire = Callable[[Board], Board]


def swapped(one: str, other: str) -> Rewire:
    """Two wires, each on the other's pin."""

    def rewire(board: Board) -> Board:
        roles = board["roles"]
        roles[one]["pin"], roles[other]["pin"] = roles[other]["pin"], roles[one]["pin"]
        return board

    return rewire


def unplugged(role: str, free_pin: int = 2) -> Rewire:
    """A wire that hangs on a pin which nothing uses."""

    def rewire(board: Board) -> Board:
        board["roles"][role]["pin"] = free_pin
        return board

    return rewire


def constant(table: str, name: str, value: int) -> Rewire:
    """A part with another constant than the board file says."""

    def rewire(board: Board) -> Board:
        board[table][name] = value
        return board

    return rewire


def as_flashed(board: Board) -> Board:
    """Wired as the board file says."""
    return board


def tried(
    name: str = "esp32_devkitc",
    rewire: Rewire = as_flashed,
    faults: Iterable[str] = (),
    plant: Any = None,
) -> tuple[list[Trouble], dict[str, Any], int]:
    """The troubles, what the device keeps, and the hottest that the pad got, m°C."""
    board = load_board(name)
    with (
        VirtualBench(board, rewire(copy.deepcopy(board)), faults, plant) as bench,
        Bench(bench) as device,
    ):
        results = list(bring_up(device, bench))
        pad_mc = max(row["pad_max_mc"] for row in bench.history)
    troubles = [t for step in results if isinstance(step, Outcome) for t in step.troubles]
    kept = results[-1] if isinstance(results[-1], dict) else {}
    return troubles, kept, pad_mc
