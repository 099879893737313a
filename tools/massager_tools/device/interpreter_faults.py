"""Known faults of each version of MicroPython on each chip."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from massager_tools.errors import Failure

DATA = Path(__file__).with_suffix(".json")

_IN_IMAGE = re.compile(rb"MicroPython v(\d+\.\d+(?:\.\d+)?)")
_IN_NAME = re.compile(r"-v(\d+\.\d+(?:\.\d+)?)")

Version = tuple[int, int, int]


@dataclass(frozen=True)
class InterpreterFault:
    """A fault of the versions `first` … below `fixed`; `refuse`: the firmware cannot run."""

    chips: tuple[str, ...]
    first: Version
    fixed: Version
    refuse: bool
    wrong: str
    source: str

    def concerns(self, chip: str, version: Version) -> bool:
        """Return whether this version on this chip has it."""
        return chip in self.chips and self.first <= version < self.fixed


def version_tuple(text: str) -> Version:
    """Return "1.26" or "1.26.0" as numbers, which can be compared."""
    major, minor, patch = ([int(part) for part in text.split(".")] + [0])[:3]
    return major, minor, patch


@cache
def table() -> tuple[InterpreterFault, ...]:
    """Return every known fault."""
    return tuple(
        InterpreterFault(
            tuple(row["chips"]),
            version_tuple(row["from"]),
            version_tuple(row["before"]),
            row["refuse"],
            row["wrong"],
            row["source"],
        )
        for row in _data()["faults"]
    )


def faults_of(chip: str, version: str) -> list[InterpreterFault]:
    """Return what is known to be wrong with a version on a chip, what refuses it first."""
    found = [fault for fault in table() if fault.concerns(chip, version_tuple(version))]
    return sorted(found, key=lambda fault: not fault.refuse)


@cache
def recommended(chip: str) -> str:
    """Return the newest version without a known fault on a chip."""
    clean = [version for version in _data()["versions"] if not faults_of(chip, version)]
    return str(clean[-1])


def usable(chip: str) -> list[tuple[str, str]]:
    """Return the spans of versions, first and last, on which the firmware runs on a chip."""
    spans: list[tuple[str, str]] = []
    goes_on = False
    for version in _data()["versions"]:
        if any(fault.refuse for fault in faults_of(chip, version)):
            goes_on = False
            continue
        first = spans.pop()[0] if goes_on else version
        spans.append((first, version))
        goes_on = True
    return spans


def require_usable(chip: str, version: str, where: str) -> list[str]:
    """Return warnings, a line each. Raise Failure for a version that cannot run the firmware."""
    advice = f"take {recommended(chip)}"
    warnings = []
    for fault in faults_of(chip, version):
        line = f"MicroPython {version} on {chip}: {fault.wrong}; {advice} ({fault.source})"
        if fault.refuse:
            raise Failure(f"{where}: {line}")
        warnings.append(line)
    return warnings


def image_version(path: Path) -> str | None:
    """Return the version of the interpreter in a .bin, from its contents or its name."""
    found = _IN_IMAGE.search(path.read_bytes())
    if found:
        return found[1].decode()
    named = _IN_NAME.search(path.name)
    return named[1] if named else None


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return data
