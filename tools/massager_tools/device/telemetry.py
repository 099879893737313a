"""The firmware's telemetry line, read back."""

from __future__ import annotations

import re

FIRST_FIELD = "t_ms"  # as in firmware/massager/telemetry.py
_TAIL = re.compile(r"[\w:,-]*\d")


def telemetry(line: str) -> dict[str, int]:
    """The values of a whole `t_ms:value,name:value,…`; empty when `line` is something else.

    Who starts to listen in mid-line hears the end of one first, and that is none.
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
    """Whether `line` may be the end of a telemetry line whose beginning was missed."""
    return _TAIL.fullmatch(line) is not None
