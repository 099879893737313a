"""Guard the motor by tach, supply and commanded duty; share nothing with the regulator."""

from micropython import const

from massager.core import limits
from massager.core.motor.thermal_model import MotorThermalModel
from massager.core.safety import fault_table
from massager.core.signals import ABSENT, Measurements
from massager.core.units import approach, ticks_diff

_FALL_RPM = limits.MOTOR_RAMP_RPM_PER_S * limits.MOTOR_TICK_MS // 1000
_NOMINAL_MV = const(12_000)
_LINE_BITS = const(10)  # the slope of the back-EMF line is in 1/1024 mV per rpm
_ANY_RPM = const(1 << 16)  # faster than anything: the first speed measured is slower
_FORGET_MS = limits.MOTOR_TICK_MS // 4  # a tach of false pulses looks right at every other look
_SLOWING_SHIFT = const(4)  # a sixteenth slower is slowing down; less is the tach's jitter


class MotorGuard:
    """Raise the motor conditions of the fault table, every MOTOR_TICK_MS.

    `conditions` are bits of the motor group. `cut` withholds the drive without a fault: after
    a stall the motor rests for MOTOR_RETRY_MS and gets another soft start, MOTOR_RETRIES times,
    before a fault is raised. Without a tach nothing is raised. `line` is the board's motor data.
    """

    def __init__(self, line: dict[str, int]) -> None:
        self.conditions = 0
        self.cut = False
        self._thermal = MotorThermalModel(line)
        self._edges = ABSENT
        self._edge_ms = 0  # last edge, or when the drive began
        self._soft_ms = 0  # last time the duty was at or below MOTOR_STALL_PERMILLE
        self._stalls = 0
        self._stall_ms = 0
        self._idle_mv = 0  # supply with the motor off
        self._sag_mv = 0  # fall of the supply below that
        self._soft_sag_mv = 0  # the same when last driven at MOTOR_SAG_PERMILLE or less
        # the set-point, falling no faster than the ramp; after a reset a shaft still turns
        self._ceiling_rpm = limits.MOTOR_MAX_RPM
        self._floor_rpm = _ANY_RPM  # slowest speed since the motor was switched off …
        self._floor_ms = 0  # … and when that was measured
        self._slope = (_NOMINAL_MV << _LINE_BITS) // line["rpm_at_12v"]
        self._implausible_ms = 0  # driven, while speed and drive do not agree
        self._tach_edges = 0
        self._tach_updates = 0
        self._bad_edges = 0  # weighed against the good ones

    def step(self, now_ms: int, measured: Measurements, set_rpm: int, motor_permille: int) -> None:
        """Check one step; `motor_permille` is the duty commanded in the last one."""
        if measured.motor_edges == ABSENT:
            return
        if motor_permille:
            self._floor_rpm = measured.motor_rpm
            self._floor_ms = now_ms
            self._sag_mv = self._idle_mv - measured.supply_mv
            self.conditions = self._check_stall(
                now_ms, measured.motor_edges, motor_permille
            ) | self._check_speed(measured, motor_permille)
            self._check_edges(measured)
        else:
            self._edge_ms = now_ms
            self._soft_ms = now_ms
            self._idle_mv = measured.supply_mv
            self.conditions = self._check_runaway(now_ms, measured.motor_rpm)
        if self._stalls:
            self._update_retry(now_ms)
        if self._is_overspeed(measured.motor_rpm, set_rpm):
            self.conditions |= fault_table.MOTOR_OVERSPEED
        if self._thermal.too_hot:
            self.conditions |= fault_table.MOTOR_OVERHEATED

    def step_slow(self, measured: Measurements, motor_permille: int) -> None:
        """Update the thermal model; call every tenth tick."""
        if measured.motor_rpm != ABSENT:
            self._thermal.step(measured.motor_rpm, measured.supply_mv, motor_permille)

    def _is_overspeed(self, rpm: int, set_rpm: int) -> bool:
        ceiling = self._ceiling_rpm
        if ceiling != set_rpm:
            ceiling = approach(ceiling, set_rpm, _FALL_RPM) if ceiling > set_rpm else set_rpm
            self._ceiling_rpm = ceiling
        if ceiling < limits.MOTOR_MIN_RPM:
            ceiling = limits.MOTOR_MIN_RPM
        return rpm * 100 > ceiling * limits.MOTOR_OVERSPEED_PERCENT

    def _update_retry(self, now_ms: int) -> None:
        """Hold the drive off after a stall; forget stalls after MOTOR_RETRY_FORGET_MS."""
        since_ms = ticks_diff(now_ms, self._stall_ms)
        self.cut = since_ms < limits.MOTOR_RETRY_MS
        if since_ms > limits.MOTOR_RETRY_FORGET_MS:
            self._stalls = 0

    def _check_stall(self, now_ms: int, tach_edges: int, motor_permille: int) -> int:
        """Detect a shaft that stands still while driven: hard for 0.5 s, or at all for 1 s.

        Return TACH_LOST or MOTOR_STALLED once the retries are used up.
        """
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
        return (
            fault_table.TACH_LOST if self._supply_shows_rotation() else fault_table.MOTOR_STALLED
        )

    def _check_speed(self, measured: Measurements, motor_permille: int) -> int:
        """Compare the measured speed with the drive, the duty times the supply.

        A back-EMF above the drive is impossible: the tach gives too many pulses (TACH_LOST). So
        much drive for so little speed is a shaft that hardly turns, or a tach that gives too
        few: both overheat or overspeed the motor within minutes (MOTOR_OVERHEATED).
        """
        supply_mv = measured.supply_mv
        drive_mv = motor_permille * (_NOMINAL_MV if supply_mv == ABSENT else supply_mv) // 1000
        emf_mv = measured.motor_rpm * self._slope >> _LINE_BITS
        is_fast = emf_mv * 100 > drive_mv * limits.MOTOR_EMF_PERCENT
        if not is_fast and drive_mv - emf_mv < limits.MOTOR_LOSS_MAX_MV:
            if self._implausible_ms:
                self._implausible_ms -= _FORGET_MS
            return 0
        self._implausible_ms += limits.MOTOR_TICK_MS
        if self._implausible_ms > limits.MOTOR_IMPLAUSIBLE_MS:
            self._implausible_ms = 0
            return fault_table.TACH_LOST if is_fast else fault_table.MOTOR_OVERHEATED
        return 0

    def _check_edges(self, measured: Measurements) -> None:
        """Raise TACH_LOST for a tach that keeps giving edges which no turning shaft makes.

        Such an edge changes the speed by more than an eccentric can, and is no update.
        """
        if measured.motor_edges == self._tach_edges:
            return
        self._tach_edges = measured.motor_edges
        if measured.motor_updates != self._tach_updates:
            self._tach_updates = measured.motor_updates
            if self._bad_edges:
                self._bad_edges -= 1
        elif self._bad_edges < limits.MOTOR_BAD_EDGES_MAX:
            self._bad_edges += limits.MOTOR_BAD_EDGE_WEIGHT
        else:
            self.conditions |= fault_table.TACH_LOST

    def _supply_shows_rotation(self) -> bool:
        """Return whether the last retry drew the current of a turning motor.

        A start drives a shaft at rest ever harder. If the shaft is blocked, the current grows
        with the duty and the supply's share of it again: twice the duty, four times the sag.
        If it turns, the back-EMF grows too, and the sag by half of that. When unclear, the
        shaft counts as blocked.
        """
        sag_mv = self._sag_mv
        if sag_mv < limits.MOTOR_SAG_MIN_MV or sag_mv > limits.MOTOR_SAG_MAX_MV:
            return False
        return sag_mv < self._soft_sag_mv * limits.MOTOR_SAG_GROWTH

    def _check_runaway(self, now_ms: int, rpm: int) -> int:
        """Detect a shaft that turns with the drive off and does not slow down."""
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
