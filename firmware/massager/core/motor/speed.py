"""Regulate the motor's speed: soft start, ramps, constant speed under load.

The set-point is converted to a voltage by the motor's load line and to a duty by the measured
supply. With a tach, a PI law corrects once per edge: at 600 rpm that is ten times a second,
and a value taken within a turn would only show the eccentric.
"""

from micropython import const

from massager.core import limits
from massager.core.motor.patterns import Pattern
from massager.core.signals import ABSENT, Measurements
from massager.core.units import approach, clamp

_STEP_RPM = limits.MOTOR_RAMP_RPM_PER_S * limits.MOTOR_TICK_MS // 1000
_STOP_STEP_PERMILLE = limits.MOTOR_STOP_STEP_PERMILLE * limits.MOTOR_TICK_MS // limits.TICK_MS
_NOMINAL_MV = const(12_000)
_SUPPLY_MIN_MV = const(8_000)
_SUPPLY_MAX_MV = const(16_000)
_LINE_BITS = const(10)  # the slope of the load line is in 1/1024 mV per rpm
_USUAL_LOAD_MV = const(600)  # lost in winding and brushes, where the board does not say

_P_BITS = const(4)
_P_GAIN = const(28)  # 1.75 rpm of drive per rpm of error
_I_BITS = const(8)
_I_GAIN = const(166)  # 0.65 rpm of drive per rpm of error and turn
_LEAD_RPM = const(110)  # drive ahead of a ramp, for an eccentric that takes 0.27 s to follow
_HALF_TURN = limits.MOTOR_RAMP_RPM_PER_S * 30  # rpm that the ramp moves in half a turn, times rpm
_ERROR_SHIFT = const(2)  # errors are limited to a quarter of the set-point: a bad edge
_INTEGRAL_MAX_RPM = const(2_500)

_KICK_STEP_MV = const(150)  # the drive of a start grows by 7.5 V/s until the shaft moves …
_KICK_HOLD_STEPS = const(5)  # … stays for 0.1 s after an edge, then grows on
_KICK_RPM = const(300)  # regulation starts at this speed …
_SLIP_RPM = const(150)  # … and falls back to the start below this one
_KICK_BLIND_STEPS = const(20)  # without a tach: long enough to move a loaded shaft

_STOPPED = const(0)
_KICK = const(1)
_TURNING = const(2)


class MotorSpeed:
    """Propose `permille` for the motor, every MOTOR_TICK_MS.

    `ramp_rpm` is the set-point on its way. `line` is the board's motor data: `rpm_at_12v`, the
    speed at full duty with the eccentric on, and optionally `load_mv`, the volts that the usual
    load takes.
    """

    def __init__(self, line: dict[str, int], pulses_per_turn: int = 1) -> None:
        load_mv = line.get("load_mv", _USUAL_LOAD_MV)
        self.permille = 0
        self.ramp_rpm = 0
        self._pattern = Pattern()
        self._load_mv = load_mv
        self._slope = ((_NOMINAL_MV - load_mv) << _LINE_BITS) // line["rpm_at_12v"]
        self._i_gain = _I_GAIN // pulses_per_turn
        self._phase = _STOPPED
        self._updates = 0
        self._edges = 0
        self._integral = 0  # rpm of drive, in 1/256
        self._correction_rpm = 0
        self._drive_mv = 0
        self._kick_steps = 0
        self._hold_steps = 0
        self._remainder_uv = 0  # what whole permille could not express in the last step

    def off(self) -> None:
        """Switch the drive off; the next start is a soft one and begins the pattern anew."""
        self.permille = 0
        self._reset()

    def stop(self) -> None:
        """Lower the duty by one step of a soft stop, to 0 within MOTOR_STOP_MS."""
        if self.permille:
            self.permille = approach(self.permille, 0, _STOP_STEP_PERMILLE)
            self._reset()

    def _reset(self) -> None:
        if self._phase != _STOPPED:
            self._phase = _STOPPED
            self.ramp_rpm = 0
            self._pattern.reset()

    def step(self, pattern: int, set_rpm: int, measured: Measurements) -> None:
        """Regulate one step of `pattern` (signals.MOTOR_*) up to `set_rpm`.

        Speed and supply in `measured` may be ABSENT.
        """
        if self._phase == _TURNING:
            set_rpm = clamp(self._pattern.step(pattern, set_rpm), 0, limits.MOTOR_MAX_RPM)
            self._drive(self._turn(set_rpm, measured), measured.supply_mv)
        else:
            self._drive(self._kick(measured), measured.supply_mv)

    def _drive(self, drive_mv: int, supply_mv: int) -> None:
        """Convert volts at the motor to a duty of the present supply."""
        if not _SUPPLY_MIN_MV <= supply_mv <= _SUPPLY_MAX_MV:
            if supply_mv == ABSENT:
                supply_mv = _NOMINAL_MV
            else:
                supply_mv = clamp(supply_mv, _SUPPLY_MIN_MV, _SUPPLY_MAX_MV)
        self._drive_mv = drive_mv
        # the remainder goes into the next step: a permille is 3 rpm, half a percent of 600
        requested_uv = (drive_mv if drive_mv > 0 else 0) * 1000 + self._remainder_uv
        permille = requested_uv // supply_mv
        if permille >= 1000:
            self.permille = 1000
            self._remainder_uv = 0
        else:
            self.permille = permille
            self._remainder_uv = requested_uv - permille * supply_mv

    def _begin_kick(self, measured: Measurements) -> None:
        self._phase = _KICK
        self._drive_mv = self._load_mv
        self._updates = measured.motor_updates
        self._edges = measured.motor_edges
        self._kick_steps = 0
        self._hold_steps = 0
        self._integral = 0
        self._correction_rpm = 0
        self._remainder_uv = 0

    def _kick(self, measured: Measurements) -> int:
        """Return the drive of a start in mV: growing while the shaft does not move."""
        if self._phase == _STOPPED:
            self._begin_kick(measured)
        drive_mv = self._drive_mv
        if measured.motor_rpm == ABSENT:
            self._kick_steps += 1
            if self._kick_steps > _KICK_BLIND_STEPS:
                self._phase = _TURNING
                self.ramp_rpm = _KICK_RPM
        elif measured.motor_updates != self._updates and measured.motor_rpm >= _SLIP_RPM:
            self._phase = _TURNING
            self.ramp_rpm = ramp = max(measured.motor_rpm, _KICK_RPM)
            # half of what the load seems to take: the rest went into breaking loose
            load_rpm = ((drive_mv - self._load_mv) << _LINE_BITS) // self._slope - ramp
            self._correction_rpm = max(load_rpm, 0) >> 1
            self._integral = self._correction_rpm << _I_BITS
        if measured.motor_edges != self._edges:
            self._edges = measured.motor_edges
            self._hold_steps = _KICK_HOLD_STEPS
        if self._hold_steps:
            self._hold_steps -= 1
        else:
            drive_mv = min(drive_mv + _KICK_STEP_MV, limits.MOTOR_KICK_MAX_MV)
        return drive_mv

    def _turn(self, set_rpm: int, measured: Measurements) -> int:
        """Return the drive of a turning motor in mV: load line plus correction."""
        ramp = self.ramp_rpm
        lead = 0
        if self.permille == 0 and 0 <= measured.motor_rpm < _SLIP_RPM:
            self._begin_kick(measured)  # no drive and no edge that would correct it
            return self._load_mv
        if ramp != set_rpm:
            if ramp < limits.MOTOR_MIN_RPM and 0 <= measured.motor_rpm < _SLIP_RPM:
                self._phase = _KICK  # stopped again before it had reached the slowest speed
                self._edges = measured.motor_edges
            lead = _LEAD_RPM if ramp < set_rpm else -_LEAD_RPM
            self.ramp_rpm = ramp = approach(ramp, set_rpm, _STEP_RPM)
        updates = measured.motor_updates
        if updates != self._updates:
            self._updates = updates
            self._correct(measured.motor_rpm, lead)
        drive_rpm = ramp + lead + self._correction_rpm
        return self._load_mv + (drive_rpm * self._slope >> _LINE_BITS)

    def _correct(self, rpm: int, lead: int) -> None:
        """Apply the PI law to one edge. The integral never moves further into saturation."""
        ramp = self.ramp_rpm
        if lead:  # a measured speed is the mean of a turn, and so half a turn old
            rpm += _HALF_TURN // rpm if lead > 0 else -_HALF_TURN // rpm
        error_max = ramp >> _ERROR_SHIFT
        error = clamp(ramp - rpm, -error_max, error_max)
        integral = self._integral
        if 0 < self.permille < 1000 or (error > 0) != (self.permille > 0):
            integral_max = _INTEGRAL_MAX_RPM << _I_BITS
            integral = clamp(integral + error * self._i_gain, -integral_max, integral_max)
            self._integral = integral
        self._correction_rpm = (error * _P_GAIN >> _P_BITS) + (integral >> _I_BITS)
