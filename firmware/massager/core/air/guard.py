"""Guard the air by pressure and commanded outputs; share nothing with the sequencer.

Pressure limits are checked every tick, what takes longer than tenths of a second in even ticks,
and the times of the chambers at schedule.GUARD_DWELL.
"""

from micropython import const

from massager.core import limits, schedule
from massager.core.air.dwell_guard import DwellGuard
from massager.core.air.fill_guard import FillGuard
from massager.core.air.vent_guard import VentGuard
from massager.core.safety import fault_table
from massager.core.signals import Outputs
from massager.core.units import NEVER_MS, ticks_diff

_STEP_MS = limits.AIR_TICK_MS
_WARNING_TICKS = limits.PRESSURE_WARNING_MS // limits.TICK_MS
_LOW_STEPS = limits.PRESSURE_LOW_MS // _STEP_MS
_COAST_STEPS = limits.PUMP_COAST_MS // _STEP_MS
_RELEASED_STEPS = limits.RELEASED_MS // _STEP_MS
_REST_STEPS = const(10)  # a pump off for so long has paused: what follows is a hold
_REST_MAX = const(4_000)  # a pump may be off for years: from here on the count goes back …
_REST_BACK = const(2_000)  # … by this, and with it whatever it is compared to
_RISEN_STEPS = const(2)  # one may be a wild reading …
_RISEN_WITHIN_STEPS = const(100)  # … and so may others that come much later
_TRAPPED_PA = const(2_667)  # a relief valve at work lets 20 mmHg more stand in the manifold


class AirGuard:
    """Raise the air conditions of the fault table (`conditions`, bits), every tick."""

    def __init__(self, has_exhaust: bool) -> None:
        self.conditions = 0
        self._has_exhaust = has_exhaust
        self._fill = FillGuard()
        self._vent = VentGuard()
        self._dwell = DwellGuard()
        self._step_conditions = 0  # of the last even tick
        self._dwell_conditions = 0
        self._low_steps = 0  # below what any chamber can show
        self._warning_ticks = 0
        self._warnings = 0
        self._warned_ms = NEVER_MS
        self._chambers = 0
        self._changed_steps = 0  # since the valves last moved
        self._rest_steps = 0  # since the pump last ran
        self._opened_at = 0  # value of `_rest_steps` when a valve last opened
        self._rest_pa = 0  # lowest pressure since
        self._risen_steps = 0
        self._risen_at = 0  # value of `_rest_steps` at the last rise

    def step(self, now_ms: int, tick: int, pressure_pa: int, outputs: Outputs) -> None:
        """Check this tick's pressure against the outputs commanded in the last one.

        `tick` is one of schedule.py.
        """
        conditions = 0
        if pressure_pa >= limits.PRESSURE_WARNING_PA:
            conditions = self._check_overpressure(now_ms, pressure_pa, outputs)
        elif pressure_pa < limits.PRESSURE_VALID_MIN_PA:
            conditions = fault_table.PRESSURE_INVALID
        if not tick & schedule.ODD:
            self._step_conditions = self._check_step(tick, pressure_pa, outputs)
        self.conditions = self._step_conditions | conditions

    def _check_overpressure(self, now_ms: int, pressure_pa: int, outputs: Outputs) -> int:
        """Return the conditions of a pressure above PRESSURE_WARNING_PA.

        With all valves released and the pump off it is no pressure on a leg, and nothing more
        can be done: it is the pump's last air, trapped in the few millilitres of the manifold.
        """
        chambers = outputs.chambers
        conditions = 0
        if chambers or outputs.pump_permille:
            conditions = fault_table.PRESSURE_WARNING
            if pressure_pa >= limits.PRESSURE_TRIP_PA:
                conditions |= fault_table.PRESSURE_TRIP
            self._warning_ticks += 1
            if self._warning_ticks == _WARNING_TICKS:
                conditions |= self._count_warning(now_ms)
        else:
            self._warning_ticks = 0
        if pressure_pa > limits.PRESSURE_VALID_MAX_PA + (0 if chambers else _TRAPPED_PA):
            conditions |= fault_table.PRESSURE_INVALID
        return conditions

    def _count_warning(self, now_ms: int) -> int:
        """Count a warning; return the condition of several within a session, which stays."""
        if not 0 <= ticks_diff(now_ms, self._warned_ms) <= limits.SESSION_MAX_MS:
            self._warnings = 0
        self._warned_ms = now_ms
        self._warnings += 1
        if self._warnings != limits.PRESSURE_WARNINGS_MAX:
            return 0
        self._warnings = 0
        return fault_table.PRESSURE_REPEATED

    def _check_step(self, tick: int, pressure_pa: int, outputs: Outputs) -> int:
        """Return the conditions that take time, in even ticks."""
        chambers = outputs.chambers
        fill = self._fill
        vent = self._vent
        if chambers != self._chambers:
            self._note_valve_change(chambers)
        if not chambers:
            vent.test_pa = pressure_pa
        if pressure_pa < limits.PRESSURE_WARNING_PA:
            self._warning_ticks = 0
        if outputs.pump_permille:
            self._rest_steps = 0
            self._opened_at = 0
            self._risen_steps = 0
            conditions = fill.step(pressure_pa, chambers)
            if vent.unverified and chambers:
                conditions |= fault_table.VENT_FAILED  # pumping before the last vent is verified
        else:
            conditions = self._check_rise(pressure_pa, chambers)
            if vent.unverified:
                is_shut = outputs.exhaust or not self._has_exhaust
                conditions |= vent.step(pressure_pa, chambers if is_shut else 0)
        if fill.filling and not chambers:
            self._changed_steps += 1
            if self._changed_steps >= _RELEASED_STEPS:
                vent.release(fill.filling, self._changed_steps)
                fill.release()
        if not limits.PRESSURE_VALID_MIN_PA <= pressure_pa < limits.PRESSURE_LOW_PA:
            self._low_steps = 0
        else:
            self._low_steps += 1
            if self._low_steps > _LOW_STEPS:
                self._low_steps = _LOW_STEPS
                conditions |= fault_table.PRESSURE_ZERO_OFF
        if tick == schedule.GUARD_DWELL:
            self._dwell_conditions = self._dwell.step(pressure_pa, chambers, fill.held_pa)
        return conditions | self._dwell_conditions

    def _note_valve_change(self, chambers: int) -> None:
        self._chambers = chambers
        self._changed_steps = 0
        self._vent.verified_steps = 0
        # an opening chamber may raise the pressure; in a closed manifold nothing may
        self._opened_at = self._rest_steps if chambers else 0

    def _check_rise(self, pressure_pa: int, chambers: int) -> int:
        """Detect a pressure that rises with the pump off.

        A rise in a closed manifold can only be a pump that runs. It shows as briefly as the
        line test keeps the manifold closed, so rises are counted.
        """
        rest = self._rest_steps + 1
        if rest > _REST_MAX:
            rest -= _REST_BACK
            self._opened_at = max(self._opened_at - _REST_BACK, 0)
            self._risen_at = max(self._risen_at - _REST_BACK, 0)
        self._rest_steps = rest
        if chambers and rest >= _REST_STEPS:
            self._fill.hold(pressure_pa)
        if rest - self._opened_at < _COAST_STEPS or pressure_pa < self._rest_pa:
            self._rest_pa = pressure_pa
        elif pressure_pa > self._rest_pa + limits.RISING_PA:
            if chambers:
                return fault_table.PRESSURE_RISING
            if rest - self._risen_at > _RISEN_WITHIN_STEPS:
                self._risen_steps = 0
            self._risen_at = rest
            self._risen_steps += 1
        return fault_table.PRESSURE_RISING if self._risen_steps >= _RISEN_STEPS else 0
