"""The integer PI law that heat, air and motor may share."""

from micropython import const

from massager.core.units import clamp

_SCALE_BITS = const(10)  # gains are in 1/1024 permille per unit of error


class PI:
    """Proportional-integral control with output 0…1000 permille and anti-windup.

    `p_gain` is in 1/1024 permille per unit of error, `i_gain` in 1/1024 permille per
    unit of error and step. `error_max` bounds the error so that every product stays a
    small integer; it must keep `error_max * max(gains)` below 2**29.
    """

    def __init__(self, p_gain, i_gain, error_max):
        self._p_gain = p_gain
        self._i_gain = i_gain
        self._error_max = error_max
        self._integral = 0  # in 1/1024 permille

    def reset(self, permille=0):
        """Forget the past and start from an output of `permille`."""
        self._integral = permille << _SCALE_BITS

    def step(self, error, feed_forward_permille=0):
        """One control period: the new output in permille, 0…1000.

        The integral moves only while it does not push further into saturation.
        """
        error = clamp(error, -self._error_max, self._error_max)
        moved = self._integral + self._i_gain * error
        wished = feed_forward_permille + ((self._p_gain * error + moved) >> _SCALE_BITS)
        output = clamp(wished, 0, 1000)
        if wished == output or (wished > output) != (error > 0):
            self._integral = clamp(moved, -1000 << _SCALE_BITS, 1000 << _SCALE_BITS)
        return output
