"""All regulators side by side: measurements and setpoints in, requested outputs out.

The gate decides what of the requests reaches the outputs.
"""

from massager.core.air.sequencer import REST, AirSequencer
from massager.core.heat.dose import HeatDose
from massager.core.heat.regulator import HeatRegulator
from massager.core.motor.speed import MotorSpeed
from massager.core.safety import fault_table, supervisor
from massager.core.safety.selftest import SelfTest
from massager.core.signals import Measurements, Outputs, Setpoints, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOVES_AIR = (supervisor.RUN, supervisor.ENDING, supervisor.STOPPING)
_STOPS_PUMP = fault_table.STOPS_AIR | fault_table.STOPS_ALL | fault_table.STOPS_SESSION
_GOES_ON = (supervisor.CHECK, supervisor.RUN, supervisor.ENDING)


class Regulators:
    """Heat, air and motor, each with the outputs it requests; `dose` ends the heat.

    `air_source` is the part that requests pump and valves: the air or, in CHECK, the
    self-test. `reported` holds the air conditions that self-test and diagnosis found in the
    last step of the air. While `hold_still`, nothing is driven from the next rest of the air
    on. `measured` and `setpoints` are the controller's.
    """

    def __init__(
        self,
        board: "dict[str, Any]",
        settings: Settings,
        measured: Measurements,
        setpoints: Setpoints,
        heat: "HeatRegulator | None" = None,
        air: "AirSequencer | None" = None,
        motor: "MotorSpeed | None" = None,
    ) -> None:
        roles = board["roles"]
        chamber_count = sum([role.startswith("chamber_") for role in roles])
        self.hold_still = False
        self.reported = 0
        self.heat = heat or HeatRegulator()
        self.air = air or AirSequencer(chamber_count, "exhaust" in roles, settings)
        self.motor = motor or MotorSpeed(board["motor"], board.get("tach_pulses_per_turn", 1))
        self.dose = HeatDose(settings.dose_s, settings.dose_spent != 0)
        self.selftest = SelfTest()
        self._measured = measured
        self._setpoints = setpoints
        self.enter(supervisor.OFF)

    def enter(self, state: int) -> None:
        """Prepare all regulators for `state`, which begins now."""
        self.selftest.reset()
        self.air_source = self.selftest if state == supervisor.CHECK else self.air
        if state not in _GOES_ON:
            self.heat.off()
            self.motor.off()
            if state == supervisor.STOPPING:
                self.air.stop()
            else:
                self.air.off()

    def is_at_rest(self, outputs: Outputs) -> bool:
        """Return whether the motor stands and the chambers are verified empty."""
        return outputs.motor_permille == 0 and self.air.phase == REST

    def step_air(self, now_ms: int, state: int, stops: int) -> int:
        """Step the air by 20 ms: squeeze, release or test the lines.

        Return the pressure (Pa) that the sensor shows with certainly no pressure, once that
        has been found; else 0.
        """
        air = self.air
        pressure_pa = self._measured.pressure_pa
        zero_pa = 0
        if state in _MOVES_AIR:
            may_pump = not stops & _STOPS_PUMP
            if self.hold_still and air.phase == REST:
                pass
            elif self._setpoints.air_on and may_pump and state != supervisor.STOPPING:
                zero_pa = air.step(now_ms, pressure_pa, self._setpoints)
            else:
                zero_pa = air.halt(now_ms, pressure_pa, self._setpoints, may_pump)
        elif state == supervisor.CHECK:
            self.selftest.step(now_ms, pressure_pa)
        self.reported = self.selftest.conditions | air.diagnosis.conditions
        return zero_pa

    def step_motor(self, state: int, stops: int) -> None:
        """Step the motor by 20 ms: turn or come to rest."""
        if state != supervisor.RUN and state != supervisor.ENDING:
            return
        setpoints = self._setpoints
        if stops & fault_table.STOPS_AIR:
            self.air.abort()  # a warning may have passed by the tick that is the air's
        if stops & fault_table.STOPS_MOTOR or (self.hold_still and self.air.phase == REST):
            self.motor.off()
        elif setpoints.motor_on:
            self.motor.step(setpoints.motor_pattern, setpoints.motor_set_rpm, self._measured)
        else:
            self.motor.stop()

    def step_heat(self, state: int, stops: int) -> None:
        """Step the heat by 100 ms towards its set-point, or switch it off."""
        setpoints = self._setpoints
        if (
            state != supervisor.RUN
            or not setpoints.heat_on
            or stops & fault_table.STOPS_HEAT
            or self.dose.spent
            or (self.hold_still and self.air.phase == REST)
        ):
            self.heat.off()
        else:
            self.heat.step(setpoints.heat_set_mc)
