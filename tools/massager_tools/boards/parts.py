"""List the parts that a board needs, with what no software replaces, for a shopping trip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from massager_tools.boards.circuit import GUARDS, connections
from massager_tools.device_data import csv_table

COLUMNS = ("part", "for", "pin", "between", "far_end")


def parts(board: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row a part by the names of COLUMNS: the module, each role's, the guards."""
    return list(_rows(board))


def parts_csv(board: dict[str, Any]) -> str:
    """Return the list as comma-separated values."""
    return csv_table.as_csv(COLUMNS, parts(board))


def _rows(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"part": board["title"], "for": "everything"}
    for wire in sorted(connections(board), key=lambda wire: wire.pin):
        yield {
            "part": wire.part,
            "for": wire.role,
            "pin": wire.pin,
            "between": wire.between,
            "far_end": wire.far_end,
        }
    for guard in GUARDS:
        yield {"part": guard.part, "for": guard.why, "far_end": guard.where}
