"""Turns the oscillation motor: soft start, smooth changes, a speed that load does not pull down.

The wish is turned into volts along the motor's load line and into duty at the supply of
the moment. With a tach a PI law corrects once for every edge: at 600 rpm that is ten
times a second, and a value from the middle of a turn would only show the eccentric.
"""

from micropython import const

from massager.core import limits
from massager.core.motor.patterns import Pattern
from massager.core.signals import ABSENT
from massager.core.units import approach, clamp

_STEP_RPM = limits.MOTOR_RAMP_RPM_PER_S * limits.MOTOR_TICK_MS // 1000
_STOP_STEP_PERMILLE = limits.MOTOR_STOP_STEP_PERMILLE * limits.MOTOR_TICK_MS // limits.TICK_MS
_NOMINAL_MV = const(12_000)
_LINE_BITS = const(10)  # the slope of the load line is in 1/1024 mV per rpm
_USUAL_LOAD_MV = const(600)  # what winding and brushes take, where the board does not say

_P_BITS = const(4)
_P_GAIN = const(28)  # 1.75 rpm of drive per rpm of error
_I_BITS = const(8)
_I_GAIN = const(166)  # 0.65 rpm of drive per rpm of error and turn
_LEAD_RPM = const(110)  # drive ahead of a ramp, for an eccentric that takes 0.27 s to follow
_HALF_TURN = limits.MOTOR_RAMP_RPM_PER_S * 30  # rpm that the ramp moves in half a turn, times rpm
_ERROR_SHIFT = const(2)  # no error counts more than a quarter of the set-point: a bad edge
_INTEGRAL_MAX_RPM = const(2_500)

_KICK_STEP_MV = const(150)  # the drive of a start grows by 7.5 V/s until the shaft moves …
_KICK_HOLD_STEPS = const(5)  # … is held at an edge, and grows on where no other follows
_KICK_RPM = const(300)  # below this a speed is not worth regulating …
_SLIP_RPM = const(150)  # … and this one is about to end
_KICK_BLIND_STEPS = const(20)  # without a tach: long enough to move a loaded shaft

_REST = const(0)
_KICK = const(1)
_TURNING = const(2)


class MotorSpeed:
    """Proposes `permille` for the motor, every MOTOR_TICK_MS.

    `line` is the board's motor data: `rpm_at_12v`, the speed at full duty with the
    eccentric on, and optionally `load_mv`, the volts that the usual load takes.
    """

    def __init__(self, line, pulses_per_turn=1):
        load_mv = line.get("load_mv", _USUAL_LOAD_MV)
        self.permille = 0
        self.ramp_rpm = 0  # the set-point on its way
        self._pattern = Pattern()
        self._load_mv = load_mv
        self._slope = ((_NOMINAL_MV - load_mv) << _LINE_BITS) // line["rpm_at_12v"]
        self._i_gain = _I_GAIN // pulses_per_turn
        self._phase = _REST
        self._updates = 0
        self._edges = 0
        self._integral = 0  # rpm of drive, in 1/256
        self._correction_rpm = 0
        self._drive_mv = 0
        self._kick_steps = 0
        self._hold_steps = 0
        self._rest_uv = 0  # what whole permille could not express last tick

    def off(self):
        """No drive; the next start is a soft one, the pattern begins anew."""
        self.permille = 0
        self._rest()

    def stop(self):
        """One step of a soft stop, at rest within MOTOR_STOP_MS."""
        if self.permille:
            self.permille = approach(self.permille, 0, _STOP_STEP_PERMILLE)
            self._rest()

    def _rest(self):
        if self._phase != _REST:
            self._phase = _REST
            self.ramp_rpm = 0
            self._pattern.reset()

    def step(self, pattern, set_rpm, measured):
        """One step of `pattern` (signals.MOTOR_*) up to `set_rpm`.

        `measured` holds the speed and the supply, either ABSENT where it is not measured.
        """
        if self._phase == _TURNING:
            set_rpm = clamp(self._pattern.step(pattern, set_rpm), 0, limits.MOTOR_MAX_RPM)
            self._drive(self._turn(set_rpm, measured), measured.supply_mv)
        else:
            self._drive(self._kick(measured), measured.supply_mv)

    def _drive(self, drive_mv, supply_mv):
        """From volts at the motor to the duty that makes them of this supply."""
        if not 8_000 <= supply_mv <= 16_000:
            supply_mv = _NOMINAL_MV if supply_mv == ABSENT else clamp(supply_mv, 8_000, 16_000)
        self._drive_mv = drive_mv
        # the remainder goes into the next tick: a permille is 3 rpm, half a percent of 600
        wished_uv = (drive_mv if drive_mv > 0 else 0) * 1000 + self._rest_uv
        permille = wished_uv // supply_mv
        if permille >= 1000:
            self.permille = 1000
            self._rest_uv = 0
        else:
            self.permille = permille
            self._rest_uv = wished_uv - permille * supply_mv

    def _kick(self, measured):
        """The drive in the stall zone: growing while the shaft does not move."""
        if self._phase == _REST:
            self._phase = _KICK
            self._drive_mv = self._load_mv
            self._updates = measured.motor_updates
            self._edges = measured.motor_edges
            self._kick_steps = self._hold_steps = 0
            self._integral = 0
            self._correction_rpm = 0
            self._rest_uv = 0
        drive_mv = self._drive_mv
        if measured.motor_rpm == ABSENT:
            self._kick_steps += 1
            if self._kick_steps > _KICK_BLIND_STEPS:
                self._phase = _TURNING
                self.ramp_rpm = _KICK_RPM
        elif measured.motor_updates != self._updates and measured.motor_rpm >= _SLIP_RPM:
            self._phase = _TURNING
            self.ramp_rpm = ramp = max(measured.motor_rpm, _KICK_RPM)
            # half of what the load seems to take: the rest went into getting up
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

    def _turn(self, set_rpm, measured):
        """The drive of a turning motor: along the load line, corrected at every edge."""
        ramp = self.ramp_rpm
        lead = 0
        if ramp != set_rpm:
            if ramp < limits.MOTOR_MIN_RPM and 0 <= measured.motor_rpm < _SLIP_RPM:
                self._phase = _KICK  # fell back into the stall zone before it was through
                self._edges = measured.motor_edges
            lead = _LEAD_RPM if ramp < set_rpm else -_LEAD_RPM
            self.ramp_rpm = ramp = approach(ramp, set_rpm, _STEP_RPM)
        updates = measured.motor_updates
        if updates != self._updates:
            self._updates = updates
            self._correct(measured.motor_rpm, lead)
        drive_rpm = ramp + lead + self._correction_rpm
        return self._load_mv + (drive_rpm * self._slope >> _LINE_BITS)

    def _correct(self, rpm, lead):
        """The PI law, once an edge. The integral never moves further into saturation."""
        ramp = self.ramp_rpm
        if lead:  # what was measured is the mean of a turn, and so half a turn old
            rpm += _HALF_TURN // rpm if lead > 0 else -_HALF_TURN // rpm
        most = ramp >> _ERROR_SHIFT
        error = clamp(ramp - rpm, -most, most)
        integral = self._integral
        if 0 < self.permille < 1000 or (error > 0) != (self.permille > 0):
            most = _INTEGRAL_MAX_RPM << _I_BITS
            integral = clamp(integral + error * self._i_gain, -most, most)
            self._integral = integral
        self._correction_rpm = (error * _P_GAIN >> _P_BITS) + (integral >> _I_BITS)
