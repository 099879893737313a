"""Watches the air: sees pressure and what was commanded, shares nothing with the sequencer.

Pressure against its bounds every tick; what takes longer than tenths of a second to matter
every other tick, and the clocks of the chambers at 10 Hz.
"""

from micropython import const

from massager.core import limits
from massager.core.air.dwell_guard import DwellGuard
from massager.core.air.fill_guard import FillGuard
from massager.core.air.vent_guard import VentGuard
from massager.core.safety import fault_table
from massager.core.units import NEVER_MS, ticks_diff

_STEP_MS = limits.TICK_MS * 2
_CLOCK_STEPS = const(5)
_WARNING_TICKS = limits.PRESSURE_WARNING_MS // limits.TICK_MS
_COAST_STEPS = limits.PUMP_COAST_MS // _STEP_MS
_RELEASED_STEPS = limits.RELEASED_MS // _STEP_MS
_REST_STEPS = const(10)  # the pump has paused: from here on it holds
_REST_MAX = const(4_000)  # a pump may rest for years: from here on the count goes back …
_REST_BACK = const(2_000)  # … by this, and with it whatever it is compared to
_RISEN_STEPS = const(2)  # one may be a wild reading …
_RISEN_WITHIN_STEPS = const(100)  # … and others that come much later as well
_SHUT_IN_PA = const(2_667)  # a relief valve at work lets 20 mmHg more stand in the manifold


class AirGuard:
    """Raises the air conditions of the fault table, every tick."""

    def __init__(self, has_exhaust):
        self.conditions = 0
        self._has_exhaust = has_exhaust
        self._fill = FillGuard()
        self._vent = VentGuard()
        self._clocks = DwellGuard()
        self._is_step = False
        self._found = 0  # by the last step
        self._aged = 0  # what the clocks have found
        self._clock = 0
        self._warning_ticks = 0
        self._warnings = 0
        self._warned_ms = NEVER_MS
        self._chambers = 0
        self._changed_steps = 0  # since the valves last moved
        self._rest_steps = 0  # since the pump last ran
        self._calm_from = 0  # where of these a valve last opened
        self._rest_pa = 0  # lowest pressure since
        self._risen_steps = self._risen_at = 0

    def step(self, now_ms, pressure_pa, outputs):
        """Judge this tick's pressure against the outputs in force."""
        found = 0
        if pressure_pa >= limits.PRESSURE_WARNING_PA:
            found = self._over(now_ms, pressure_pa, outputs)
        elif pressure_pa < limits.PRESSURE_VALID_MIN_PA:
            found = fault_table.PRESSURE_INVALID
        self._is_step = not self._is_step
        if self._is_step:
            self._found = self._watch(pressure_pa, outputs)
        self.conditions = self._found | found

    def _over(self, now_ms, pressure_pa, outputs):
        """Too much. With all valves let go and the pump off this is no leg's pressure, and no
        more can be done: the last breath of the pump, shut into a few millilitres."""
        chambers = outputs.chambers
        found = 0
        if chambers or outputs.pump_permille:
            found = fault_table.PRESSURE_WARNING
            if pressure_pa >= limits.PRESSURE_TRIP_PA:
                found |= fault_table.PRESSURE_TRIP
            self._warning_ticks += 1
            if self._warning_ticks == _WARNING_TICKS:
                # one lets the air out and goes on; several in a session have a cause
                if not 0 <= ticks_diff(now_ms, self._warned_ms) <= limits.SESSION_MAX_MS:
                    self._warnings = 0
                self._warned_ms = now_ms
                self._warnings += 1
                if self._warnings == limits.PRESSURE_WARNINGS_MAX:
                    self._warnings = 0
                    found |= fault_table.PRESSURE_REPEATED
        else:
            self._warning_ticks = 0
        if pressure_pa > limits.PRESSURE_VALID_MAX_PA + (0 if chambers else _SHUT_IN_PA):
            found |= fault_table.PRESSURE_INVALID
        return found

    def _watch(self, pressure_pa, outputs):
        """What takes time."""
        chambers = outputs.chambers
        fill = self._fill
        vent = self._vent
        if chambers != self._chambers:
            self._change(chambers)
        if not chambers:
            vent.breath_pa = pressure_pa
        if pressure_pa < limits.PRESSURE_WARNING_PA:
            self._warning_ticks = 0
        if outputs.pump_permille:
            self._rest_steps = self._calm_from = self._risen_steps = 0
            found = fill.step(pressure_pa, chambers)
            if vent.unproved and chambers:
                found |= fault_table.VENT_FAILED  # pumping again before the last vent was proved
        else:
            found = self._rest(pressure_pa, chambers)
            if vent.unproved:
                is_shut = outputs.exhaust or not self._has_exhaust
                found |= vent.step(pressure_pa, chambers if is_shut else 0)
        if fill.joined and not chambers:
            self._changed_steps += 1
            if self._changed_steps >= _RELEASED_STEPS:
                vent.release(fill.joined, self._changed_steps)
                fill.release()
        self._clock += 1
        if self._clock == _CLOCK_STEPS:
            self._clock = 0
            self._aged = self._clocks.step(pressure_pa, chambers, fill.held_pa)
        return found | self._aged

    def _change(self, chambers):
        self._chambers = chambers
        self._changed_steps = 0
        self._vent.proved_steps = 0
        # what comes out of a chamber may rise; a manifold that nothing opens to may not
        self._calm_from = self._rest_steps if chambers else 0

    def _rest(self, pressure_pa, chambers):
        """Pump off: nothing may rise. A rise in a manifold that nothing opens to can only be a
        pump that runs; it shows as briefly as the lines are looked at, so it is remembered."""
        rest = self._rest_steps + 1
        if rest > _REST_MAX:
            rest -= _REST_BACK
            self._calm_from = max(self._calm_from - _REST_BACK, 0)
            self._risen_at = max(self._risen_at - _REST_BACK, 0)
        self._rest_steps = rest
        if chambers and rest >= _REST_STEPS:
            self._fill.hold(pressure_pa)
        if rest - self._calm_from < _COAST_STEPS or pressure_pa < self._rest_pa:
            self._rest_pa = pressure_pa
        elif pressure_pa > self._rest_pa + limits.RISING_PA:
            if chambers:
                return fault_table.PRESSURE_RISING
            if rest - self._risen_at > _RISEN_WITHIN_STEPS:
                self._risen_steps = 0
            self._risen_at = rest
            self._risen_steps += 1
        return fault_table.PRESSURE_RISING if self._risen_steps >= _RISEN_STEPS else 0
