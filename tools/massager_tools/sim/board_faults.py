"""Faults of the model that a board can have: one with three chambers loses no fourth hose."""

from collections.abc import Mapping
from typing import Any

from massager_tools.sim.model.faults import FAULTS
from massager_tools.sim.wiring import chamber_count

_PER_ROLE = ("exhaust", "tach")


def has_chamber(name: str, chambers: int) -> bool:
    """Return whether the chamber of a fault is there; True for a fault of no chamber."""
    _, part, _, index, _ = FAULTS[name]
    return part != "air" or not isinstance(index, int) or index < chambers


def faults_of(board: Mapping[str, Any]) -> dict[str, str]:
    """Return name → words of every fault that the hardware of `board` can have."""
    roles = board["roles"]
    chambers = chamber_count(board)
    found = {}
    for name, (words, *_) in FAULTS.items():
        if not has_chamber(name, chambers):
            continue
        role = name.partition("_")[0]
        if role in _PER_ROLE and role not in roles:
            continue
        if role == "button" and "_".join(name.split("_")[:2]) not in roles:
            continue
        found[name] = words
    return found
