"""The same massager as it is usually written: asyncio tasks and floats. Runs in MicroPython.

Its pieces are what tutorials and public projects use: the `simple-pid` library as it is, the
B-parameter formula for the thermistors, one polling task a button as in the button class of
the asyncio primitives, a formatted line of telemetry, `time.ticks_ms`. Its jobs are those of
the firmware at the firmware's rates (buttons at the usual 50 ms), and no more: the pad held,
chambers filled, held and let go by pressure, the motor held at speed, five buttons with long
presses, eight lights, the telemetry line, the session's time. It has no guards beyond the
over-temperature and over-pressure cuts that a careful builder adds.

`measure` runs it on a clock that jumps to the next task due, so that all of the time
that passes is work; it is given recorded inputs as the firmware's controller is.
"""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio
import gc
import math
import time
from asyncio import core

from pid import PID

PERIOD_MS = 10
_FAST_MS = 2 * PERIOD_MS
_SLOW_MS = 100
_BUTTON_MS = 50
_LONG_MS = 1_000
_BUTTONS = 5
_CHAMBERS = 3
_LIGHTS = 8
_LONGEST_US = 65_535
_PERIODS_A_PAGE = 2_000  # after so many the heap is looked at and cleared, outside the timing
_AHEAD_MS = 1 << 20  # of the real clock, which asyncio's task queue uses for new tasks


class Button:
    """Calls `pressed` on release of a short press, `held` on a long one."""

    def __init__(self, read, pressed, held):
        self._read = read
        self._pressed = pressed
        self._held = held
        self._state = False
        self._since_ms = 0
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self):
        while True:
            state = self._read()
            if state != self._state:
                self._state = state
                if state:
                    self._since_ms = core.ticks()
                elif time.ticks_diff(core.ticks(), self._since_ms) >= _LONG_MS:
                    self._held()
                else:
                    self._pressed()
            await asyncio.sleep_ms(_BUTTON_MS)


class Massager:
    """`row` has the inputs as attributes, in microvolts, edges and bits; `stream` takes text."""

    def __init__(self, row, stream):
        self._row = row
        self._stream = stream
        self.running = False
        self.level = 1
        self.heat_on = False
        self.left_s = 0.0
        self.heat_duty = 0.0
        self.motor_duty = 0.0
        self.pump = 0.0
        self.valves = [False] * _CHAMBERS
        self.pixels = [(0, 0, 0)] * _LIGHTS
        self.lines = 0
        self.squeezes = 0
        self.temp_c = 20.0
        self.pressure_mmhg = 0.0
        self.rpm = 0.0
        self._heat = PID(0.6, 0.006, 4.0, setpoint=42.0, sample_time=None, output_limits=(0, 1))
        self._motor = PID(0.0002, 0.0006, 0, setpoint=800, sample_time=None, output_limits=(0, 1))

    def start(self):
        """All tasks."""
        work = (self._hold_heat, self._squeeze, self._turn)
        rest = (self._show, self._tell, self._count_down)
        self._tasks = [asyncio.create_task(job()) for job in work + rest]
        actions = (self._power, self._up, self._down, self._nothing, self._toggle_heat)
        self._buttons = [
            Button(self._reader(1 << number), actions[number], self._nothing)
            for number in range(_BUTTONS)
        ]

    def _reader(self, bit):
        return lambda: bool(self._row.buttons & bit)

    # --- buttons ------------------------------------------------------------------------

    def _power(self):
        self.running = not self.running
        self.left_s = 1_800.0 if self.running else 0.0

    def _up(self):
        self.level = min(5, self.level + 1)

    def _down(self):
        self.level = max(1, self.level - 1)

    def _toggle_heat(self):
        self.heat_on = not self.heat_on

    def _nothing(self):
        pass

    # --- jobs ---------------------------------------------------------------------------

    def _celsius(self, microvolts):
        volts = microvolts / 1e6
        if not 0.05 < volts < 3.25:
            return None
        ohms = 24_000 * volts / (3.3 - volts)
        return 1 / (1 / 298.15 + math.log(ohms / 10_000) / 3_950) - 273.15

    async def _hold_heat(self):
        while True:
            a_c = self._celsius(self._row.pad_a_uv)
            b_c = self._celsius(self._row.pad_b_uv)
            if a_c is None or b_c is None:
                self.heat_duty = 0.0
            else:
                self.temp_c = max(a_c, b_c)
                if self.running and self.heat_on and self.temp_c < 45.0:
                    self.heat_duty = self._heat(self.temp_c, dt=_SLOW_MS / 1000)
                else:
                    self.heat_duty = 0.0
            await asyncio.sleep_ms(_SLOW_MS)

    def _read_pressure(self):
        self.pressure_mmhg = (self._row.pressure_uv / 1e6 - 0.25) / 0.1 * 7.50062
        return self.pressure_mmhg

    async def _squeeze(self):
        while True:
            if not self.running:
                self._let_go()
                await asyncio.sleep_ms(_FAST_MS)
                continue
            set_mmhg = 17.5 + 2.5 * self.level
            for chamber in range(_CHAMBERS):
                self.valves[chamber] = True
                self.pump = 1.0
                began_ms = core.ticks()
                while self.running and self._read_pressure() < set_mmhg:
                    if time.ticks_diff(core.ticks(), began_ms) > 40_000:
                        break
                    await asyncio.sleep_ms(_FAST_MS)
            began_ms = core.ticks()
            while self.running and time.ticks_diff(core.ticks(), began_ms) < 5_000:
                mmhg = self._read_pressure()
                if mmhg > 45.0:
                    break
                self.pump = 1.0 if mmhg < set_mmhg - 1.0 else 0.0
                await asyncio.sleep_ms(_FAST_MS)
            self._let_go()
            self.squeezes += 1
            began_ms = core.ticks()
            while self.running and time.ticks_diff(core.ticks(), began_ms) < 4_000:
                self._read_pressure()
                await asyncio.sleep_ms(_FAST_MS)

    def _let_go(self):
        self.pump = 0.0
        for chamber in range(_CHAMBERS):
            self.valves[chamber] = False

    async def _turn(self):
        while True:
            if self.running:
                turn_us = self._row.tach_turn_us
                self.rpm = 60e6 / turn_us if turn_us > 0 else 0.0
                self._motor.setpoint = 500 + 300 * self.level
                self.motor_duty = self._motor(self.rpm, dt=_FAST_MS / 1000)
            else:
                self.motor_duty = 0.0
            await asyncio.sleep_ms(_FAST_MS)

    async def _show(self):
        while True:
            for light in range(_LIGHTS):
                if not self.running:
                    color = (0, 0, 0)
                elif light < 5:
                    color = (6, 0, 6) if light < self.level else (0, 0, 0)
                elif light == 5:
                    color = (0, 6, 0) if self.heat_on else (0, 0, 0)
                elif light == 6:
                    color = (0, 0, 6) if self.left_s > 300 else (0, 0, 0)
                else:
                    color = (6, 0, 0)
                self.pixels[light] = color
            await asyncio.sleep_ms(_SLOW_MS)

    async def _tell(self):
        while True:
            self._stream.write(
                f"t_ms:{core.ticks()},running:{self.running},level:{self.level},"
                f"heat:{self.heat_on},pad_c:{self.temp_c:.1f},mmhg:{self.pressure_mmhg:.1f},"
                f"rpm:{self.rpm:.0f},pump:{self.pump:.2f},heater:{self.heat_duty:.2f},"
                f"motor:{self.motor_duty:.2f},cycles:{self.squeezes},left_s:{self.left_s:.0f}\n"
            )
            self.lines += 1
            await asyncio.sleep_ms(_SLOW_MS)

    async def _count_down(self):
        while True:
            if self.running:
                self.left_s -= _SLOW_MS / 1000
                if self.left_s <= 0:
                    self.running = False
            await asyncio.sleep_ms(_SLOW_MS)


class _Over(Exception):
    pass


class _Waiting:
    """In place of asyncio's waiting: jumps to the next task, and times what ran in between."""

    def __init__(self, row, fill, times):
        self.map = {}
        self.now_ms = time.ticks_ms() + _AHEAD_MS
        self.heap_bytes = 0
        self.period = 0
        self._row = row
        self._fill = fill
        self._times = times
        self._begin_ms = self.now_ms
        self._this_us = 0
        self._page_ends = _PERIODS_A_PAGE
        fill(row, 0)
        self._heap_at = gc.mem_alloc()
        self._at_us = time.ticks_us()

    def wait_io_event(self, ms):
        """Nothing is due for `ms`."""
        if ms <= 0:
            return
        self._this_us += time.ticks_us() - self._at_us
        self.now_ms += ms
        period = (self.now_ms - self._begin_ms) // PERIOD_MS
        if period != self.period:
            self._next_period(period)
        self._at_us = time.ticks_us()

    def _next_period(self, period):
        times = self._times
        times[self.period] = min(self._this_us, _LONGEST_US)
        self._this_us = 0
        self.period = period
        over = period >= len(times)
        if over or period >= self._page_ends:
            self._page_ends = period + _PERIODS_A_PAGE
            self.heap_bytes += gc.mem_alloc() - self._heap_at
            gc.collect()
            self._heap_at = gc.mem_alloc()
        if over:
            raise _Over
        self._fill(self._row, period)


class _Stream:
    """A line that somebody counts."""

    def __init__(self):
        self.bytes = 0

    def write(self, text):
        self.bytes += len(text)


def measure(row, fill, times):
    """Run as many periods of 10 ms as `times` has room for; it gets each one's microseconds.

    `fill(row, period)` brings the inputs of a period into `row`. Returns the massager and
    the bytes it took from the heap. The garbage collector is not counted; the caller turns
    it off.
    """
    massager = Massager(row, _Stream())
    waiting = _Waiting(row, fill, times)
    core._io_queue = waiting
    core.ticks = lambda: waiting.now_ms

    async def live():
        massager.start()
        await asyncio.Event().wait()

    try:
        asyncio.run(live())
    except _Over:
        pass
    finally:
        core.ticks = time.ticks_ms
        asyncio.new_event_loop()
    return massager, waiting.heap_bytes
