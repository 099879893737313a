"""One thermistor as the guard sees it: smoothed, how fast it moves, whether it can be true."""

from micropython import const

from massager.core import limits
from massager.core.safety import fault_table

_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS
_FAST_BITS = const(3)  # 0.8 s: what a slope is measured over; single readings are too noisy
_SMOOTH_BITS = const(5)  # 3.2 s: noise of 0.1 °C becomes 0.01
AHEAD_STEPS = const(24)  # by how many steps the slower of the two lags behind the faster
_STEEP_MC = (limits.NTC_SLOPE_MC_PER_S << _FAST_BITS) * _STEP_MS // 1000


class NtcMonitor:
    """Readings ten times a second. `smooth_mc` is their running mean, `ahead_mc` what the
    reading gains in AHEAD_STEPS; `invalid` the condition bit of this thermistor."""

    def __init__(self, invalid):
        self.smooth_mc = 0
        self.ahead_mc = 0
        self._invalid = invalid
        self._fast = 0
        self._smooth = 0
        self._begun = False
        self._from_mc = 0
        self._other_from_mc = 0

    def add(self, temp_mc):
        """Take one reading, m°C: the condition bits that it shows by itself."""
        if not self._begun:  # as if it had always been so
            self._begun = True
            self._fast = temp_mc << _FAST_BITS
            self._smooth = temp_mc << _SMOOTH_BITS
        steep_mc = temp_mc - (self._fast >> _FAST_BITS)
        fast = self._fast = self._fast + steep_mc
        smooth = self._smooth
        smooth += temp_mc - (smooth >> _SMOOTH_BITS)
        self._smooth = smooth
        smooth >>= _SMOOTH_BITS
        self.smooth_mc = smooth
        self.ahead_mc = (fast >> _FAST_BITS) - smooth
        found = fault_table.NTC_SLOPE if abs(steep_mc) > _STEEP_MC else 0
        if limits.NTC_MIN_MC <= temp_mc <= limits.NTC_MAX_MC:
            return found
        return found | self._invalid

    def stands_still(self, other_mc, powered):
        """Each step: true when the other thermistor, now at `other_mc`, has moved too far
        since this one last moved, all the while `powered`."""
        if not powered or abs(self.smooth_mc - self._from_mc) >= limits.NTC_STUCK_MC:
            self._from_mc = self.smooth_mc
            self._other_from_mc = other_mc
        return abs(other_mc - self._other_from_mc) >= limits.NTC_STUCK_OTHER_MC
