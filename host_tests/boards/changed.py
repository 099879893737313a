"""Boards that are right but for one thing."""

import copy
from typing import Any

from massager_tools.boards import load_board

GONE = object()
"""As a new value: take the key away."""


def changed(name: str, changes: dict[str, Any]) -> dict[str, Any]:
    """The shipped board `name` with the value at each path ("roles.pump.pin") replaced."""
    board = copy.deepcopy(load_board(name))
    for path, value in changes.items():
        *parents, last = path.split(".")
        table = board
        for parent in parents:
            table = table[parent]
        if value is GONE:
            del table[last]
        else:
            table[last] = value
    return board
