"""One stage on its way to its pressure, its hold, and what may go wrong on the way."""

from micropython import const

from massager.core import limits
from massager.core.air import patterns
from massager.core.air.pump import RUN, Pump
from massager.core.air.rise import WAIT_PA, Rise
from massager.core.air.stillness import ALIVE, DEAD, Stillness

BUSY = const(0)
READY = const(1)  # at the pressure
LOST = const(2)  # will not get there
BURST = const(3)  # a chamber takes no air: the manifold jumped

_JOIN_TICKS = const(20)  # a chamber that joins takes the pressure down
_HAND_TICKS = const(40)  # the air of one chamber has gone over to the next
BURST_PA = const(800)  # 6 mmHg in 20 ms: only the manifold itself is that small
_LOOK_TICKS = const(20)  # the pressure without flow
_NEAR_PA = const(200)
_STROKES_MAX = const(8)
_SLOPE_MS = const(120)  # in which a slope is counted


class Filling:
    """Proposes `chambers` and, in `pump`, the strokes.

    `wait` keeps it at WAIT_PA, the slack taken up, until the rise shall begin. `judges`:
    what was learnt can be compared with this fill.
    """

    def __init__(self, diagnosis):
        self.chambers = 0
        self.wait = False
        self.judges = False
        self.pump = Pump(diagnosis.learnt)
        self._diagnosis = diagnosis
        self.rise = Rise(diagnosis.learnt)
        self._pattern = 0
        self.index = 0
        self._mask = 0
        self._fresh = 1
        self._cold = True
        self._waited = False
        self._hand_ticks = 0
        self._join_ticks = 0
        self._look_ticks = 0
        self._stillness = Stillness()
        self._rise_ticks = 0

    def begin(self, pattern, stage, mask, before, cold):
        """Stage `stage`, with the chambers `mask`; those of `before` first hand on their air."""
        self._pattern = pattern
        self.index = patterns.index(pattern, stage)
        self._cold = cold
        self._hand_ticks = _HAND_TICKS if before else 0
        self._join_ticks = _JOIN_TICKS + self._hand_ticks if stage else 0
        self._fresh = patterns.count(mask & ~self._mask if stage else mask)
        self._mask = mask
        self.chambers = mask | before
        self._look_ticks = 0
        self._stillness.begin(self._diagnosis.learnt.fill_ms(self.index, cold) > 0)
        self._rise_ticks = 0
        self._waited = self.wait
        self.pump.learns = not self.wait
        self.pump.begin(self.index)

    def step(self, pressure_pa, set_pa, holds):
        """One tick towards `set_pa`, after the trend; `holds`: it stays there."""
        pump = self.pump
        if self._look_ticks:
            return self._look()
        if self._stillness.blinks:
            return self._blink(pressure_pa)
        if pressure_pa - pump.trend.pa > BURST_PA:
            pump.off()
            return BURST
        if self._hand_ticks:
            self._hand_ticks -= 1
            if not self._hand_ticks:
                self.chambers = self._mask
        if self._join_ticks:
            self._join_ticks -= 1
            pump.go_on()
            return BUSY
        if self.wait:
            pump.step(WAIT_PA)
            return self._watch()
        if not pump.learns:
            pump.learns = True
            pump.run()
        if pump.phase == RUN:
            self._rise_ticks += 1
        if holds:
            pump.step(set_pa)
        else:
            pump.go_on()
        if pump.is_at(set_pa, _NEAR_PA) if holds else pump.trend.pa >= set_pa:
            if self._waited:
                rise_ms = self._rise_ticks * limits.AIR_TICK_MS
                self.rise.learn(self._pattern, rise_ms + pump.short_ms)
            if not holds:
                self.learn(0)
            return READY
        if pump.strokes > _STROKES_MAX:
            return self._give_up()
        return self._watch()

    def learn(self, missing_pa):
        """The stage took what was pumped, and would take what is missing."""
        pump = self.pump
        air_ms = pump.air_ms
        slope_pa = pump.full_slope_pa
        if slope_pa > 0:
            air_ms += missing_pa * _SLOPE_MS // slope_pa
        self._diagnosis.filled(self.index, self._cold, self.judges, air_ms, slope_pa)

    def _watch(self):
        """Is it taking too long, and is anybody still there?"""
        pump = self.pump
        if not pump.permille:
            return BUSY
        air_ms = pump.air_ms
        if self._diagnosis.is_late(self.index, self._cold, air_ms, self._fresh, pump.trend.pa):
            return self._give_up()
        if pump.phase == RUN:
            is_due = self._diagnosis.is_due(self.index, self._cold, air_ms)
            self._stillness.watch(pump.trend.pa, is_due)
            if self._stillness.blinks:
                self.chambers = 0
        return BUSY

    def _blink(self, pressure_pa):
        """The pump against closed valves, until the sensor has shown that it lives."""
        result = self._stillness.blink(pressure_pa)
        if result == DEAD:
            return LOST
        if result == ALIVE:
            self.pump.trend.forget(self._stillness.pa)
            self.chambers = self._mask
        return BUSY

    def _give_up(self):
        self.pump.off()
        self._look_ticks = 1
        return BUSY

    def _look(self):
        self._look_ticks += 1
        if self._look_ticks <= _LOOK_TICKS:
            return BUSY
        self._diagnosis.gave_up(self.index, self._cold, self.pump.trend.pa)
        return LOST
