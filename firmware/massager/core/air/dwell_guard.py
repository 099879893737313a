"""How long has each chamber been under pressure, and held? Part of the guard."""

from array import array

from micropython import const

from massager.core import limits
from massager.core.air.fill_guard import HIGHER_PA
from massager.core.safety import fault_table
from massager.core.signals import STAGES

_STEP_MS = const(100)
_CALM_STEPS = limits.RELEASED_MS // _STEP_MS
_HOLD_STEPS = limits.HOLD_MAX_MS // _STEP_MS
_SQUEEZED_STEPS = limits.SQUEEZED_MAX_MS // _STEP_MS


class DwellGuard:
    """Runs at 10 Hz; a chamber starts anew after RELEASED_MS without pressure in one go."""

    def __init__(self):
        self._running = 0  # chambers that are not known to be calm
        self._squeezed = array("h", [0] * STAGES)
        self._held = array("h", [0] * STAGES)
        self._calm = array("h", [0] * STAGES)

    def step(self, pressure_pa, chambers, held_pa):
        """100 ms with `chambers` on the manifold."""
        pressed = chambers if pressure_pa > limits.SQUEEZED_PA else 0
        running = self._running | pressed
        if not running:
            return 0
        found = 0
        for index in range(STAGES):
            bit = 1 << index
            if not running & bit:
                continue
            if pressed & bit:
                self._calm[index] = 0
                if pressure_pa < held_pa + HIGHER_PA:
                    self._held[index] += 1
            else:
                self._calm[index] += 1
            self._squeezed[index] += 1
            if self._calm[index] >= _CALM_STEPS:
                running &= ~bit
                self._squeezed[index] = self._held[index] = 0
            if self._held[index] > _HOLD_STEPS:
                found |= fault_table.HOLD_TIMEOUT
            if self._squeezed[index] > _SQUEEZED_STEPS:
                found |= fault_table.SQUEEZED_TOO_LONG
        self._running = running
        return found
