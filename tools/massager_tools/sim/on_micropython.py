"""Parts of the interpreter that the process of a virtual chip needs, on MicroPython."""

import builtins
import gc
import io
import sys

import micropython
import uselect as select  # type: ignore[import-not-found]
import utime  # type: ignore[import-not-found]

from massager_tools.sim.streams import Input, Output, Overlay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from massager_tools.sim.console import Console


def prepare(_folder: str) -> None:
    """Do nothing: files first on the path hide even built-in modules."""


def install_console(console: "Console", machine: str, version: "tuple[Any, ...]") -> None:
    """Give the program the chip's `sys`, `micropython.kbd_intr` and `print`."""
    output = Output(console)
    names: Any = Overlay(sys)
    names.stdin = Input(console)
    names.stdout = output
    names.implementation = _Implementation(machine, version)
    sys.modules["sys"] = names
    keys: Any = Overlay(micropython)
    keys.kbd_intr = _kbd_intr(console)
    sys.modules["micropython"] = keys

    def print_to_console(*values, sep=" ", end="\n"):  # type: ignore[no-untyped-def]
        output.write(sep.join([str(value) for value in values]) + end)

    builtins.print = print_to_console  # type: ignore[assignment]


class _Implementation:
    """`sys.implementation` of the chip."""

    def __init__(self, machine: str, version: "tuple[Any, ...]") -> None:
        self.name = "micropython"
        self.version = version + ("",)
        self._machine = machine


def _kbd_intr(console: "Console") -> "Any":
    def kbd_intr(character: int) -> None:
        console.interrupt_character = character

    return kbd_intr


def write_bytes(data: bytes) -> None:
    """Write to standard output, at once."""
    sys.stdout.buffer.write(data)


def real_ms() -> int:
    """Return a real clock that only goes forward, ms."""
    return utime.ticks_ms()


def real_sleep_ms(ms: int) -> None:
    """Sleep in real time."""
    utime.sleep_ms(ms)


def write(text: str) -> None:
    """Write to standard output, at once and in order with what the firmware writes."""
    sys.stdout.write(text)


def traceback_lines(error: BaseException) -> "list[Any]":
    """Return the traceback as the chip would print it."""
    text = io.StringIO()
    sys.print_exception(error, text)  # type: ignore[attr-defined]
    return text.getvalue().split("\n")


def heap_bytes() -> int:
    """Collect garbage; return the bytes in use on the heap."""
    gc.collect()
    return gc.mem_alloc()  # type: ignore[attr-defined]


def forget_modules(fixed: "set[str]", _folder: str) -> None:
    """Drop every module that is not in `fixed`: the next import runs it anew."""
    for name in list(sys.modules):
        if name not in fixed:
            del sys.modules[name]
    gc.collect()


class LineReader:
    """Read lines from standard input without waiting."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._poll.register(sys.stdin, select.POLLIN)
        self.closed = False

    def lines(self, wait: bool = False) -> "list[Any]":
        """Return the lines since the last call; with `wait`, wait for one where there is none."""
        found: list[Any] = []
        while not self.closed and self._poll.poll(-1 if wait and not found else 0):
            line = sys.stdin.readline()
            if line:
                found.append(line)
            else:
                self.closed = True
        return found
