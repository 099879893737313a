"""Days of random use through the real loop, on a clock of our own. Runs in MicroPython.

`micropython soak_probe.py HOURS SEED`, with the flashed tree and the repository on the
import path. The loop, the core, telemetry, storage and black box are the firmware's own; the
plant is the tests' coarse one. Prints a line `ticks …` ten times a virtual hour.
"""
# MicroPython has no annotations
# mypy: ignore-errors

import gc
import sys
from array import array

WRAP_MS = 1 << 30
_HALF_MS = WRAP_MS >> 1
_TICK_US = 10_000
_TICKS_AN_HOUR = 360_000
_TICKS_A_LINE = 36_000
_BUTTONS = 5
_POWER = 1
_BLOCKS = 32
_BLOCK_BYTES = 1024
_STEP_TAKES_US = (900, 1_400, 2_100, 3_300, 700)  # what a tick may take on a chip


class Clock:
    """In place of `time`: microseconds that pass only when asked."""

    def __init__(self, start_ms):
        self.us = 0
        self._start_ms = start_ms

    def ticks_ms(self):
        return (self._start_ms + self.us // 1000) % WRAP_MS

    def ticks_diff(self, later, earlier):
        return (later - earlier + _HALF_MS) % WRAP_MS - _HALF_MS

    def ticks_add(self, ticks, delta):
        return (ticks + delta) % WRAP_MS

    def sleep_ms(self, ms):
        self.us += ms * 1000


class Over(Exception):
    """End of the test."""


class Dice:
    """A repeatable sequence."""

    def __init__(self, seed):
        self._seed = seed

    def below(self, count):
        self._seed = (self._seed * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        return (self._seed >> 8) % count


class Person:
    """Press anything at any time; now and then the supply sags or the pad reads far too hot."""

    def __init__(self, bench, dice):
        self._bench = bench
        self._dice = dice
        self._left = 100
        self._releasing = False

    def step(self):
        """Act for one tick."""
        self._left -= 1
        if self._left > 0:
            return
        dice = self._dice
        bench = self._bench
        if self._releasing:
            self._releasing = False
            bench.inputs.buttons = 0
            bench.plant.supply_mv = 12_000
            bench.plant.frozen = False
            if bench.plant.pad_a_mc > 45_000:
                bench.plant.pad_a_mc = 33_000
            self._left = 100 + dice.below(9_000)
            return
        self._releasing = True
        self._left = 10 + dice.below(90)
        what = dice.below(100)
        if what < 35:
            bench.inputs.buttons = _POWER
            self._left = 50
        elif what < 45:
            bench.inputs.buttons = _POWER
            self._left = 350
        elif what < 90:
            bench.inputs.buttons = 1 << dice.below(_BUTTONS)
        elif what < 94:
            bench.inputs.buttons = dice.below(1 << _BUTTONS)
        elif what < 98:
            bench.plant.supply_mv = 9_500
            self._left = 300
        else:
            bench.plant.frozen = True
            bench.plant.pad_a_mc = 48_000
            self._left = 100


class Hal:
    """The plant for the pins; it also sees whether every tick comes when it is due."""

    def __init__(self, bench, person, clock, ticks, report):
        self._bench = bench
        self._person = person
        self._clock = clock
        self._ticks = ticks
        self._report = report
        self._takes = 0
        self._state = -1
        self.tick = 0
        self.worst_off_us = 0
        self.late_ticks = 0
        self.fed = 0
        self.sessions = 0
        self.seen = 0  # bits of states

    def read(self, inputs):
        clock = self._clock
        off_us = clock.us - self.tick * _TICK_US
        if off_us < 0:
            off_us = -off_us
        if off_us > self.worst_off_us:
            self.worst_off_us = off_us
        if inputs.late_ms:
            self.late_ticks += 1
        self._person.step()
        self._bench.before()
        self._takes = self._takes + 1 if self._takes < 4 else 0
        clock.us += _STEP_TAKES_US[self._takes]

    def apply(self, outputs, tick):
        state = self._bench.controller.state
        if state != self._state:
            self._state = state
            self.seen |= 1 << state
            if state == 2:
                self.sessions += 1

    def feed(self):
        self.fed += 1
        self.tick += 1
        if self.tick % _TICKS_A_LINE == 0:
            self._report(self)
        if self.tick == self._ticks:
            raise Over


class Store:
    """A flash that takes no time, and whose room is all there from the start."""

    def __init__(self):
        self._keys = [bytearray(16) for _ in range(_BLOCKS)]
        self._blocks = [bytearray(_BLOCK_BYTES) for _ in range(_BLOCKS)]
        self._lengths = array("i", [0] * _BLOCKS)
        self.writes = 0

    def _slot(self, key):
        padded = key.encode() + bytes(16 - len(key))
        for slot in range(_BLOCKS):
            if self._keys[slot] == padded:
                return slot
        for slot in range(_BLOCKS):
            if not self._lengths[slot]:
                self._keys[slot][:] = padded
                return slot
        raise OSError("full")

    def read(self, key, buffer):
        slot = self._slot(key)
        length = self._lengths[slot]
        buffer[:length] = memoryview(self._blocks[slot])[:length]
        return length

    def write(self, key, data):
        slot = self._slot(key)
        self._blocks[slot][: len(data)] = data
        self._lengths[slot] = len(data)
        self.writes += 1

    def commit(self):
        pass


class Stream:
    """A serial line that somebody counts."""

    def __init__(self):
        self.bytes = 0

    def write(self, buffer, length):
        self.bytes += length
        return True

    def drain(self):
        """Do nothing: nothing is typed."""


def main(hours, seed):
    """Run for `hours`, the wrap of the ticks in the middle."""
    ticks = hours * _TICKS_AN_HOUR
    start_ms = (WRAP_MS - ticks * 5) % WRAP_MS
    clock = Clock(start_ms)
    sys.modules["time"] = clock
    from massager import loop
    from massager.core.signals import Settings
    from massager.storage.blackbox import BlackBox
    from massager.storage.session_log import SessionLog
    from massager.storage.settings_store import SettingsStore
    from massager.telemetry import Telemetry
    from massager_tools.sim.bench import Bench

    settings = Settings()
    store = Store()
    stream = Stream()
    storage = SettingsStore(store, settings, SessionLog(store))
    bench = Bench(start_ms=start_ms, settings=settings)

    def report(hal):
        gc.collect()
        print(
            "ticks",
            hal.fed,
            "heap_bytes",
            gc.mem_alloc(),
            "worst_off_us",
            hal.worst_off_us,
            "late_ticks",
            hal.late_ticks,
            "sessions",
            hal.sessions,
            "seen",
            hal.seen,
            "clock_ms",
            clock.us // 1000,
            "wrapped",
            int(clock.ticks_ms() < start_ms),
            "flash_writes",
            store.writes,
            "telemetry_bytes",
            stream.bytes,
        )

    hal = Hal(bench, Person(bench, Dice(seed)), clock, ticks, report)
    try:  # noqa: SIM105 - MicroPython has no contextlib
        loop.run(
            hal,
            bench.controller,
            stream,
            Telemetry(stream, b""),
            storage,
            BlackBox(),
            bench.inputs,
            bench.outputs,
        )
    except Over:
        pass


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
