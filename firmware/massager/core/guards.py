"""All guards side by side: measurements and commands in, faults out. They only remove energy."""

from micropython import const

from massager.core import limits
from massager.core.air.guard import AirGuard
from massager.core.heat.guard import HeatGuard
from massager.core.motor.guard import MotorGuard
from massager.core.safety import faults
from massager.core.safety.latches import Faults
from massager.core.signals import ABSENT

_HEAT_TICK = const(2)  # which of ten ticks judges the pad …
_MOTOR_TICK = const(8)  # … and the warmth of the motor


class Guards:
    """Looks at this tick's measurements and at what the last tick commanded.

    `faults` is what came of it, `stops` the STOPS_* bits of the faults and of a motor that
    gets a rest, `heat_cut` forces the pad's PWM to zero without a fault,
    `late_ticks` counts ticks that began more than LATE_COUNT_MS late.
    """

    def __init__(self, has_exhaust, motor_line, heat_unlocked):
        self.faults = Faults()
        self.stops = 0
        self.late_ticks = 0
        self._heat_locked = not heat_unlocked
        self._heat = HeatGuard()
        self._air = AirGuard(has_exhaust)
        self._motor = MotorGuard(motor_line)

    @property
    def heat_cut(self):
        """True while the pad is too warm for any more heat."""
        return self._heat.cut

    def step(self, now_ms, tick, inputs, measured, targets, outputs, seen, button_stuck):
        """One tick; `tick` is 0…9, `seen` the air conditions of self-test and diagnosis."""
        found = self.faults
        self._air.step(now_ms, measured.pressure_pa, outputs)
        found.air.update(now_ms, self._air.conditions | seen)
        motor = self._motor
        permille = outputs.motor_permille
        motor.step(now_ms, inputs.tach_edges, measured, targets.motor_set_rpm, permille)
        if tick == _MOTOR_TICK:
            motor.step_slow(measured, permille)
        found.motor.update(now_ms, motor.conditions)
        if inputs.heater_sense != ABSENT and (
            measured.supply_mv == ABSENT or measured.supply_mv >= limits.SUPPLY_MIN_MV
        ):
            welded = self._heat.sense(
                inputs.heater_sense, outputs.heater_enable, outputs.heater_permille
            )
            if welded:
                found.heat.update(now_ms, self._heat.conditions | welded)
        if tick == _HEAT_TICK:
            self._heat.step(measured, targets.heat_set_mc, outputs.heater_permille)
            found.heat.update(now_ms, self._heat.conditions)
        system = faults.BUTTON_STUCK if button_stuck else 0
        if self._heat_locked and targets.heat_on:
            system |= faults.HEAT_LOCKED
        if inputs.late_ms > limits.LATE_COUNT_MS:
            self.late_ticks += 1
            if inputs.late_ms > limits.LATE_TRIP_MS:
                system |= faults.LOOP_LATE
        if measured.supply_mv != ABSENT and measured.supply_mv < limits.SUPPLY_MIN_MV:
            system |= faults.SUPPLY_LOW
        found.system.update(now_ms, system)
        found.add_up()
        self.stops = found.stops | faults.STOPS_MOTOR if motor.cut else found.stops
