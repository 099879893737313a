"""Has every chamber that was pumped up been seen empty since? Part of the guard, at 50 Hz.

An empty manifold says nothing of a chamber that opens to it: behind a closed hose it would be
as empty. What proves a chamber is air that stood in the manifold and left through it.
"""

from micropython import const

from massager.core import limits
from massager.core.safety import fault_table

_STEP_MS = limits.TICK_MS * 2
_PROOF_STEPS = limits.VENT_PROOF_MS // _STEP_MS
_TRIED_STEPS = limits.VENT_TRIED_MS // _STEP_MS
_PROVED_STEPS = const(2)  # fallen for so long in one open chamber; one may be a wild reading
_BREATH_PA = const(533)  # half of what the manifold is charged to: less tells nothing


class VentGuard:
    """A chamber is `unproved` from its release until the sensor has seen its vent: a breath in
    the manifold (`breath_pa`, the last pressure while nothing was open to it) that falls below
    its half as this chamber alone opens, with the pump off and the exhaust shut.

    `proved_steps`: for how long that has been seen; whoever sees a valve move sets it to 0."""

    def __init__(self):
        self.unproved = 0
        self.breath_pa = 0
        self._steps = 0  # since the release, or since the first look where that came late
        self._tried_steps = 0  # spent on looks at air that stays
        self.proved_steps = 0

    def release(self, chambers, steps):
        """All valves have let go of `chambers` for so many steps."""
        self.unproved |= chambers
        self._steps = steps
        self._tried_steps = 0

    def step(self, pressure_pa, chambers):
        """One step; `chambers` are open to the idle, closed manifold (0: it is not that).

        VENT_FAILED comes once: whoever clears it has no need to wait for another look.
        """
        if self._steps <= _PROOF_STEPS:
            self._steps += 1
        elif self._tried_steps >= _TRIED_STEPS:
            self._tried_steps = 0
            return fault_table.VENT_FAILED
        if not chambers:
            return 0
        breathed = self.breath_pa >= _BREATH_PA
        if pressure_pa >= limits.VENTED_PA or (breathed and pressure_pa * 2 >= self.breath_pa):
            self.proved_steps = 0
            if not self._tried_steps and self._steps > _PROOF_STEPS:
                self._steps = 0
            self._tried_steps += 1
        elif breathed:
            self.proved_steps += 1
            if self.proved_steps >= _PROVED_STEPS and not chambers & (chambers - 1):
                self.unproved &= ~chambers
                self._tried_steps = 1  # a leg that pressed on all of them goes by
        return 0
