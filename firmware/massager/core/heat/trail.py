"""The last two seconds of one thermistor, for the guard alone."""

from array import array

from micropython import const

from massager.core import limits

SLOPE_STEPS = const(20)
_SECOND_STEPS = limits.NTC_SLOPE_STEPS
_SMOOTH_BITS = const(5)  # 3 s: noise of 0.1 °C becomes 0.01


class Trail:
    """Readings ten times a second: `smooth_mc`, the change over a second and over two."""

    def __init__(self):
        self.smooth_mc = 0
        self.second_mc = 0
        self.rise_mc = 0
        self._readings = array("i", [0] * SLOPE_STEPS)
        self._next = -1
        self._smooth = 0

    def add(self, temp_mc):
        """Take one reading, m°C."""
        readings = self._readings
        index = self._next
        if index < 0:  # the first one: as if it had always been so
            for i in range(SLOPE_STEPS):
                readings[i] = temp_mc
            self._smooth = temp_mc << _SMOOTH_BITS
            index = 0
        self.rise_mc = temp_mc - readings[index]
        self.second_mc = temp_mc - readings[index - _SECOND_STEPS]
        readings[index] = temp_mc
        self._next = index + 1 if index + 1 < SLOPE_STEPS else 0
        self._smooth += temp_mc - (self._smooth >> _SMOOTH_BITS)
        self.smooth_mc = self._smooth >> _SMOOTH_BITS
