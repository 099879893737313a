"""Limit the pad's power to little more than what has held it at its set-point.

Part of the guard. Readings that sink by themselves, or stand still a little too low, look to
any regulator like a pad that needs more. How much more a leg, a blanket or a room can ask for
is known; beyond that the pad rather stays cooler than the set-point.
"""

from micropython import const

from massager.core import limits
from massager.core.units import clamp

_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS
_SETTLE_STEPS = limits.HOLD_SETTLE_MS // _STEP_MS
_OFF_STEPS = limits.HOLD_FORGET_MS // _STEP_MS
_COOLING_STEPS = limits.HOLD_COOLING_MS // _STEP_MS
_MEAN_SHIFT = const(9)  # 51 s
_FULL_PERMILLE = const(1_000)


class PowerLimit:
    """`permille` is the most that the pad may get, 1000 and more for no limit.

    From the time that the pad has been at its set-point for HOLD_SETTLE_MS, that is the least
    mean power that has held it there, and HOLD_MORE_PERMILLE of that. Another set-point, or
    the heat off, begins anew.
    """

    def __init__(self) -> None:
        self.permille = _FULL_PERMILLE
        self._set_mc = 0
        self._off_steps = 0
        self._settled_steps = 0
        self._mean = 0  # << _MEAN_SHIFT
        self._hold_permille = _FULL_PERMILLE

    def step(self, hot_mc: int, set_mc: int, permille: int) -> None:
        """Take the hotter reading and the power commanded, every 100 ms."""
        self._off_steps = 0 if permille else self._off_steps + 1
        if set_mc < self._set_mc:
            self._settled_steps = -_COOLING_STEPS  # warm skin holds the pad for a while
        elif set_mc > self._set_mc or self._off_steps > _OFF_STEPS:
            self._settled_steps = 0
            self._hold_permille = _FULL_PERMILLE
        self._set_mc = set_mc
        below_mc = set_mc - hot_mc
        if permille and abs(below_mc) <= limits.HOLD_BAND_MC:
            self._learn(permille)
        more_mc = clamp(limits.HOLD_FAR_MC - below_mc, 0, limits.HOLD_FAR_MC - limits.HOLD_NEAR_MC)
        more = limits.HOLD_MORE_PERMILLE * more_mc // (limits.HOLD_FAR_MC - limits.HOLD_NEAR_MC)
        self.permille = self._hold_permille * (1_000 + more) // 1_000

    def _learn(self, permille: int) -> None:
        """Keep the least mean power that has held the pad."""
        if self._settled_steps <= 0:
            self._mean = permille << _MEAN_SHIFT
        mean = self._mean = self._mean + permille - (self._mean >> _MEAN_SHIFT)
        self._settled_steps += 1
        if self._settled_steps > _SETTLE_STEPS and mean >> _MEAN_SHIFT < self._hold_permille:
            self._hold_permille = mean >> _MEAN_SHIFT
