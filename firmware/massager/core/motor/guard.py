"""Watches the motor: sees the tach and what was commanded, shares nothing with the regulator."""

from massager.core import limits
from massager.core.safety import faults
from massager.core.signals import ABSENT
from massager.core.units import approach, ticks_diff

_FALL_RPM = limits.MOTOR_RAMP_RPM_PER_S * limits.TICK_MS // 1000


class MotorGuard:
    """Raises the motor conditions of the fault table, every tick; silent without a tach."""

    def __init__(self):
        self.conditions = 0
        self._edges = ABSENT
        self._edge_ms = 0
        self._driven = False
        self._ceiling_rpm = 0  # the set-point, falling no faster than the speed may

    def step(self, now_ms, tach_edges, rpm, set_rpm, motor_permille):
        """Judge this tick: edges so far, measured speed, wished speed, duty in force."""
        if tach_edges == ABSENT:
            return
        found = 0
        driven = motor_permille > limits.MOTOR_STALL_PERMILLE
        if tach_edges != self._edges or driven != self._driven:
            self._edges = tach_edges
            self._edge_ms = now_ms
            self._driven = driven
        elif driven and ticks_diff(now_ms, self._edge_ms) > limits.MOTOR_STALL_MS:
            found = faults.MOTOR_STALLED
        ceiling = approach(max(self._ceiling_rpm, set_rpm), set_rpm, _FALL_RPM)
        self._ceiling_rpm = ceiling
        if rpm * 100 > max(ceiling, limits.MOTOR_MIN_RPM) * limits.MOTOR_OVERSPEED_PERCENT:
            found |= faults.MOTOR_OVERSPEED
        self.conditions = found
