"""Time the controller alone, fed with recorded inputs. Runs in MicroPython.

`micropython tick_probe.py INPUTS TIMES REPEATS [PART…]`, with the flashed tree on the import
path. PARTs change what is timed: `telemetry` and `blackbox` come after each step as in the
loop, and `pins` the loop's renewal of leases and watchdog.
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
    """Reference for times: a method call with six small-integer operations."""

    def work(self, a, b):
        """Run six operations."""
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

    def fill(self, inputs, tick):
        """Bring the inputs of a tick into `inputs`."""
        at = tick * self.width
        for name in self.names:
            at += 1
            setattr(inputs, name, self.rows[at])


class Stream:
    """A serial line that takes everything."""

    def write(self, buffer, length):
        """Discard the text."""
        return True


class Pins:
    """Work of the hal for leases and watchdog in a tick, pins left out."""

    def __init__(self):
        self._renewed_ms = 0
        self._beat = 0

    def renew(self):
        """Renew leases and watchdog after the step."""
        self._renewed_ms = time.ticks_ms()
        self._beat ^= 1


class Ours:
    """A controller as app.py makes it, with nothing remembered, and the PARTs after it."""

    def __init__(self, parts):
        settings = Settings()
        settings.proven_wiring = BOARD["wiring_id"]
        self.controller = Controller(BOARD, settings)
        telemetry = None
        blackbox = None
        if "telemetry" in parts:
            from massager.telemetry import Telemetry

            telemetry = Telemetry(Stream(), b"")
        if "blackbox" in parts:
            from massager.storage.blackbox import BlackBox

            blackbox = BlackBox("/dev/null")
        # bound here: a bound method is an object of its own
        self._step = self.controller.step
        self._report = telemetry.step if telemetry else None
        self._record = blackbox.step if blackbox else None
        self._renew = Pins().renew if "pins" in parts else None

    def replay(self, recording, inputs, outputs, times=None, locked=False):
        """Step through everything; `times` gets each tick's microseconds.

        `locked` locks the heap during each. Returns the first tick whose state is not the
        recorded one, or -1. The part that may not allocate.
        """
        rows = recording.rows
        names = recording.names
        now_us = time.ticks_us
        status = self.controller.status
        step = self._step
        report = self._report
        record = self._record
        renew = self._renew
        at = 0
        for tick in range(recording.ticks):
            now_ms = rows[at]
            for name in names:
                at += 1
                setattr(inputs, name, rows[at])
            if locked:
                micropython.heap_lock()
            start_us = now_us()
            step(now_ms, inputs, outputs)
            if renew:
                renew()
            if report:
                report(status, outputs)
            if record:
                record(status, inputs, outputs)
            took_us = now_us() - start_us
            if locked:
                micropython.heap_unlock()
            at += 1
            if status.state != rows[at]:
                return tick
            at += 1
            if times is not None:
                times[tick] = took_us if took_us < _LONGEST_US else _LONGEST_US
        return -1


def reference_us():
    """Return what one call of the reference takes, loop included, several times over."""
    work = Reference().work
    found = []
    for _ in range(_REFERENCE_BLOCKS):
        start_us = time.ticks_us()
        for number in range(_REFERENCE_CALLS):
            work(number, 3)
        found.append((time.ticks_us() - start_us) / _REFERENCE_CALLS)
    return found


def allocated_bytes(recording, parts):
    """Return the growth of the heap in a replay without collection."""
    ours = Ours(parts)
    inputs = Inputs()
    outputs = Outputs()
    replay = ours.replay
    gc.collect()
    before = gc.mem_alloc()
    replay(recording, inputs, outputs)
    return gc.mem_alloc() - before


def locked_ticks(recording, parts):
    """Return the ticks run with the heap locked, where any allocation raises, and the error."""
    ours = Ours(parts)
    times = array("H", [0] * recording.ticks)
    for tick in range(recording.ticks):
        times[tick] = _LONGEST_US
    try:
        ours.replay(recording, Inputs(), Outputs(), times, True)
    except MemoryError as error:
        micropython.heap_unlock()
        clean = 0
        while times[clean] != _LONGEST_US:
            clean += 1
        return clean, error
    return recording.ticks, None


def main(inputs_path, times_path, repeats, parts):
    """Measure everything and print it line by line."""
    recording = Recording(inputs_path)
    print("ticks", recording.ticks)
    gc.collect()
    gc.disable()
    times = array("H", [0] * recording.ticks)
    with open(times_path, "wb") as file:
        for repeat in range(repeats):
            for took_us in reference_us():
                print("reference_us", took_us)
            differs = Ours(parts).replay(recording, Inputs(), Outputs(), times)
            if differs >= 0:
                print("differs", differs)
                return 1
            file.write(times)
            gc.collect()
            print("repeat", repeat + 1)
    print("heap_bytes", allocated_bytes(recording, parts))
    clean, error = locked_ticks(recording, parts)
    print("locked_ticks", clean)
    if error is not None:
        sys.print_exception(error)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]))
