"""All regulators side by side: measurements and wishes in, proposals out. The gate has the say."""

from massager.core.air.sequencer import REST, AirSequencer
from massager.core.heat.dose import HeatDose
from massager.core.heat.regulator import HeatRegulator
from massager.core.motor.speed import MotorSpeed
from massager.core.safety import fault_table, supervisor
from massager.core.safety.selftest import SelfTest

_BREATHES = (supervisor.RUN, supervisor.ENDING, supervisor.STOPPING)
_STOPS_PUMP = fault_table.STOPS_AIR | fault_table.STOPS_ALL | fault_table.STOPS_SESSION
_GOES_ON = (supervisor.CHECK, supervisor.RUN, supervisor.ENDING)


class Regulators:
    """Heat, air and motor, each with what it proposes; `dose` ends the heat.

    `air_source` is who proposes pump and valves: the air or, in CHECK, the self-test. `measured`
    and `setpoints` are those of the controller, `guards` say what is stopped, `pressure` is the
    sensor, whose zero the air may find. While `still`, nothing is driven from the next rest of
    the air on.
    """

    def __init__(self, board, settings, measured, setpoints, guards, pressure):
        roles = board["roles"]
        chamber_count = sum([role.startswith("chamber_") for role in roles])
        self.still = False
        self.heat = HeatRegulator()
        self.air = AirSequencer(chamber_count, "exhaust" in roles, settings)
        self.motor = MotorSpeed(board["motor"], board.get("tach_pulses_per_turn", 1))
        self.dose = HeatDose(settings.dose_s)
        self.selftest = SelfTest()
        self._measured = measured
        self._setpoints = setpoints
        self._guards = guards
        self._pressure = pressure
        self.enter(supervisor.OFF)

    def enter(self, state):
        """The device is in `state` from now on."""
        self.selftest.reset()
        self.air_source = self.selftest if state == supervisor.CHECK else self.air
        if state not in _GOES_ON:
            self.heat.off()
            self.motor.off()
            if state == supervisor.STOPPING:
                self.air.stop()
            else:
                self.air.off()

    def is_at_rest(self, outputs):
        """Whether the motor stands and the air is proved vented."""
        return outputs.motor_permille == 0 and self.air.phase == REST

    def step_air(self, now_ms, state):
        """Squeeze, let go, or prove the lines: 20 ms have passed."""
        air = self.air
        pressure_pa = self._measured.pressure_pa
        if state in _BREATHES:
            may_pump = not self._guards.stops & _STOPS_PUMP
            if self.still and air.phase == REST:
                pass
            elif self._setpoints.air_on and may_pump and state != supervisor.STOPPING:
                air.step(now_ms, pressure_pa, self._setpoints)
            else:
                air.halt(now_ms, pressure_pa, self._setpoints, may_pump)
            if air.zero_pa:
                self._pressure.correct_zero(air.zero_pa)
                air.zero_pa = 0
        elif state == supervisor.CHECK:
            self.selftest.step(now_ms, pressure_pa)
        self._guards.seen = self.selftest.conditions | air.diagnosis.conditions

    def step_motor(self, state):
        """Turn or come to rest: 20 ms have passed."""
        if state != supervisor.RUN and state != supervisor.ENDING:
            return
        setpoints = self._setpoints
        if self._guards.stops & fault_table.STOPS_AIR:
            self.air.abort()  # a warning may have passed by the tick that is the air's
        if self._guards.stops & fault_table.STOPS_MOTOR or (self.still and self.air.phase == REST):
            self.motor.off()
        elif setpoints.motor_on:
            self.motor.step(setpoints.motor_pattern, setpoints.motor_set_rpm, self._measured)
        else:
            self.motor.stop()

    def step_heat(self, state):
        """Warm the pad: 100 ms have passed."""
        setpoints = self._setpoints
        if (
            state != supervisor.RUN
            or not setpoints.heat_on
            or self._guards.stops & fault_table.STOPS_HEAT
            or self.dose.spent
            or (self.still and self.air.phase == REST)
        ):
            self.heat.off()
        else:
            self.heat.step(setpoints.heat_set_mc)
