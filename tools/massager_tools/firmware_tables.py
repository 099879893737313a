"""Read the firmware's own tables: programs, buttons, states and faults by name."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from massager_tools.errors import UsageError
from massager_tools.paths import FIRMWARE_DIR

_PATHS = (FIRMWARE_DIR, Path(__file__).parent / "sim" / "cpython_modules")


@dataclass(frozen=True)
class Program:
    """A program that can be chosen; `index` presses of *program* select it."""

    name: str
    index: int
    minutes: int
    own: tuple[Any, ...] | None = None
    """The compiled program to build in, if it does not come with the firmware."""


def core(name: str) -> ModuleType:
    """Import and return a module of the firmware's core, such as "session.programs"."""
    return firmware(f"core.{name}")


def firmware(name: str) -> ModuleType:
    """Import and return a module of the firmware that needs no chip, "storage.session_log"."""
    for path in map(str, _PATHS):
        if path not in sys.path:
            sys.path.append(path)
    return import_module(f"massager.{name}")


@cache
def programs() -> dict[str, Program]:
    """Return name → program, in the order of the *program* button."""
    form = core("session.program_format")
    table = core("session.programs").PROGRAMS
    return {
        row[form.NAME]: Program(row[form.NAME], index, form.minutes(row))
        for index, row in enumerate(table)
    }


def own_program(compiled: tuple[Any, ...]) -> Program:
    """Return a person's own program, which comes after those of the firmware."""
    form = core("session.program_format")
    return Program(compiled[form.NAME], len(programs()), form.minutes(compiled), compiled)


def built_in(board: dict[str, Any], program: Program) -> dict[str, Any]:
    """Return the board as it has to be flashed so that `program` can be chosen."""
    return board if program.own is None else {**board, "programs": (program.own,)}


def program(name: str) -> Program:
    """Return the program called `name`. Raise UsageError with the known names."""
    if name not in programs():
        raise UsageError(f"no program {name!r}; programs are {', '.join(programs())}")
    return programs()[name]


@cache
def button_bits() -> dict[str, int]:
    """Return name → bit of every button, in the order of the bits."""
    prefix = "BUTTON_"
    signals = vars(core("signals")).items()
    bits = sorted((bit, name) for name, bit in signals if name.startswith(prefix))
    return {name.removeprefix(prefix).lower(): bit for bit, name in bits}


@cache
def state_names() -> tuple[str, ...]:
    """Return the name of each value of `state` in the telemetry."""
    names: tuple[str, ...] = core("safety.supervisor").STATE_NAMES
    return names


@cache
def fault_names() -> dict[int, str]:
    """Return code → name of every row of the fault table."""
    table = core("safety.fault_table")
    groups = (table.HEAT, table.AIR, table.MOTOR, table.SYSTEM)
    return {row[table.CODE]: row[table.NAME] for group in groups for row in group}


def fault_name(code: int) -> str:
    """Return the name of `code`; "fault N" for a code that is in no table."""
    return fault_names().get(code, f"fault {code}")
