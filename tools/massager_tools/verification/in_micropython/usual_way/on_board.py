"""The usual way on a board: behind the firmware's own hal, and recorded as the firmware is.

`live(board, path)` takes the place of main.py; `path` gets what `tick_record` writes of the
firmware: the inputs of each period and the state after it. A change of state or faults is a
line on the serial line: `usual <ms> <state> <faults>`.
"""
# MicroPython has no annotations
# mypy: ignore-errors

import time
from array import array

from usual_way import clock
from usual_way.massager import STATES, Massager

_FULL = 1000
_ROWS_A_WRITE = 100


class Row:
    """What the pins read, as the hal fills it."""

    def __init__(self):
        self.pad_a_uv = self.pad_b_uv = self.pressure_uv = self.supply_uv = self.rail_uv = 0
        self.heater_sense = self.tach_edges = self.tach_turn_us = self.tach_age_us = 0
        self.buttons = self.late_ms = 0
        self.still = False


class Stream:
    """A line that somebody counts."""

    def __init__(self):
        self.bytes = 0

    def write(self, text):
        """Gone."""
        self.bytes += len(text)


def live(board, path, guarded):
    """Until the power fails."""
    from massager.core.signals import Outputs
    from massager.hal.esp32 import Hal

    hal = Hal(board)
    row = Row()
    outputs = Outputs()
    names = sorted([name for name in dir(row) if name[:2] != "__"])
    massager = Massager(row, Stream(), guarded)
    out = open(path, "wb") if path else None  # noqa: SIM115 - open until the virtual power fails
    if out:
        out.write(("now_ms " + " ".join(names) + " state\n").encode())
    rows = array("i")
    told = None

    def next_period(period):
        nonlocal rows, told
        late_ms = 0
        if period:
            if out:
                rows.append(STATES.index(massager.state))
                if period % _ROWS_A_WRITE == 0:
                    out.write(rows)
                    out.flush()
                    rows = array("i")
            now = (massager.state, sorted(massager.faults.active), massager.squeezes)
            if now != told:
                told = now
                print("usual", period * clock.PERIOD_MS, now[0], now[2], *now[1])
            put(massager, outputs)
            hal.apply(outputs)
            hal.feed()
            before_ms = time.ticks_ms()
            time.sleep_ms(clock.PERIOD_MS)
            late_ms = time.ticks_diff(time.ticks_ms(), before_ms) - clock.PERIOD_MS
        hal.read(row)
        if out:
            rows.append(period * clock.PERIOD_MS)
            for name in names:
                rows.append(getattr(row, name))
        return late_ms

    clock.run(massager, next_period)


def put(massager, outputs):
    """The massager's outputs as the hal takes them."""
    outputs.pump_permille = int(massager.pump * _FULL)
    outputs.chambers = sum([1 << n for n, on in enumerate(massager.valves) if on])
    outputs.exhaust = massager.open > 0
    outputs.heater_enable = massager.heater_on
    outputs.heater_permille = int(massager.heater * _FULL)
    outputs.motor_permille = int(massager.motor * _FULL)


def measure(recording, times, guarded):
    """Replay a recording against the clock; `times` gets each period's microseconds.

    Returns the massager, the bytes it took from the heap, and the first period whose state is
    not the recorded one, or -1.
    """
    row = Row()
    massager = Massager(row, Stream(), guarded)
    rows = recording.rows
    width = recording.width
    differs = -1

    def next_period(period):
        nonlocal differs
        if period and differs < 0 and STATES[rows[period * width - 1]] != massager.state:
            differs = period - 1
        if period == recording.ticks:
            raise clock.Over
        recording.fill(row, period)

    heap_bytes = clock.run(massager, next_period, times)
    return massager, heap_bytes, differs
