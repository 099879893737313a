"""The firmware's telemetry line, read back."""

from __future__ import annotations


def telemetry(line: str) -> dict[str, int]:
    """The values of `name:value,…` with whole numbers; empty when `line` is something else."""
    values = {}
    for part in line.strip().split(","):
        name, colon, number = part.partition(":")
        if not colon or not name.isidentifier():
            return {}
        try:
            values[name] = int(number)
        except ValueError:
            return {}
    return values
