"""Monitor one thermistor for the guard: smooth it, find its trend, judge its plausibility."""

from micropython import const

from massager.core import limits
from massager.core.safety import fault_table

_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS
_FAST_BITS = const(3)  # 0.8 s: a slope between single readings would be mostly noise
_SMOOTH_BITS = const(5)  # 3.2 s: noise of 0.1 °C becomes 0.01
TREND_STEPS = const(24)  # by how many steps the slow mean lags behind the fast one
_STEEP_MC = (limits.NTC_SLOPE_MC_PER_S << _FAST_BITS) * _STEP_MS // 1000


class NtcMonitor:
    """Take a reading ten times a second.

    `smooth_mc` is the running mean, m°C. `trend_mc` is the rise in TREND_STEPS, m°C.
    `same_steps` counts readings in a row that are the same to the last bit. `invalid` is the
    condition bit of a reading that no pad can have.
    """

    def __init__(self, invalid: int) -> None:
        self.smooth_mc = 0
        self.trend_mc = 0
        self.same_steps = 0
        self._last_mc = 0
        self._invalid = invalid
        self._fast = 0
        self._smooth = 0
        self._started = False
        self._reference_mc = 0
        self._other_reference_mc = 0

    def add(self, temp_mc: int) -> int:
        """Take one reading, m°C, and return the condition bits that it raises by itself."""
        if not self._started:  # as if it had been constant until now
            self._started = True
            self._fast = temp_mc << _FAST_BITS
            self._smooth = temp_mc << _SMOOTH_BITS
        self.same_steps = self.same_steps + 1 if temp_mc == self._last_mc else 0
        self._last_mc = temp_mc
        steep_mc = temp_mc - (self._fast >> _FAST_BITS)
        fast = self._fast = self._fast + steep_mc
        smooth = self._smooth
        smooth += temp_mc - (smooth >> _SMOOTH_BITS)
        self._smooth = smooth
        smooth >>= _SMOOTH_BITS
        self.smooth_mc = smooth
        self.trend_mc = (fast >> _FAST_BITS) - smooth
        conditions = fault_table.NTC_SLOPE if abs(steep_mc) > _STEEP_MC else 0
        if limits.NTC_MIN_MC <= temp_mc <= limits.NTC_MAX_MC:
            return conditions
        return conditions | self._invalid

    def may_be_stuck(self, other_mc: int, powered: bool) -> bool:
        """Return True when only the other thermistor moves; call it in every step.

        `other_mc` is the other one's smooth reading. It counts how far that has moved since
        this one last moved, as long as the heater was `powered`.
        """
        if not powered or abs(self.smooth_mc - self._reference_mc) >= limits.NTC_STUCK_MC:
            self._reference_mc = self.smooth_mc
            self._other_reference_mc = other_mc
        return abs(other_mc - self._other_reference_mc) >= limits.NTC_STUCK_OTHER_MC
