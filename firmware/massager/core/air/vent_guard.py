"""Check that every inflated chamber has been measured empty; a part of the air guard.

An empty manifold proves nothing: behind a blocked hose a full chamber would look the same. A
chamber is verified empty by air that was in the closed manifold and left through that chamber.
"""

from micropython import const

from massager.core import limits
from massager.core.safety import fault_table

_STEP_MS = limits.AIR_TICK_MS
_PROOF_STEPS = limits.VENT_PROOF_MS // _STEP_MS
_TRIED_STEPS = limits.VENT_TRIED_MS // _STEP_MS
_VERIFIED_STEPS = const(2)  # low for so long in one open chamber; one may be a wild reading
_TEST_MIN_PA = const(533)  # half the pressure of a line test: from less nothing follows


class VentGuard:
    """Track chambers from their release until they are verified empty, at 50 Hz.

    `unverified`: these chambers, as bits. A chamber is verified when the pressure of the closed
    manifold (`test_pa`, set by the caller while no valve is open) falls below its half as this
    chamber alone opens, with the pump off and the exhaust shut. `verified_steps`: for how long
    that has been measured; the caller sets it to 0 when a valve moves.
    """

    def __init__(self) -> None:
        self.unverified = 0
        self.test_pa = 0
        self.verified_steps = 0
        self._steps = 0  # since the release, or since the first look if that came late
        self._full_steps = 0  # with an open chamber that was not empty

    def release(self, chambers: int, steps: int) -> None:
        """Record that all valves have been released for `steps`, after `chambers` were filled."""
        self.unverified |= chambers
        self._steps = steps
        self._full_steps = 0

    def step(self, pressure_pa: int, chambers: int) -> int:
        """Check one step; return VENT_FAILED or 0.

        `chambers` are open to the manifold while the pump is off and the exhaust shut; 0
        otherwise. VENT_FAILED is returned once, and again only after another look: whoever
        clears the fault need not wait.
        """
        if self._steps <= _PROOF_STEPS:
            self._steps += 1
        elif self._full_steps >= _TRIED_STEPS:
            self._full_steps = 0
            return fault_table.VENT_FAILED
        if not chambers:
            return 0
        is_test = self.test_pa >= _TEST_MIN_PA
        if pressure_pa >= limits.VENTED_PA or (is_test and pressure_pa * 2 >= self.test_pa):
            self.verified_steps = 0
            if not self._full_steps and self._steps > _PROOF_STEPS:
                self._steps = 0
            self._full_steps += 1
        elif is_test:
            self.verified_steps += 1
            if self.verified_steps >= _VERIFIED_STEPS and not chambers & (chambers - 1):
                self.unverified &= ~chambers
                self._full_steps = 1  # allow for a leg that pressed on all of them
        return 0
