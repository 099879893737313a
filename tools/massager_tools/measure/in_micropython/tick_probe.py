"""Times the controller alone, fed with recorded inputs. Runs in MicroPython.

`micropython tick_probe.py INPUTS TIMES REPEATS`, with the flashed tree on the import path.
Prints `name value` lines; TIMES gets every repeat's microseconds for each tick, 16 bits.
"""
# MicroPython has no annotations
# mypy: ignore-errors

import gc
import sys
import time
from array import array

import micropython
from board import BOARD

from massager.core.controller import Controller
from massager.core.signals import Inputs, Outputs, Settings

_REFERENCE_CALLS = 2_000
_REFERENCE_BLOCKS = 20
_LONGEST_US = 65_535


class Reference:
    """What everything is compared with: a method call with six small-integer operations."""

    def work(self, a, b):
        """Six operations."""
        c = a + b
        c = c * 3
        c = c - a
        c = c >> 1
        c = c & 1023
        return c + b


class Recording:
    """The rows of a file that `tick_record` wrote."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.names = file.readline().decode().split()[1:-1]
            rows = array("i")
            while True:
                part = file.read(1 << 16)
                if not part:
                    break
                rows.extend(array("i", part))
        self.rows = rows
        self.width = len(self.names) + 2
        self.ticks = len(rows) // self.width


def fresh():
    """A controller as main.py makes it, with nothing remembered."""
    settings = Settings()
    settings.proven_wiring = BOARD["wiring_id"]
    return Controller(BOARD, settings)


def replay(recording, times=None):
    """Step a fresh controller through everything; `times` gets each tick's microseconds.

    Returns the first tick whose state is not the recorded one, or -1.
    """
    controller = fresh()
    return _replay(recording, times, controller, controller.step, Inputs(), Outputs())


def _replay(recording, times, controller, step, inputs, outputs):
    """The part that may not allocate."""
    rows = recording.rows
    names = recording.names
    now_us = time.ticks_us
    at = 0
    for tick in range(recording.ticks):
        now_ms = rows[at]
        for name in names:
            at += 1
            setattr(inputs, name, rows[at])
        start_us = now_us()
        step(now_ms, inputs, outputs)
        took_us = now_us() - start_us
        at += 1
        if controller.state != rows[at]:
            return tick
        at += 1
        if times is not None:
            times[tick] = took_us if took_us < _LONGEST_US else _LONGEST_US
    return -1


def reference_us():
    """What one call of the reference takes, loop included, several times over."""
    work = Reference().work
    found = []
    for _ in range(_REFERENCE_BLOCKS):
        start_us = time.ticks_us()
        for number in range(_REFERENCE_CALLS):
            work(number, 3)
        found.append((time.ticks_us() - start_us) / _REFERENCE_CALLS)
    return found


def allocated_bytes(recording):
    """What the heap grew by in a replay without collection."""
    controller = fresh()
    inputs = Inputs()
    outputs = Outputs()
    step = controller.step
    gc.collect()
    before = gc.mem_alloc()
    _replay(recording, None, controller, step, inputs, outputs)
    return gc.mem_alloc() - before


def locked_ticks(recording):
    """How many ticks ran with the heap locked, where any allocation raises, and the error."""
    controller = fresh()
    inputs = Inputs()
    outputs = Outputs()
    step = controller.step
    rows = recording.rows
    names = recording.names
    at = 0
    for tick in range(recording.ticks):
        now_ms = rows[at]
        for name in names:
            at += 1
            setattr(inputs, name, rows[at])
        at += 2
        micropython.heap_lock()
        try:
            step(now_ms, inputs, outputs)
        except MemoryError as error:
            micropython.heap_unlock()
            return tick, error
        micropython.heap_unlock()
    return recording.ticks, None


def main(inputs_path, times_path, repeats):
    """Everything, told line by line."""
    recording = Recording(inputs_path)
    print("ticks", recording.ticks)
    gc.collect()
    gc.disable()
    times = array("H", [0] * recording.ticks)
    with open(times_path, "wb") as file:
        for repeat in range(repeats):
            for took_us in reference_us():
                print("reference_us", took_us)
            differs = replay(recording, times)
            if differs >= 0:
                print("differs", differs)
                return 1
            file.write(times)
            gc.collect()
            print("repeat", repeat + 1)
    print("heap_bytes", allocated_bytes(recording))
    clean, error = locked_ticks(recording)
    print("locked_ticks", clean)
    if error is not None:
        sys.print_exception(error)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
