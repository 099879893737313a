"""Watches the air: sees pressure and what was commanded, shares nothing with the sequencer."""

from micropython import const

from massager.core import limits
from massager.core.air.vent_guard import VentGuard
from massager.core.safety import faults
from massager.core.units import NEVER_MS, count_bits, ticks_add, ticks_diff

_FILTER_SHIFT = const(2)  # 30 ms
_FILTER_BITS = const(4)
_REST_TICKS = const(20)  # the pump has paused: from here on it holds
_HIGHER_PA = const(400)  # a stroke that lifts the pressure this far fills, and makes up no leak
_SHUT_IN_PA = const(2_667)  # a relief valve at work lets 20 mmHg more stand in the manifold


class AirGuard:
    """Raises the air conditions of the fault table, every tick."""

    def __init__(self, has_exhaust):
        self.conditions = 0
        self._vent = VentGuard(has_exhaust)
        self._joined = 0  # chambers pumped into since the last release
        self._chambers = 0
        self._changed_ms = 0  # when the valves last moved
        self._fill_left_ms = 0
        self._pumped_ms = 0  # in this cycle without a sign of pressure
        self._sign_seen = False
        self._dead_head_ms = 0
        self._rest_ticks = 0
        self._held = False
        self._held_ms = 0
        self._held_pa = 0
        self._compensated_ms = 0
        self._stopped_ms = NEVER_MS  # when the pump last ran, or a valve moved
        self._rest_pa = 0  # lowest pressure since
        self._still_ms = 0  # pumping without a change of pressure
        self._low_pa = self._high_pa = 0
        self._filtered = 0
        self._squeezed = False
        self._squeezed_ms = 0

    def step(self, now_ms, pressure_pa, outputs):
        """Judge this tick's pressure against the outputs in force."""
        found = 0
        chambers = outputs.chambers
        if chambers != self._chambers:
            self._chambers = chambers
            self._changed_ms = now_ms
            self._vent.change()
            if chambers:
                self._stopped_ms = now_ms
            self._rest_pa = pressure_pa
        if pressure_pa >= limits.PRESSURE_WARNING_PA:
            # with all valves let go and the pump off this is no leg's pressure, and no more
            # can be done: the last breath of the pump, shut into a few millilitres
            if chambers or outputs.pump_permille:
                found = faults.PRESSURE_WARNING
                if pressure_pa >= limits.PRESSURE_TRIP_PA:
                    found |= faults.PRESSURE_TRIP
            if pressure_pa > limits.PRESSURE_VALID_MAX_PA + (0 if chambers else _SHUT_IN_PA):
                found |= faults.PRESSURE_INVALID
        elif pressure_pa < limits.PRESSURE_VALID_MIN_PA:
            found = faults.PRESSURE_INVALID
        if outputs.pump_permille:
            self._stopped_ms = now_ms
            found = self._pumping(pressure_pa, chambers) | found
        else:
            found = self._resting(now_ms, pressure_pa, chambers) | found
        if chambers:
            found = self._vent.step(now_ms, pressure_pa, outputs) | found
        elif self._joined and ticks_diff(now_ms, self._changed_ms) >= limits.RELEASED_MS:
            self._vent.release(self._changed_ms)
            self._joined = 0
            self._held = False
        if pressure_pa <= limits.SQUEEZED_PA or (not chambers and not self._joined):
            self._squeezed = False
        elif not self._squeezed:
            self._squeezed = True
            self._squeezed_ms = now_ms
        elif ticks_diff(now_ms, self._squeezed_ms) > limits.SQUEEZED_MAX_MS:
            found |= faults.SQUEEZED_TOO_LONG
        self.conditions = found

    def _pumping(self, pressure_pa, chambers):
        found = self._look_alive(pressure_pa)
        self._rest_ticks = 0
        if not chambers:
            self._dead_head_ms += limits.TICK_MS
            if self._dead_head_ms > limits.DEAD_HEAD_MS:
                found |= faults.INFLATE_TIMEOUT
            return found
        self._dead_head_ms = 0
        if self._vent.released and self._vent.used:
            found |= faults.VENT_FAILED  # pumping again before the last vent was proved
        fresh = chambers & ~self._joined
        if fresh:
            if not self._joined:
                self._pumped_ms = 0
                self._sign_seen = False
            self._joined |= fresh
            self._vent.used |= fresh
            self._fill_left_ms = count_bits(fresh) * limits.INFLATE_MAX_MS
            self._held = False
        self._fill_left_ms -= limits.TICK_MS
        if self._fill_left_ms < 0:
            found |= faults.INFLATE_TIMEOUT
        if pressure_pa >= limits.INFLATE_SIGN_PA:
            self._sign_seen = True
        elif not self._sign_seen:
            self._pumped_ms += limits.TICK_MS
            if self._pumped_ms > count_bits(self._joined) * limits.INFLATE_SIGN_MS:
                found |= faults.LEAK_OR_LOOSE
        if self._held and pressure_pa < self._held_pa + _HIGHER_PA:
            self._compensated_ms += limits.TICK_MS
            if self._compensated_ms > limits.LEAK_COMPENSATE_MS:
                found |= faults.LEAK_TOO_LONG
        return found

    def _look_alive(self, pressure_pa):
        """A sensor on a leg that is being pumped up has to move."""
        self._filtered += ((pressure_pa << _FILTER_BITS) - self._filtered) >> _FILTER_SHIFT
        seen_pa = self._filtered >> _FILTER_BITS
        if seen_pa < self._low_pa:
            self._low_pa = seen_pa
        elif seen_pa > self._high_pa:
            self._high_pa = seen_pa
        if self._high_pa - self._low_pa >= limits.FROZEN_PA:
            self._low_pa = self._high_pa = seen_pa
            self._still_ms = 0
        self._still_ms += limits.TICK_MS
        return faults.PRESSURE_FROZEN if self._still_ms > limits.FROZEN_PUMPING_MS else 0

    def _resting(self, now_ms, pressure_pa, chambers):
        """Pump off: nothing may rise, and nothing be held for long."""
        found = 0
        if self._stopped_ms == NEVER_MS:
            self._stopped_ms = now_ms
        may_rise = ticks_diff(now_ms, self._stopped_ms) < limits.PUMP_COAST_MS
        if may_rise or pressure_pa < self._rest_pa:
            self._rest_pa = pressure_pa
        elif pressure_pa > self._rest_pa + limits.RISING_PA:
            found = faults.PRESSURE_RISING
        if not self._joined or not chambers:
            return found
        self._rest_ticks += 1
        if self._rest_ticks >= _REST_TICKS and pressure_pa > limits.SQUEEZED_PA:
            self._held_pa = pressure_pa
            if not self._held:
                self._held = True
                self._held_ms = ticks_add(now_ms, -_REST_TICKS * limits.TICK_MS)
                self._compensated_ms = 0
        if self._held and ticks_diff(now_ms, self._held_ms) > limits.HOLD_MAX_MS:
            found |= faults.HOLD_TIMEOUT
        return found
