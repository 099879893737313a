"""MicroPython's `micropython` module for CPython, as far as the firmware uses it.

Memory statistics are absent on purpose: CPython has none that would mean the same.
"""

from collections.abc import Callable
from typing import Any, TypeVar

_T = TypeVar("_T")


def const(value: _T) -> _T:
    """Return `value`; MicroPython folds it into the code."""
    return value


def native(function: _T) -> _T:
    """Return `function`; machine code on the chip."""
    return function


def viper(function: _T) -> _T:
    """Return `function`; typed machine code on the chip."""
    return function


def heap_lock() -> None:
    """Do nothing: CPython's heap cannot be locked."""


def heap_unlock() -> int:
    """Return the depth of locks that is left, 0."""
    return 0


def kbd_intr(character: int) -> None:
    """Choose the character that interrupts the program; without effect here."""


def alloc_emergency_exception_buf(size: int) -> None:
    """Do nothing: CPython needs no reserve for the traceback of an interrupt."""


def schedule(function: Callable[[Any], object], argument: object) -> None:
    """Run `function(argument)` at once; the chip runs it soon."""
    function(argument)


def opt_level(level: int | None = None) -> int:
    """Return the compiler's level of optimisation; 0 here."""
    return 0
