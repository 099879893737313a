"""Watches the air: sees pressure and what was commanded, shares nothing with the sequencer."""

from massager.core import limits
from massager.core.safety import faults
from massager.core.units import ticks_diff


class AirGuard:
    """Raises the air conditions of the fault table, every tick.

    A cycle is `pumped` from the first pump stroke until the sensor has proved the vent.
    """

    def __init__(self, has_exhaust):
        self.conditions = 0
        self._has_exhaust = has_exhaust
        self._pumped = False
        self._pump_was_on = False
        self._released = False  # the chambers have been commanded open since the last stroke
        self._released_ms = 0
        self._sign_seen = False  # pressure has shown since the first stroke
        self._fill_ms = 0  # when the pump last started or a chamber last joined
        self._start_ms = 0  # when this cycle's first stroke came
        self._held_ms = 0  # since when this set of chambers is held with the pump off
        self._squeezed = False
        self._squeezed_ms = 0
        self._chambers = 0

    def step(self, now_ms, pressure_pa, outputs):
        """Judge this tick's pressure against the outputs in force."""
        found = 0
        if pressure_pa >= limits.PRESSURE_WARNING_PA:
            found = faults.PRESSURE_WARNING
            if pressure_pa >= limits.PRESSURE_TRIP_PA:
                found |= faults.PRESSURE_TRIP
            if pressure_pa > limits.PRESSURE_VALID_MAX_PA:
                found |= faults.PRESSURE_INVALID
        elif pressure_pa < limits.PRESSURE_VALID_MIN_PA:
            found = faults.PRESSURE_INVALID
        chambers = outputs.chambers
        pump_on = outputs.pump_permille > 0
        if pump_on:
            found |= self._pumping(now_ms, pressure_pa, chambers)
        elif self._pumped:
            found |= self._after_pumping(now_ms, pressure_pa, chambers, outputs.exhaust)
        self._pump_was_on = pump_on
        self._chambers = chambers
        if pressure_pa <= limits.SQUEEZED_PA:
            self._squeezed = False
        elif not self._squeezed:
            self._squeezed = True
            self._squeezed_ms = now_ms
        elif ticks_diff(now_ms, self._squeezed_ms) > limits.SQUEEZED_MAX_MS:
            found |= faults.SQUEEZED_TOO_LONG
        self.conditions = found

    def _pumping(self, now_ms, pressure_pa, chambers):
        found = 0
        if not self._pumped:
            self._pumped = True
            self._sign_seen = False
            self._start_ms = now_ms
        elif self._released:
            found = faults.VENT_FAILED  # pumping again before the last vent was proved
        if not self._pump_was_on or chambers != self._chambers:
            self._fill_ms = now_ms
        elif ticks_diff(now_ms, self._fill_ms) > limits.INFLATE_MAX_MS:
            found |= faults.INFLATE_TIMEOUT
        if pressure_pa >= limits.INFLATE_SIGN_PA:
            self._sign_seen = True
        elif not self._sign_seen and ticks_diff(now_ms, self._start_ms) > limits.INFLATE_SIGN_MS:
            found |= faults.LEAK_OR_LOOSE
        self._held_ms = now_ms
        return found

    def _after_pumping(self, now_ms, pressure_pa, chambers, exhaust):
        if not self._released:
            if chambers == 0 or (self._has_exhaust and not exhaust):
                self._released = True
                self._released_ms = now_ms
            elif chambers != self._chambers:
                self._held_ms = now_ms
            elif ticks_diff(now_ms, self._held_ms) > limits.HOLD_MAX_MS:
                return faults.HOLD_TIMEOUT
            return 0
        if chambers == 0:
            return 0  # the sensor sees the manifold alone, which proves nothing
        if pressure_pa < limits.VENTED_PA:
            self._pumped = False
            self._released = False
        elif ticks_diff(now_ms, self._released_ms) > limits.VENT_PROOF_MS:
            return faults.VENT_FAILED
        return 0
