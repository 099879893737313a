"""Keeps the squeeze on the minute: when to begin, when to rise, and whether it came in time."""

from micropython import const

from massager.core.air.inflation import WAIT_PA
from massager.core.units import ticks_add, ticks_diff

_MINUTE_MS = const(60_000)
_EARLY_MS = const(1_500)  # begin this much before learnt, and wait with the slack taken up
_ON_TIME_MS = const(500)


class CycleTimer:
    """`is_dated` once the first hold has set the minute; `missed`: the last one came late."""

    def __init__(self):
        self._ms_per_kpa = 0  # how long the rise takes, once the slack is taken up
        self.forget()

    def forget(self):
        """The next hold sets the minute anew."""
        self.is_dated = False
        self.missed = False
        self._due_ms = 0

    def left_ms(self, now_ms):
        """Time until the next hold is due."""
        return ticks_diff(self._due_ms, now_ms)

    def is_near(self, now_ms, fill_ms):
        """Whether to begin a fill of `fill_ms` now; a minute out of reach is passed over."""
        if not self.is_dated:
            return True
        spare_ms = self.left_ms(now_ms) - fill_ms
        if spare_ms < 0:
            self.missed = True
            self._due_ms = ticks_add(self._due_ms, _MINUTE_MS)
            return False
        return spare_ms <= _EARLY_MS

    def is_time_to_rise(self, now_ms, missing_pa):
        """Whether a rise by `missing_pa` takes what is left of the minute."""
        return self.left_ms(now_ms) <= missing_pa * self._ms_per_kpa // 1000

    def learn(self, rise_ms, risen_pa):
        """A rise took `rise_ms` and ended `risen_pa` higher."""
        if risen_pa > WAIT_PA:
            fresh = rise_ms * 1000 // risen_pa
            known = self._ms_per_kpa or fresh - (
                fresh >> 4
            )  # the first rise finds some slack left
            self._ms_per_kpa = (known + fresh) >> 1

    def begin_hold(self, now_ms):
        """A hold begins."""
        if not self.is_dated:
            self.is_dated = True
            self._due_ms = now_ms
        else:
            self.missed = abs(self.left_ms(now_ms)) > _ON_TIME_MS
        self._due_ms = ticks_add(self._due_ms, _MINUTE_MS)
