"""Turns the oscillation motor: soft start, smooth changes, a speed that load does not pull down.

The wish is turned into volts along the motor's load line and into duty at the supply of
the moment. With a tach a PI law corrects once for every edge: at 600 rpm that is ten
times a second, and a value from the middle of a turn would only show the eccentric.
"""

from micropython import const

from massager.core import limits
from massager.core.signals import ABSENT
from massager.core.units import approach, clamp

_STEP_RPM = limits.MOTOR_RAMP_RPM_PER_S * limits.TICK_MS // 1000
_NOMINAL_MV = const(12_000)
_LINE_BITS = const(10)  # the slope of the load line is in 1/1024 mV per rpm
_USUAL_LOAD_MV = const(600)  # what winding and brushes take, where the board does not say

_P_BITS = const(4)
_P_GAIN = const(24)  # 1.5 rpm of drive per rpm of error
_I_BITS = const(8)
_I_GAIN = const(166)  # 0.65 rpm of drive per rpm of error and turn
_LEAD_RPM = const(60)  # drive ahead of a ramp, for an eccentric that takes 0.15 s to follow
_ERROR_SHIFT = const(2)  # no error counts more than a quarter of the set-point: a bad edge
_INTEGRAL_MAX_RPM = const(2_500)

_KICK_STEP_MV = const(60)  # the drive of a start grows by 6 V/s until the shaft moves …
_KICK_MAX_MV = limits.MOTOR_KICK_MAX_MV
_KICK_RPM = const(300)  # … and below this a speed is not worth regulating
_KICK_BLIND_TICKS = const(40)  # without a tach: long enough to move a loaded shaft

_REST = const(0)
_KICK = const(1)
_TURNING = const(2)


class MotorSpeed:
    """Proposes `permille` for the motor each tick.

    `line` is the board's motor data: `rpm_at_12v`, the speed at full duty with the
    eccentric on, and optionally `load_mv`, the volts that the usual load takes.
    """

    def __init__(self, line, pulses_per_turn=1):
        load_mv = line.get("load_mv", _USUAL_LOAD_MV)
        self.permille = 0
        self.ramp_rpm = 0  # the set-point on its way
        self._load_mv = load_mv
        self._slope = ((_NOMINAL_MV - load_mv) << _LINE_BITS) // line["rpm_at_12v"]
        self._i_gain = _I_GAIN // pulses_per_turn
        self._phase = _REST
        self._updates = 0
        self._integral = 0  # rpm of drive, in 1/256
        self._correction_rpm = 0
        self._kick_mv = 0
        self._kick_ticks = 0
        self._rest_uv = 0  # what whole permille could not express last tick

    def off(self):
        """No drive; the next start is a soft one."""
        self.permille = 0
        self.ramp_rpm = 0
        self._phase = _REST

    def stop(self):
        """One tick of a soft stop, at rest within MOTOR_STOP_MS."""
        self.permille = approach(self.permille, 0, limits.MOTOR_STOP_STEP_PERMILLE)
        self.ramp_rpm = 0
        self._phase = _REST

    def step(self, set_rpm, measured):
        """One tick towards `set_rpm`, with the speed and the supply in `measured`."""
        supply_mv = measured.supply_mv
        supply_mv = _NOMINAL_MV if supply_mv == ABSENT else clamp(supply_mv, 8_000, 16_000)
        phase = self._phase
        if phase != _TURNING:
            if phase == _REST:
                self._begin(measured)
            drive_mv = self._kick(measured)
        else:
            ramp = self.ramp_rpm
            set_rpm = clamp(set_rpm, 0, limits.MOTOR_MAX_RPM)
            lead = 0
            if ramp != set_rpm:
                lead = _LEAD_RPM if ramp < set_rpm else -_LEAD_RPM
                self.ramp_rpm = ramp = approach(ramp, set_rpm, _STEP_RPM)
            updates = measured.motor_updates
            if updates != self._updates:
                self._updates = updates
                self._correct(measured.motor_rpm)
            drive_rpm = ramp + lead + self._correction_rpm
            drive_mv = self._load_mv + (drive_rpm * self._slope >> _LINE_BITS)
        if drive_mv <= 0:
            self.permille = 0
            return
        # the remainder goes into the next tick: a permille is 3 rpm, half a percent of 600
        wished_uv = drive_mv * 1000 + self._rest_uv
        permille = wished_uv // supply_mv
        if permille >= 1000:
            self.permille = 1000
            self._rest_uv = 0
        else:
            self.permille = permille
            self._rest_uv = wished_uv - permille * supply_mv

    def _begin(self, measured):
        self._phase = _KICK
        self._updates = measured.motor_updates
        self._integral = 0
        self._correction_rpm = 0
        self._kick_mv = self._load_mv
        self._kick_ticks = 0
        self._rest_uv = 0

    def _kick(self, measured):
        """The drive in the stall zone: growing until the shaft is seen to turn."""
        has_tach = measured.motor_rpm != ABSENT
        if measured.motor_updates != self._updates or (
            not has_tach and self._kick_ticks >= _KICK_BLIND_TICKS
        ):
            self._phase = _TURNING
            self._updates = measured.motor_updates
            self.ramp_rpm = max(measured.motor_rpm, _KICK_RPM)
        self._kick_ticks += 1
        self._kick_mv = min(self._kick_mv + _KICK_STEP_MV, _KICK_MAX_MV)
        return self._kick_mv

    def _correct(self, rpm):
        """The PI law, once an edge. The integral never moves further into saturation."""
        ramp = self.ramp_rpm
        most = ramp >> _ERROR_SHIFT
        error = clamp(ramp - rpm, -most, most)
        integral = self._integral
        if 0 < self.permille < 1000 or (error > 0) != (self.permille > 0):
            most = _INTEGRAL_MAX_RPM << _I_BITS
            integral = clamp(integral + error * self._i_gain, -most, most)
            self._integral = integral
        self._correction_rpm = (error * _P_GAIN >> _P_BITS) + (integral >> _I_BITS)
