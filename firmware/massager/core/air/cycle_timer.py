"""Keep the squeeze at one a minute: when to begin, when to rise, whether it was on time."""

from micropython import const

from massager.core.air.inflation import STANDBY_PA
from massager.core.units import ticks_add, ticks_diff

_PERIOD_MS = const(60_000)
_EARLY_MS = const(1_500)  # start this much early, and wait with the slack of the wrap taken up
_ON_TIME_MS = const(500)


class CycleTimer:
    """Schedule holds one minute apart.

    `is_running` once the first hold has set the schedule; `missed`: the last hold was late.
    """

    def __init__(self) -> None:
        self._ms_per_kpa = 0  # learnt duration of the rise, once the slack is taken up
        self.reset()

    def reset(self) -> None:
        """Stop; let the next hold start a new schedule."""
        self.is_running = False
        self.missed = False
        self._due_ms = 0

    def left_ms(self, now_ms: int) -> int:
        """Return the time in ms until the next hold is due."""
        return ticks_diff(self._due_ms, now_ms)

    def is_near(self, now_ms: int, fill_ms: int) -> bool:
        """Return whether to start a fill of `fill_ms` now; skip a minute out of reach."""
        if not self.is_running:
            return True
        spare_ms = self.left_ms(now_ms) - fill_ms
        if spare_ms < 0:
            self.missed = True
            self._due_ms = ticks_add(self._due_ms, _PERIOD_MS)
            return False
        return spare_ms <= _EARLY_MS

    def is_time_to_rise(self, now_ms: int, missing_pa: int) -> bool:
        """Return whether a rise by `missing_pa` takes all the time that is left."""
        return self.left_ms(now_ms) <= missing_pa * self._ms_per_kpa // 1000

    def learn(self, rise_ms: int, risen_pa: int) -> None:
        """Learn from a rise by `risen_pa` in `rise_ms`."""
        if risen_pa > STANDBY_PA:
            fresh = rise_ms * 1000 // risen_pa
            # the first rise includes a rest of the slack
            learnt = self._ms_per_kpa or fresh - (fresh >> 4)
            self._ms_per_kpa = (learnt + fresh) >> 1

    def begin_hold(self, now_ms: int) -> None:
        """Record that a hold begins now, and schedule the next one."""
        if not self.is_running:
            self.is_running = True
            self._due_ms = now_ms
        else:
            self.missed = abs(self.left_ms(now_ms)) > _ON_TIME_MS
        self._due_ms = ticks_add(self._due_ms, _PERIOD_MS)
