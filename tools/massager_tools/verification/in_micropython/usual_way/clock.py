"""asyncio on a clock that jumps to the next task due, so that all time that passes is work."""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio
import gc
import io
from asyncio import core

import utime  # the real one: on the virtual board `time` is the chip's

PERIOD_MS = 10
_LONGEST_US = 65_535
_PERIODS_A_PAGE = 2_000  # after so many the heap is looked at and cleared, outside the timing
_AHEAD_MS = 1 << 20  # of the real clock, which asyncio's task queue uses for new tasks

# A built-in method without arguments that returns a number: as quick as `time.ticks_ms` is,
# which a function of ours would not be.
_now = io.BytesIO()
ticks_ms = _now.tell
ticks_diff = utime.ticks_diff


class Over(Exception):
    """No period is left."""


class _Waiting:
    """In place of asyncio's waiting. That would ask the system's poll before every task, here
    on the clock's cost only a comparison is left of it."""

    def __init__(self, next_period, times):
        self.map = {}
        self.heap_bytes = 0
        self._next_period = next_period
        self._times = times
        self._period = 0
        self._page_ends = _PERIODS_A_PAGE
        self._this_us = 0
        _now.seek(utime.ticks_ms() + _AHEAD_MS)
        next_period(0)
        self._heap_at = gc.mem_alloc()
        self._at_us = utime.ticks_us()

    def wait_io_event(self, ms):
        """Nothing is due for `ms`."""
        if ms <= 0:
            return
        self._this_us += utime.ticks_us() - self._at_us
        self._pass(ms)
        self._at_us = utime.ticks_us()

    def _pass(self, ms):
        # some button is always polled each period, so that no jump is longer
        times = self._times
        self._period += 1
        if times is not None:
            times[self._period - 1] = min(self._this_us, _LONGEST_US)
            over = self._period >= len(times)
            if over or self._period >= self._page_ends:
                self._page_ends += _PERIODS_A_PAGE
                self.heap_bytes += gc.mem_alloc() - self._heap_at
                gc.collect()
                self._heap_at = gc.mem_alloc()
        self._this_us = 0
        late_ms = self._next_period(self._period) or 0
        _now.seek(ticks_ms() + ms + late_ms)


def run(massager, next_period, times=None):
    """Let `massager` live, period for period, until `next_period(number)` raises `Over`.

    That brings the inputs of a period and takes the outputs of the one before; it may return
    how many milliseconds late the period begins. `times`, if given, has room for each
    period's microseconds. Returns the bytes taken from the heap; the garbage collector is
    not counted, the caller turns it off.
    """
    waiting = _Waiting(next_period, times)
    core._io_queue = waiting
    core.ticks = ticks_ms
    core.ticks_add = utime.ticks_add
    core.ticks_diff = ticks_diff

    async def live():
        massager.start()
        await asyncio.Event().wait()

    try:
        asyncio.run(live())
    except Over:
        pass
    finally:
        core.ticks = utime.ticks_ms
        asyncio.new_event_loop()
    return waiting.heap_bytes
