"""Walks through the stages of a pattern: fill, hold, next; and keeps the minute."""

from micropython import const

from massager.core.air import patterns
from massager.core.air.filling import BURST, BUSY, READY, Filling
from massager.core.air.holding import Holding
from massager.core.air.minute import Minute
from massager.core.safety import faults
from massager.core.units import ticks_diff

DONE = const(4)  # beside the results of a fill: the last hold is over


class Stages:
    """`filling` and its pump propose; `stage` and `holds` tell where it is."""

    def __init__(self, diagnosis, everything):
        self.stage = 0
        self.holds = False
        self.filling = Filling(diagnosis)
        self.minute = Minute()
        self._holding = Holding(self.filling, diagnosis)
        self._diagnosis = diagnosis
        self._all = everything
        self._cold = True
        self._since_ms = 0

    def is_due(self, now_ms, pattern):
        """Whether a cycle may begin: at any time, or so that it holds on the minute."""
        self.filling.wait = False
        if not patterns.is_on_the_minute(pattern):
            self.minute.forget()
            return True
        is_near = self.minute.is_near(now_ms, self.filling.rise.fill_ms(pattern))
        self._diagnosis.notice(faults.MINUTE_MISSED, self.minute.missed)
        self.filling.wait = is_near
        return is_near

    def begin(self, targets, cold, judges):
        """A cycle begins; `cold`: the chambers have had the time to empty."""
        self.stage = 0
        self._cold = cold
        self.filling.judges = judges
        self._begin_stage(targets, 0)

    def step(self, now_ms, pressure_pa, targets):
        """One tick: BUSY, DONE, LOST or BURST."""
        set_pa = patterns.stage_set_pa(targets, self.stage)
        if self.holds:
            return self._hold(now_ms, pressure_pa, targets, set_pa)
        if self.filling.wait:
            self._wait(now_ms, targets.pattern, set_pa)
        result = self.filling.step(pressure_pa, set_pa, self._hold_ms(targets) > 0)
        return result if result != READY else self._ready(now_ms, targets)

    def _hold(self, now_ms, pressure_pa, targets, set_pa):
        left_ms = self._hold_ms(targets) - ticks_diff(now_ms, self._since_ms)
        result = self._holding.step(pressure_pa, set_pa, left_ms)
        if result == BURST or left_ms > 0:
            return result
        self._holding.finish()
        return self._next_stage(targets)

    def _wait(self, now_ms, pattern, set_pa):
        filling = self.filling
        if self.minute.is_dated:
            filling.wait = self.minute.left_ms(now_ms) > filling.rise.ms(pattern, set_pa)
        else:
            filling.wait = not filling.rise.is_taken_up(filling.pump)

    def _ready(self, now_ms, targets):
        if not self._hold_ms(targets):
            return self._next_stage(targets)
        self.holds = True
        self._since_ms = now_ms
        self._holding.begin()
        if patterns.is_on_the_minute(targets.pattern):
            self.minute.begin_hold(now_ms)
            self._diagnosis.notice(faults.MINUTE_MISSED, self.minute.missed)
        return BUSY

    def _hold_ms(self, targets):
        is_last = not patterns.stage_mask(targets.pattern, self.stage + 1, self._all)
        return patterns.stage_hold_ms(targets, self.stage, is_last)

    def _next_stage(self, targets):
        before = self.filling.chambers if patterns.hands_on(targets.pattern) else 0
        self.stage += 1
        if not patterns.stage_mask(targets.pattern, self.stage, self._all):
            return DONE
        self._begin_stage(targets, before)
        return BUSY

    def _begin_stage(self, targets, before):
        mask = patterns.stage_mask(targets.pattern, self.stage, self._all)
        self.holds = False
        self.filling.begin(targets.pattern, self.stage, mask, before, self._cold)
