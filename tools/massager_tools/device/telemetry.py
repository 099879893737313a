"""Parse the firmware's telemetry line."""

from __future__ import annotations

import re

FIRST_FIELD = "t_ms"  # as in firmware/massager/telemetry.py
_TAIL = re.compile(r"[\w:,-]*[\d?]")


def telemetry(line: str) -> dict[str, int]:
    """Return the values of a whole `t_ms:value,name:value,…`; empty if `line` is anything else.

    The end of a line whose beginning was missed does not count.
    """
    values: dict[str, int] = {}
    if not line.lstrip().startswith(f"{FIRST_FIELD}:"):
        return values
    for part in line.strip().split(","):
        name, colon, number = part.partition(":")
        if not colon or not name.isidentifier():
            return {}
        try:
            values[name] = int(number)
        except ValueError:
            return {}
    return values


def is_tail(line: str) -> bool:
    """Return whether `line` may be a part of a telemetry line: its end, or ended by a `?`."""
    return _TAIL.fullmatch(line) is not None
