"""Walks through the stages of a pattern: fill, hold, next; and keeps the minute."""

from micropython import const

from massager.core import limits
from massager.core.air import patterns
from massager.core.air.cycle_timer import CycleTimer
from massager.core.air.inflation import BURST, BURST_PA, FILL, READY, Inflation
from massager.core.air.pump import AIR_PER_MS, BITS, IDLE, SLOPE_MS
from massager.core.safety import fault_table
from massager.core.signals import PATTERN_RIPPLE, PATTERN_SQUEEZE, PATTERNS, STAGES

HOLD = const(2)  # beside the results of a fill
DONE = const(6)  # the last hold is over

_SETTLED_TICKS = const(30)  # of a hold: the pressure is what it is
_LAST_STROKE_TICKS = const(40)  # what the pump still gives goes into the chambers
_OVER_PA = const(2_000)  # 15 mmHg above what is held: no leg does that, nor any chamber
_SLACK_OUT_PA = const(560)  # what the wait for the minute aims at, less what a stroke is worth
_LEAK_MIN_TICKS = const(100)  # less tells nothing of a leak


class Cycle:
    """`filling` and its pump propose; `stage` tells where it is."""

    def __init__(self, settings, diagnosis, everything):
        self.stage = 0
        self.filling = Inflation(settings, diagnosis)
        self.minute = CycleTimer()
        self._diagnosis = diagnosis
        self._fills_ms = settings.air_fill_ms
        self._slopes_pa = settings.air_slope_pa
        self._all = everything
        self._pattern = 0
        self._cold = True
        self._asked_pa = 0
        self._set_pa = 0
        self._next = 0  # chambers of the next stage, 0: this one is the last
        self._holds = False
        self._hold_ticks = 0
        self._left_ticks = 0  # of the hold
        self._settled_air = 0
        self._settled_pa = 0

    def is_due(self, now_ms, pattern):
        """Whether a cycle may begin: at any time, or so that it holds on the minute."""
        minute = self.minute
        self.filling.wait = False
        if pattern != PATTERN_SQUEEZE:
            minute.forget()
            return True
        fill_ms = self._fills_ms[(PATTERNS + PATTERN_SQUEEZE) * STAGES]
        is_near = minute.is_near(now_ms, fill_ms)
        self._diagnosis.notice(fault_table.MINUTE_MISSED, minute.missed)
        self.filling.wait = is_near
        return is_near

    def begin(self, setpoints, cold):
        """A cycle begins; `cold`: the chambers have had the time to empty."""
        self._pattern = setpoints.pattern
        self._cold = cold
        self._begin_stage(setpoints, 0, patterns.stage_mask(self._pattern, 0, self._all), 0)

    def _begin_stage(self, setpoints, stage, mask, before):
        pattern = self._pattern
        fresh = mask if stage == 0 else mask & ~self.filling.chambers
        self.stage = stage
        self._holds = False
        self._next = patterns.stage_mask(pattern, stage + 1, self._all)
        hold_ms = patterns.stage_hold_ms(setpoints, pattern, stage, not self._next)
        self._hold_ticks = hold_ms // limits.AIR_TICK_MS
        self._asked_pa = 0
        self.filling.begin(pattern * STAGES + stage, mask, before, fresh, self._cold)

    def step(self, now_ms, pressure_pa, setpoints):
        """One step: FILL, HOLD, DONE, LOST or BURST."""
        if self._asked_pa != setpoints.pressure_set_pa:
            self._asked_pa = setpoints.pressure_set_pa
            self._set_pa = patterns.stage_set_pa(setpoints, self._pattern, self.stage)
        if self._holds:
            return self._hold(pressure_pa, setpoints)
        filling = self.filling
        if filling.wait:
            self._wait(now_ms)
        result = filling.step(pressure_pa, self._set_pa, self._hold_ticks)
        if result != READY:
            return result
        if not self._hold_ticks:
            return self._next_stage(setpoints)
        self._holds = True
        self._left_ticks = self._hold_ticks
        if self._pattern == PATTERN_SQUEEZE:
            self.minute.begin_hold(now_ms)
            self._diagnosis.notice(fault_table.MINUTE_MISSED, self.minute.missed)
        return HOLD

    def _hold(self, pressure_pa, setpoints):
        """Top up what leaks; at the end of the hold the pump has come to rest."""
        pump = self.filling.pump
        if pressure_pa - pump.pa > BURST_PA or pump.pa - self._set_pa > _OVER_PA:
            pump.off()
            return BURST
        left = self._left_ticks - 1
        self._left_ticks = left
        if left > _LAST_STROKE_TICKS:
            pump.step(self._set_pa)
        else:
            pump.permille = 0
        if self._hold_ticks - left == _SETTLED_TICKS:
            self._settle(pump)
        if left > 0:
            return HOLD
        self._finish(pump)
        return self._next_stage(setpoints)

    def _settle(self, pump):
        self._settled_air = pump.air
        self._settled_pa = pump.pa
        self.filling.learn(self._set_pa - pump.pa)
        if self._pattern == PATTERN_SQUEEZE:
            self.minute.learn(pump.run_ms, pump.risen_pa)

    def _finish(self, pump):
        """The hold is over: what did it lose, what the pump made up for included?"""
        ticks = self._hold_ticks - _SETTLED_TICKS
        if ticks >= _LEAK_MIN_TICKS:
            index = self.filling.index
            slope_pa = max(self._slopes_pa[index], 1)
            lost_ms = (self._settled_pa - pump.pa) * SLOPE_MS // slope_pa
            lost_ms += (pump.air - self._settled_air) // AIR_PER_MS
            self._diagnosis.held(index, lost_ms, ticks * limits.AIR_TICK_MS)

    def _wait(self, now_ms):
        """The squeeze rises when that takes what is left of the minute, the first one at once."""
        pump = self.filling.pump
        if self.minute.is_dated:
            rises = self.minute.is_time_to_rise(now_ms, self._set_pa - (pump.slow >> BITS))
        else:
            rises = pump.phase == IDLE and pump.slow >> BITS >= _SLACK_OUT_PA
        if rises:
            self.filling.rise()

    def _next_stage(self, setpoints):
        mask = self._next
        if not mask:
            return DONE
        before = self.filling.chambers if self._pattern == PATTERN_RIPPLE else 0
        self._begin_stage(setpoints, self.stage + 1, mask, before)
        return FILL
