"""How long it takes from a wrap without slack to the hold: what has to be left of the minute."""

from array import array

from micropython import const

from massager.core.air import patterns
from massager.core.signals import PATTERNS

WAIT_PA = const(667)  # slack taken up, hardly felt
_NEAR_PA = const(200)
_SPARE_MS = const(400)  # soft start and filters
_SLOPE_MS = const(120)  # in which a slope is counted


class Rise:
    """Learnt by pattern."""

    def __init__(self, learnt):
        self._learnt = learnt
        self._rises_ms = array("i", [0] * PATTERNS)

    def is_taken_up(self, pump):
        """Whether `pump` has taken up the slack."""
        return pump.reached and pump.trend.pa >= WAIT_PA - _NEAR_PA

    def fill_ms(self, pattern):
        """Pumping that the first stage of `pattern` takes from empty chambers, 0: not known."""
        return self._learnt.fill_ms(patterns.index(pattern, 0), True)

    def ms(self, pattern, set_pa):
        """How long it takes from WAIT_PA to `set_pa`."""
        if self._rises_ms[pattern]:
            return self._rises_ms[pattern]
        slope_pa = max(1, self._learnt.slope_pa(patterns.index(pattern, 0)))
        return (set_pa - WAIT_PA) * _SLOPE_MS // slope_pa + _SPARE_MS

    def learn(self, pattern, rise_ms):
        """It took `rise_ms`."""
        known_ms = self._rises_ms[pattern]
        fresh_ms = (known_ms + rise_ms) >> 1 if known_ms else rise_ms
        self._rises_ms[pattern] = fresh_ms
