"""Has every chamber that was pumped up been seen empty since? Part of the guard."""

from micropython import const

from massager.core import limits
from massager.core.safety import faults
from massager.core.units import ticks_diff

_PROVED_TICKS = const(5)  # below VENTED_PA for so long in one open chamber


class VentGuard:
    """A chamber is `used` from the first stroke into it until the sensor has proved its vent.

    That takes the chamber alone on the manifold, with the pump off and the exhaust shut.
    """

    def __init__(self, has_exhaust):
        self.used = 0
        self.released = False  # all valves have let go since the last stroke
        self._has_exhaust = has_exhaust
        self._released_ms = 0
        self._tried_ms = 0
        self._proved_ticks = 0

    def release(self, at_ms):
        """All valves let go at `at_ms`."""
        self.released = True
        self._released_ms = at_ms
        self._tried_ms = 0

    def change(self):
        """A valve moved."""
        self._proved_ticks = 0

    def step(self, now_ms, pressure_pa, outputs):
        """One tick with a chamber open after a release: what does the sensor find?"""
        if not (self.released and self.used) or outputs.pump_permille:
            return 0
        if self._has_exhaust and not outputs.exhaust:
            return 0
        chambers = outputs.chambers
        if pressure_pa < limits.VENTED_PA:
            self._proved_ticks += 1
            if self._proved_ticks >= _PROVED_TICKS and not chambers & (chambers - 1):
                self.used &= ~chambers
                self.released = self.used != 0
            return 0
        self._proved_ticks = 0
        self._tried_ms += limits.TICK_MS
        if (
            self._tried_ms >= limits.VENT_TRIED_MS
            and ticks_diff(now_ms, self._released_ms) > limits.VENT_PROOF_MS
        ):
            return faults.VENT_FAILED
        return 0
