"""All guards side by side: measurements and commands in, faults out. They only remove energy."""

from micropython import const

from massager.core import limits
from massager.core.air.guard import AirGuard
from massager.core.heat.guard import HeatGuard
from massager.core.motor.guard import MotorGuard
from massager.core.safety import faults
from massager.core.safety.latches import Faults
from massager.core.signals import ABSENT

_HEAT_TICK = const(2)  # which of ten ticks judges the pad


class Guards:
    """Looks at this tick's measurements and at what the last tick commanded.

    `faults` is what came of it, `heat_cut` forces the pad's PWM to zero without a fault,
    `late_ticks` counts ticks that began more than LATE_COUNT_MS late.
    """

    def __init__(self, has_exhaust, heat_unlocked):
        self.faults = Faults()
        self.late_ticks = 0
        self._heat_locked = not heat_unlocked
        self._heat = HeatGuard()
        self._air = AirGuard(has_exhaust)
        self._motor = MotorGuard()

    @property
    def heat_cut(self):
        """True while the pad is too warm for any more heat."""
        return self._heat.cut

    def step(self, now_ms, tick, inputs, measured, targets, outputs, selftest, button_stuck):
        """One tick; `tick` is 0…9, `selftest` holds conditions of its own."""
        found = self.faults
        self._air.step(now_ms, measured.pressure_pa, outputs)
        found.air.update(now_ms, self._air.conditions | selftest.conditions)
        self._motor.step(
            now_ms,
            inputs.tach_edges,
            measured.motor_rpm,
            targets.motor_set_rpm,
            outputs.motor_permille,
        )
        found.motor.update(now_ms, self._motor.conditions)
        if tick == _HEAT_TICK:
            self._heat.step(measured, targets.heat_set_mc)
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
