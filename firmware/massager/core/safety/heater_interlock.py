"""The two heater switches in series, moved in the order that lets each prove itself."""

from massager.core import limits
from massager.core.signals import Outputs

_PROOF_TICKS = limits.HEATER_PROOF_TICKS


class HeaterInterlock:
    """Drive `heater_enable` and `heater_permille` so that either switch alone can stop heat.

    Where no heat is asked for, both are open: a low side that is welded then heats no more
    than was asked for. Closing begins with the high side alone, and so does opening end:
    in that time `heater_sense` sees whether the low side blocks (see heat/guard.py).
    """

    def __init__(self) -> None:
        self._proof_ticks = 0
        self._idle_ticks = 0

    def apply(self, permille: int, outputs: Outputs) -> None:
        """Set the switches for one tick; `permille` is asked for and permitted, 0 for none."""
        if permille:
            self._idle_ticks = 0
        elif self._proof_ticks and self._idle_ticks < _PROOF_TICKS:
            self._idle_ticks += 1
        else:
            self.open(outputs)
            return
        outputs.heater_enable = True
        if self._proof_ticks < _PROOF_TICKS:
            self._proof_ticks += 1
            permille = 0
        outputs.heater_permille = permille

    def open(self, outputs: Outputs) -> None:
        """Open both, at once."""
        self._proof_ticks = 0
        self._idle_ticks = 0
        outputs.heater_enable = False
        outputs.heater_permille = 0
