"""Read keys of the terminal one by one, without waiting."""

import codecs
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from massager_tools.errors import UsageError

_ESCAPES = {"\x1b[A": "up", "\x1b[B": "down", "\x1bOA": "up", "\x1bOB": "down"}
_WINDOWS_ARROWS = {"H": "up", "P": "down"}
_READ_BYTES = 1024

ReadKeys = Callable[[], list[str]]
"""The keys pressed since the last call: characters, "up", "down", "escape"."""


@contextmanager
def keyboard() -> Iterator[ReadKeys]:
    """Yield a function that returns the keys since its last call; restore the terminal at the end.

    Raise UsageError if there is no terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "run needs a terminal to read keys and show gauges; without one use massager demo"
        )
    if sys.platform == "win32":
        yield _read_windows
        return
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal)
        yield _unix_reader(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def split_keys(text: str) -> list[str]:
    """Return the keys in a terminal's input; arrow keys are escape sequences of three."""
    keys = []
    at = 0
    while at < len(text):
        escape = _ESCAPES.get(text[at : at + 3])
        if escape:
            keys.append(escape)
            at += 3
        else:
            keys.append("escape" if text[at] == "\x1b" else text[at])
            at += 1
    return keys


def _unix_reader(terminal: int) -> ReadKeys:
    import select

    decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")

    def read() -> list[str]:
        if not select.select([terminal], [], [], 0)[0]:
            return []
        return split_keys(decoder.decode(os.read(terminal, _READ_BYTES)))

    return read


def _read_windows() -> list[str]:
    import msvcrt

    keys = []
    while msvcrt.kbhit():  # type: ignore[attr-defined, unused-ignore]
        key = msvcrt.getwch()  # type: ignore[attr-defined, unused-ignore]
        if key in ("\x00", "\xe0"):
            arrow = msvcrt.getwch()  # type: ignore[attr-defined, unused-ignore]
            keys.append(_WINDOWS_ARROWS.get(arrow, ""))
        else:
            keys.append("escape" if key == "\x1b" else key)
    return keys
