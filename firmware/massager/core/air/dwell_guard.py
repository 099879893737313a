"""Limit how long each chamber is held and under pressure; a part of the air guard."""

from array import array

from massager.core import limits, schedule
from massager.core.air.fill_guard import HIGHER_PA
from massager.core.safety import fault_table
from massager.core.signals import STAGES

_STEP_MS = schedule.SLOW_MS
_RELEASED_STEPS = limits.RELEASED_MS // _STEP_MS
_HOLD_STEPS = limits.HOLD_MAX_MS // _STEP_MS
_SQUEEZED_STEPS = limits.SQUEEZED_MAX_MS // _STEP_MS


class DwellGuard:
    """Count the time of each chamber at 10 Hz.

    A chamber starts again from 0 after RELEASED_MS without pressure in one piece.
    """

    def __init__(self) -> None:
        self._active = 0  # chambers that are counting
        self._squeezed = array("h", [0] * STAGES)  # steps, as are the next two
        self._held = array("h", [0] * STAGES)
        self._released = array("h", [0] * STAGES)

    def step(self, pressure_pa: int, chambers: int, held_pa: int) -> int:
        """Count 100 ms with `chambers` (bits) on the manifold; return the conditions found.

        `held_pa` is the pressure of the hold; higher pressures belong to a fill.
        """
        pressed = chambers if pressure_pa > limits.SQUEEZED_PA else 0
        active = self._active | pressed
        if not active:
            return 0
        conditions = 0
        for index in range(STAGES):
            bit = 1 << index
            if not active & bit:
                continue
            if pressed & bit:
                self._released[index] = 0
                if pressure_pa < held_pa + HIGHER_PA:
                    self._held[index] += 1
            else:
                self._released[index] += 1
            self._squeezed[index] += 1
            if self._released[index] >= _RELEASED_STEPS:
                active &= ~bit
                self._squeezed[index] = 0
                self._held[index] = 0
            if self._held[index] > _HOLD_STEPS:
                conditions |= fault_table.HOLD_TIMEOUT
            if self._squeezed[index] > _SQUEEZED_STEPS:
                conditions |= fault_table.SQUEEZED_TOO_LONG
        self._active = active
        return conditions
