"""All guards side by side: measurements and commands in, faults out. They only remove energy.

Pressure and lateness are judged in each tick, the rest by schedule.py.
"""

from massager.core import limits, schedule
from massager.core.air.guard import AirGuard
from massager.core.heat.guard import HeatGuard
from massager.core.motor.guard import MotorGuard
from massager.core.safety import fault_table
from massager.core.safety.fault_manager import FaultManager
from massager.core.signals import ABSENT, Inputs, Measurements, Outputs, Reported, Setpoints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LATE_MOST_MS = limits.LATE_TRIP_MS * 2  # keeps the sum small


class Guards:
    """Judge this tick's measurements against what the last tick commanded.

    `measured` and `setpoints` are the controller's. `faults` holds the faults in force, `stops`
    the STOPS_* bits of them and of a motor that gets a rest. `heat_max_permille` is the most
    power that the pad may get without a fault, 0 where it is too warm for any. `late_ticks`
    counts ticks that began more than LATE_COUNT_MS late.
    """

    def __init__(
        self,
        measured: Measurements,
        setpoints: Setpoints,
        board: "dict[str, Any]",
        heat_unlocked: bool,
        pad_bend_mc: int = 0,
    ) -> None:
        self.faults = FaultManager()
        self.stops = 0
        self.heat_max_permille = 0  # until the pad has been judged once
        self.late_ticks = 0
        self._lost_ms = 0
        self._has_supply = False  # enough for the heater's switches to be judged by it
        self._measured = measured
        self._setpoints = setpoints
        self._heat_locked = not heat_unlocked
        self._heat = HeatGuard(pad_bend_mc)
        self._air = AirGuard("exhaust" in board["roles"])
        self._motor = MotorGuard(board["motor"])

    def step(
        self, now_ms: int, tick: int, inputs: Inputs, outputs: Outputs, reported: Reported
    ) -> None:
        """Judge one tick of schedule.py; `outputs` are those that the last tick commanded,
        `reported` the conditions that other parts have found (signals.Reported)."""
        self._air.step(now_ms, tick, self._measured.pressure_guard_pa, outputs)
        found = self._air.conditions | reported.air
        if found or self.faults.air.awake:
            self.faults.air.update(now_ms, found)
        if tick & schedule.ODD:
            if inputs.heater_sense != ABSENT and self._has_supply:
                self._watch_switches(now_ms, inputs.heater_sense, outputs)
            if tick == schedule.GUARD_PAD_SLOW:
                self._heat.step_slow(self._setpoints.heat_set_mc, outputs.heater_permille)
        else:
            self._has_supply = (
                self._measured.supply_mv >= limits.SUPPLY_MIN_MV
                or self._measured.supply_mv == ABSENT
            )
            self._watch_motor(now_ms, tick, outputs.motor_permille)
            if tick == schedule.GUARD_PAD:
                self._watch_heat(now_ms)
        if (
            inputs.late_ms > limits.LATE_SLACK_MS
            or self._lost_ms
            or tick == schedule.GUARD_PAD
            or tick == schedule.GUARD_SYSTEM
            or self.faults.system.awake
        ):
            self._watch_system(now_ms, inputs.late_ms, outputs, reported.system)
        self.stops = self.faults.stops | (fault_table.STOPS_MOTOR if self._motor.cut else 0)

    def _watch_motor(self, now_ms: int, tick: int, permille: int) -> None:
        motor = self._motor
        motor.step(now_ms, self._measured, self._setpoints.motor_set_rpm, permille)
        if tick == schedule.GUARD_MOTOR:
            motor.step_slow(self._measured, permille)
        if motor.conditions or self.faults.motor.awake:
            self.faults.motor.update(now_ms, motor.conditions)

    def _watch_heat(self, now_ms: int) -> None:
        heat = self._heat
        measured = self._measured
        heat.step(measured.pad_temp_a_mc, measured.pad_temp_b_mc, self._setpoints.heat_set_mc)
        self.heat_max_permille = 0 if heat.cut else heat.power_limit.permille
        self.faults.heat.update(now_ms, heat.conditions)

    def _watch_switches(self, now_ms: int, live: int, outputs: Outputs) -> None:
        welded = self._heat.sense(live, outputs.heater_enable, outputs.heater_permille)
        if welded:
            self.faults.heat.update(now_ms, self._heat.conditions | welded)

    def _watch_system(self, now_ms: int, late_ms: int, outputs: Outputs, found: int) -> None:
        if self._heat_locked and self._setpoints.heat_on:
            found |= fault_table.HEAT_LOCKED
        if late_ms > limits.LATE_SLACK_MS or self._lost_ms:
            found |= self._count_late(late_ms, outputs)
        if not self._has_supply:
            found |= fault_table.SUPPLY_LOW
        self.faults.system.update(now_ms, found)

    def _count_late(self, late_ms: int, outputs: Outputs) -> int:
        """Return LOOP_LATE where too much time was lost, in one go or by and by: every time limit
        counts ticks. With everything off flash may be written, which is slow."""
        if late_ms > limits.LATE_COUNT_MS:
            self.late_ticks += 1
        lost_ms = self._lost_ms + min(late_ms, _LATE_MOST_MS) - limits.LATE_SLACK_MS
        is_driven = outputs.driven()
        self._lost_ms = lost_ms if lost_ms > 0 and is_driven else 0
        if is_driven and max(late_ms, lost_ms) > limits.LATE_TRIP_MS:
            return fault_table.LOOP_LATE
        return 0
