"""Has every chamber that was pumped up been seen empty since? Part of the guard, at 50 Hz."""

from micropython import const

from massager.core import limits
from massager.core.safety import faults

_STEP_MS = limits.TICK_MS * 2
_PROOF_STEPS = limits.VENT_PROOF_MS // _STEP_MS
_TRIED_STEPS = limits.VENT_TRIED_MS // _STEP_MS
_PROVED_STEPS = const(3)  # below VENTED_PA for so long in one open chamber


class VentGuard:
    """A chamber is `unproved` from its release until the sensor has seen its vent: alone on
    the manifold, with the pump off and the exhaust shut."""

    def __init__(self):
        self.unproved = 0
        self._steps = 0  # since the release
        self._tried_steps = 0
        self._proved_steps = 0

    def release(self, chambers, steps):
        """All valves have let go of `chambers` for so many steps."""
        self.unproved |= chambers
        self._steps = steps
        self._tried_steps = 0

    def change(self):
        """A valve moved."""
        self._proved_steps = 0

    def step(self, pressure_pa, chambers):
        """One step; `chambers` are open to the idle, closed manifold (0: it is not that)."""
        self._steps += 1
        if not chambers:
            return 0
        if pressure_pa < limits.VENTED_PA:
            self._proved_steps += 1
            if self._proved_steps >= _PROVED_STEPS and not chambers & (chambers - 1):
                self.unproved &= ~chambers
            return 0
        self._proved_steps = 0
        self._tried_steps += 1
        is_late = self._steps > _PROOF_STEPS and self._tried_steps >= _TRIED_STEPS
        return faults.VENT_FAILED if is_late else 0
