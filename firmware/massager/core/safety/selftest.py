"""Self-test before anything is energised: valves open, no pressure, sensors alive."""

from micropython import const

from massager.core import limits
from massager.core.safety import fault_table
from massager.core.units import NEVER_MS, ticks_diff

_STILL_MS = const(50)  # storage may write while nothing is energised yet
_LOOK_MS = const(1_000)  # long enough for every sensor fault to pass its debounce


class SelfTest:
    """Run in CHECK: request air outputs as a regulator does, then pass or raise a condition.

    With the pump off and everything vented the manifold must read zero; chamber 1 is
    opened to it so that nothing stays trapped.
    """

    pump_permille = 0
    exhaust = False

    def __init__(self) -> None:
        self.chambers = 0
        self.conditions = 0
        self.passed = False
        self._since_ms = NEVER_MS

    def reset(self) -> None:
        """Forget the last test."""
        self.chambers = 0
        self.conditions = 0
        self.passed = False
        self._since_ms = NEVER_MS

    def step(self, now_ms: int, pressure_pa: int) -> None:
        """Run one step of the test, 20 ms."""
        if self._since_ms == NEVER_MS:
            self._since_ms = now_ms
        elapsed_ms = ticks_diff(now_ms, self._since_ms)
        if elapsed_ms >= _STILL_MS:
            self.chambers = 1
        if elapsed_ms < _LOOK_MS:
            return
        if limits.PRESSURE_LOW_PA <= pressure_pa <= limits.PRESSURE_ZERO_PA:
            self.passed = True
        elif elapsed_ms > limits.PRESSURE_ZERO_VENT_MS:
            self.conditions = fault_table.PRESSURE_ZERO_OFF
            self.passed = True  # heat and motor may go on; the fault stops the air
