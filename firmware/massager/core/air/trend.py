"""Pressure without its noise, and how fast it rises."""

from micropython import const

from massager.core.units import clamp

_BITS = const(4)  # the filters keep this many bits below a pascal
_FAST_SHIFT = const(1)  # 20 ms
_SLOW_SHIFT = const(3)  # 140 ms; the two differ by the slope times 120 ms
_SLOPE_MAX_PA = const(4_000)
_LEVEL_MAX_PA = const(20_000)


class Trend:
    """`pa` is the filtered pressure, `slope_pa` how much it rises in 120 ms."""

    def __init__(self):
        self.pa = 0
        self.slope_pa = 0
        self._fast = 0
        self._slow = 0

    def track(self, pressure_pa):
        """Take one reading; every tick."""
        level = clamp(pressure_pa, -_LEVEL_MAX_PA, _LEVEL_MAX_PA) << _BITS
        self._fast += (level - self._fast) >> _FAST_SHIFT
        self._slow += (level - self._slow) >> _SLOW_SHIFT
        self.pa = self._fast >> _BITS
        self.slope_pa = clamp((self._fast - self._slow) >> _BITS, -_SLOPE_MAX_PA, _SLOPE_MAX_PA)

    def forget(self, pressure_pa):
        """A jump that was no pressure of the chambers is over: back to `pressure_pa`."""
        self._fast = self._slow = pressure_pa << _BITS
