"""The faults of the firmware's table, with a text for people about each.

`fault_texts.json` holds, by the name of the fault, what happened and what to check; what it
stops and how it is cleared follow from its row in the table. A fault without a text does not
pass the tests.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from massager_tools.errors import UsageError
from massager_tools.firmware_tables import core

TEXTS_FILE = Path(__file__).with_name("fault_texts.json")
GROUPS = ("HEAT", "AIR", "MOTOR", "SYSTEM")


@dataclass(frozen=True)
class Fault:
    """One row of the table, in words. `stops` and `clears` are phrases."""

    code: int
    name: str
    group: str
    happened: str
    stops: str
    checks: tuple[str, ...]
    clears: str

    @property
    def label(self) -> str:
        """Return the code as people write it, E07."""
        return f"E{self.code:02d}"

    @property
    def blinks(self) -> str:
        """Return how the lamp blinks it."""
        tens, units = divmod(self.code, 10)
        return f"{tens}, a pause, {units}" if tens else f"{units}"


@cache
def faults() -> tuple[Fault, ...]:
    """Return every fault there is, by code."""
    table = core("safety.fault_table")
    all_texts = json.loads(TEXTS_FILE.read_text(encoding="utf-8"))
    found = []
    for group in GROUPS:
        for _, code, name, stops, _, latches in getattr(table, group):
            texts = all_texts.get(name, {"happened": "", "check": []})
            found.append(
                Fault(
                    code=code,
                    name=name,
                    group=group.lower(),
                    happened=texts["happened"],
                    stops=_stops(table, stops),
                    checks=tuple(texts["check"]),
                    clears=_clears(table, stops, latches),
                )
            )
    return tuple(sorted(found, key=lambda fault: fault.code))


def fault(text: str) -> Fault:
    """Return the fault meant by E07, e7, 7 or its name. Raise UsageError if there is none."""
    wanted = text.strip().upper()
    number = wanted.removeprefix("E")
    for one in faults():
        if wanted == one.name or (number.isdigit() and int(number) == one.code):
            return one
    raise UsageError(f"no fault {text!r}; `massager faults` lists them all")


def without_text() -> list[str]:
    """Return the names of the faults that have no text yet."""
    return [one.name for one in faults() if not one.happened or not one.checks]


def _stops(table: Any, stops: int) -> str:
    if stops & table.STOPS_ALL:
        return "everything"
    parts = (
        (table.STOPS_SESSION, "the session, until a person goes on"),
        (table.STOPS_HEAT, "the heat"),
        (table.STOPS_AIR, "the air"),
        (table.STOPS_MOTOR, "the motor"),
    )
    return " and ".join(name for bit, name in parts if stops & bit) or "nothing"


def _clears(table: Any, stops: int, latches: bool) -> str:
    if latches:
        return (
            "hold power for 3 s, once everything is off and the code has been blinked "
            "through; it comes back as long as its cause lasts"
        )
    if stops & table.STOPS_SESSION:
        return "by itself; press power to go on, or leave it and it ends after 5 min"
    return "by itself, with its cause"
