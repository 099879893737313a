"""The numbers of a massager: nominal, or drawn at random for one of many. Host only.

`parameters.json` holds for every number its nominal value, range, unit and source; a
number with `each` is one of so many parts alike and becomes a list.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from massager_tools.errors import UsageError

TABLE = Path(__file__).with_name("parameters.json")

Parameters = dict[str, dict[str, Any]]
"""Section -> name -> value, or a list of values."""

_FIELDS = ("nominal", "low", "high", "unit", "source")


def load(path: Path = TABLE) -> Parameters:
    """Return the table itself. UsageError when the file is not such a table."""
    try:
        table: Parameters = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read the plants file {path}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path} is not JSON: {error}") from error
    for section, entries in table.items():
        for name, entry in entries.items():
            where = f"{path}: {section}.{name}"
            missing = [field for field in _FIELDS if field not in entry]
            if missing:
                raise UsageError(f"{where} lacks {', '.join(missing)}")
            if not entry["low"] <= entry["nominal"] <= entry["high"]:
                raise UsageError(f"{where}: nominal must lie between low and high")
    return table


def nominal(table: Parameters | None = None) -> Parameters:
    """Return the middle massager: every number at its nominal value."""
    return _pick(table, lambda entry: float(entry["nominal"]))


def draw(seed: int, table: Parameters | None = None) -> Parameters:
    """Draw one massager of many: every number evenly from its range; same seed, same one."""
    dice = random.Random(seed)
    return _pick(table, lambda entry: dice.uniform(entry["low"], entry["high"]))


def _pick(table: Parameters | None, value: Callable[[dict[str, Any]], float]) -> Parameters:
    table = load() if table is None else table
    return {
        section: {
            name: [value(entry) for _ in range(entry["each"])] if "each" in entry else value(entry)
            for name, entry in sorted(entries.items())
        }
        for section, entries in sorted(table.items())
    }
