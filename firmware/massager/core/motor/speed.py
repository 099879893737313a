"""Turns the oscillation motor: soft start, slow changes, compensated for the supply."""

from micropython import const

from massager.core import limits
from massager.core.units import approach, clamp

_STEP_RPM = limits.MOTOR_RAMP_RPM_PER_S * limits.TICK_MS // 1000
_NOMINAL_MV = const(12_000)


class MotorSpeed:
    """Proposes `permille` for the motor each tick, open loop.

    `rpm_at_12v` is the speed at full duty under the usual load (board data).
    """

    def __init__(self, rpm_at_12v):
        self.permille = 0
        self.ramp_rpm = 0  # the set-point on its way
        self._rpm_at_12v = rpm_at_12v

    def off(self):
        """No drive; the next start is a soft one."""
        self.permille = 0
        self.ramp_rpm = 0

    def step(self, set_rpm, supply_mv):
        """One tick towards `set_rpm` at `supply_mv` (negative: not measured, take 12 V)."""
        self.ramp_rpm = approach(self.ramp_rpm, clamp(set_rpm, 0, limits.MOTOR_MAX_RPM), _STEP_RPM)
        supply_mv = clamp(supply_mv, 8_000, 16_000) if supply_mv >= 0 else _NOMINAL_MV
        duty = self.ramp_rpm * 1000 // self._rpm_at_12v
        self.permille = clamp(duty * _NOMINAL_MV // supply_mv, 0, 1000)
