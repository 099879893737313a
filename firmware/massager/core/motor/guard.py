"""Watches the motor by tach, supply and what was commanded. Shares nothing with the regulator."""

from micropython import const

from massager.core import limits
from massager.core.motor.thermal_model import MotorThermalModel
from massager.core.safety import fault_table
from massager.core.signals import ABSENT
from massager.core.units import approach, ticks_diff

_FALL_RPM = limits.MOTOR_RAMP_RPM_PER_S * limits.MOTOR_TICK_MS // 1000
_ANY_RPM = const(1 << 16)  # faster than anything: the first speed seen is slower
_SLOWING_SHIFT = const(4)  # a sixteenth slower is slowing down; less is the tach's jitter


class MotorGuard:
    """Raises the motor conditions of the fault table, every MOTOR_TICK_MS.

    `cut` withholds the drive without a fault: a shaft that stood still gets a rest and
    another soft start, MOTOR_RETRIES times, before a fault is raised. Without a tach
    there is nothing to watch. `line` is the board's motor data.
    """

    def __init__(self, line):
        self.conditions = 0
        self.cut = False
        self._heat = MotorThermalModel(line)
        self._edges = ABSENT
        self._edge_ms = 0  # last edge, or when the drive began
        self._soft_ms = 0  # when it was last not driven hard
        self._stalls = 0
        self._stall_ms = 0
        self._idle_mv = 0  # the supply before the motor draws on it
        self._sag_mv = 0  # what the motor draws it down by
        self._soft_sag_mv = 0  # what the motor drew it down by when last driven softly
        # the set-point, falling no faster than the speed may; after a reset a shaft still turns
        self._ceiling_rpm = limits.MOTOR_MAX_RPM
        self._floor_rpm = _ANY_RPM  # the slowest since the motor is off …
        self._floor_ms = 0  # … and when that was

    def step(self, now_ms, measured, set_rpm, motor_permille):
        """Judge this step: measurements, wished speed, duty in force."""
        if measured.motor_edges == ABSENT:
            return
        if motor_permille:
            self._floor_rpm = measured.motor_rpm
            self._floor_ms = now_ms
            self._sag_mv = self._idle_mv - measured.supply_mv
            self.conditions = self._standing(now_ms, measured.motor_edges, motor_permille)
        else:
            self._edge_ms = now_ms
            self._soft_ms = now_ms
            self._idle_mv = measured.supply_mv
            self.conditions = self._running_off(now_ms, measured.motor_rpm)
        if self._stalls:
            self._give_rest(now_ms)
        if self._is_too_fast(measured.motor_rpm, set_rpm):
            self.conditions |= fault_table.MOTOR_OVERSPEED
        if self._heat.too_hot:
            self.conditions |= fault_table.MOTOR_OVERHEATED

    def step_slow(self, measured, motor_permille):
        """Every tenth tick: how warm the motor is by now."""
        if measured.motor_rpm != ABSENT:
            self._heat.step(measured.motor_rpm, measured.supply_mv, motor_permille)

    def _is_too_fast(self, rpm, set_rpm):
        ceiling = self._ceiling_rpm
        if ceiling != set_rpm:
            ceiling = approach(ceiling, set_rpm, _FALL_RPM) if ceiling > set_rpm else set_rpm
            self._ceiling_rpm = ceiling
        if ceiling < limits.MOTOR_MIN_RPM:
            ceiling = limits.MOTOR_MIN_RPM
        return rpm * 100 > ceiling * limits.MOTOR_OVERSPEED_PERCENT

    def _give_rest(self, now_ms):
        since_ms = ticks_diff(now_ms, self._stall_ms)
        self.cut = since_ms < limits.MOTOR_RETRY_MS
        if since_ms > limits.MOTOR_RETRY_FORGET_MS:
            self._stalls = 0

    def _standing(self, now_ms, tach_edges, motor_permille):
        """No edges although driven: hard for half a second, or at all for a second."""
        if motor_permille <= limits.MOTOR_STALL_PERMILLE:
            self._soft_ms = now_ms
            if motor_permille <= limits.MOTOR_SAG_PERMILLE:
                self._soft_sag_mv = self._sag_mv
        if tach_edges != self._edges or motor_permille <= limits.MOTOR_STALL_LOW_PERMILLE:
            self._edges = tach_edges
            self._edge_ms = now_ms
            return 0
        silent_ms = ticks_diff(now_ms, self._edge_ms)
        if silent_ms <= limits.MOTOR_STALL_MS or (
            silent_ms <= limits.MOTOR_STALL_LOW_MS
            and ticks_diff(now_ms, self._soft_ms) <= limits.MOTOR_STALL_MS
        ):
            return 0
        self._edge_ms = now_ms
        self._stall_ms = now_ms
        self._stalls += 1
        self.cut = True
        if self._stalls <= limits.MOTOR_RETRIES:
            return 0
        return fault_table.TACH_LOST if self._turns() else fault_table.MOTOR_STALLED

    def _turns(self):
        """Whether the last retry drew what a turning motor draws.

        The start drives a shaft at rest ever harder. Where it stays at rest the current
        grows with the duty and the supply's share of it again: twice the duty, four times
        the sag. Where it turns, the back-EMF grows too, and the sag by half of that. In
        doubt the shaft is blocked.
        """
        sag_mv = self._sag_mv
        if sag_mv < limits.MOTOR_SAG_MIN_MV or sag_mv > limits.MOTOR_SAG_MAX_MV:
            return False
        return sag_mv < self._soft_sag_mv * limits.MOTOR_SAG_GROWTH

    def _running_off(self, now_ms, rpm):
        """Turning without slowing down although nothing drives it."""
        floor = self._floor_rpm
        if (
            rpm < limits.MOTOR_RUNAWAY_RPM
            or floor < limits.MOTOR_RUNAWAY_RPM  # from here on it has to slow down
            or rpm < floor - (floor >> _SLOWING_SHIFT)
        ):
            self._floor_rpm = rpm
            self._floor_ms = now_ms
        elif ticks_diff(now_ms, self._floor_ms) > limits.MOTOR_RUNAWAY_MS:
            return fault_table.MOTOR_RUNAWAY
        return 0
