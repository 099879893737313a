"""How warm the motor must be by now, from what it was made to do: no sensor needed."""

from micropython import const

from massager.core import limits
from massager.core.signals import ABSENT
from massager.core.units import clamp

_NOMINAL_MV = const(12_000)
_STEPS_PER_S = const(10)
_LINE_BITS = const(10)
_LOSS_SHIFT = const(5)  # in 1/32 V a square stays small
_LOSS_MAX_MV = const(16_000)
_COOL_STEPS = limits.MOTOR_HEAT_S * _STEPS_PER_S
_LIMIT = (limits.MOTOR_HEAT_MV >> _LOSS_SHIFT) * (limits.MOTOR_HEAT_MV >> _LOSS_SHIFT)


class MotorThermalModel:
    """I²t over MOTOR_HEAT_S: the current is as the volts that the winding takes.

    These are the drive less the back-EMF of the measured speed. `line` is the board's
    motor data.
    """

    def __init__(self, line):
        self.too_hot = False
        self._slope = (_NOMINAL_MV << _LINE_BITS) // line["rpm_at_12v"]
        self._heat = 0  # loss squared, times _COOL_STEPS once it is settled

    def step(self, rpm, supply_mv, motor_permille):
        """100 ms of turning at `rpm` with `motor_permille` of the supply."""
        if supply_mv == ABSENT:
            supply_mv = _NOMINAL_MV
        loss_mv = motor_permille * supply_mv // 1000 - (rpm * self._slope >> _LINE_BITS)
        loss = clamp(loss_mv, 0, _LOSS_MAX_MV) >> _LOSS_SHIFT
        self._heat += loss * loss - self._heat // _COOL_STEPS
        self.too_hot = self._heat > _LIMIT * _COOL_STEPS
