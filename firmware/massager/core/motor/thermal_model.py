"""Estimate the motor's temperature from drive and speed, without a sensor."""

from micropython import const

from massager.core import limits
from massager.core.signals import ABSENT
from massager.core.units import clamp

_NOMINAL_MV = const(12_000)
_STEPS_PER_S = const(10)
_LINE_BITS = const(10)  # the slope of the back-EMF line is in 1/1024 mV per rpm
_LOSS_SHIFT = const(5)  # losses in 1/32 V: their squares stay small integers
_LOSS_MAX_MV = const(16_000)
_COOL_STEPS = limits.MOTOR_HEAT_S * _STEPS_PER_S
_LIMIT = (limits.MOTOR_HEAT_MV >> _LOSS_SHIFT) * (limits.MOTOR_HEAT_MV >> _LOSS_SHIFT)


class MotorThermalModel:
    """Integrate I²t with the time constant MOTOR_HEAT_S; `too_hot` above MOTOR_HEAT_MV.

    The current is proportional to the voltage lost in the winding: the drive less the back-EMF
    at the measured speed. `line` is the board's motor data.
    """

    def __init__(self, line: dict[str, int]) -> None:
        self.too_hot = False
        self._slope = (_NOMINAL_MV << _LINE_BITS) // line["rpm_at_12v"]
        self._heat = 0  # loss squared, times _COOL_STEPS once it is settled

    def step(self, rpm: int, supply_mv: int, motor_permille: int) -> None:
        """Add 100 ms at `rpm` with `motor_permille` of the supply (ABSENT: 12 V)."""
        if supply_mv == ABSENT:
            supply_mv = _NOMINAL_MV
        loss_mv = motor_permille * supply_mv // 1000 - (rpm * self._slope >> _LINE_BITS)
        loss = clamp(loss_mv, 0, _LOSS_MAX_MV) >> _LOSS_SHIFT
        self._heat += loss * loss - self._heat // _COOL_STEPS
        self.too_hot = self._heat > _LIMIT * _COOL_STEPS
