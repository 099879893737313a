"""Parts of the interpreter that the process of a virtual chip needs, on CPython."""

import gc
import importlib.util
import os
import queue
import sys
import threading
import time
import traceback

from massager_tools.sim.console import Console
from massager_tools.sim.streams import Input, Output

# bound before the chip's clock takes the module's place
_monotonic = time.monotonic
_sleep = time.sleep


def prepare(folder: str) -> None:
    """Put MicroPython's own modules in place: `micropython`, `time` and `select` of the chip."""
    sys.dont_write_bytecode = True
    sys.path.insert(0, folder + "/cpython_modules")
    for name in ("time", "select"):  # a built-in module is not hidden by a file on the path
        spec = importlib.util.spec_from_file_location(name, f"{folder}/fake_modules/{name}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module


def install_console(console: Console, machine: str, version: tuple[int, ...]) -> None:
    """Give the program the chip's standard streams, `micropython.kbd_intr` and chip name."""
    import micropython

    sys.stdin = Input(console)
    sys.stdout = Output(console)
    sys.implementation._machine = machine  # type: ignore[attr-defined]

    def kbd_intr(character: int) -> None:
        console.interrupt_character = character

    micropython.kbd_intr = kbd_intr


def real_ms() -> int:
    """Return a real clock that only goes forward, ms."""
    return int(_monotonic() * 1000)


def real_sleep_ms(ms: int) -> None:
    """Sleep in real time."""
    _sleep(ms / 1000)


def write(text: str) -> None:
    """Write to standard output, at once and in order with what the firmware writes."""
    write_bytes(text.encode())


def write_bytes(data: bytes) -> None:
    """Write to standard output, at once."""
    while data:
        data = data[os.write(1, data) :]


def traceback_lines(error: BaseException) -> list[str]:
    """Return the traceback as the chip would print it."""
    lines = ["Traceback (most recent call last):"]
    for frame in traceback.extract_tb(error.__traceback__):
        lines.append(f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}')
    return lines + "".join(traceback.format_exception_only(error)).split("\n")


def heap_bytes() -> int:
    """Return 0: CPython's heap says nothing of the chip's."""
    gc.collect()
    return 0


def forget_modules(fixed: set[str], folder: str) -> None:
    """Drop the modules that came from `folder`: the next import runs them anew."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name not in fixed and file and file.startswith(folder):
            del sys.modules[name]


class LineReader:
    """Read lines from standard input without waiting."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.closed = False
        self._input = sys.stdin
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._input:
            self._queue.put(line)
        self._queue.put("")

    def lines(self, wait: bool = False) -> list[str]:
        """Return the lines since the last call; with `wait`, wait for one where there is none."""
        found: list[str] = []
        while not self._queue.empty() or (wait and not found and not self.closed):
            line = self._queue.get()
            if line:
                found.append(line)
            else:
                self.closed = True
        return found
