"""The 12 V supply: voltage that sags with the current drawn."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SETTLE = 0.3  # of the way in one step: its capacitors make current limiting stable


class Supply:
    """`p` is the section "supply" of the parameters. Result: `volts`."""

    def __init__(self, p: "dict[str, Any]") -> None:
        self.p = p
        self.connected = True
        self.brown_out = False
        self.volts: float = p["no_load_v"]

    def step(self, current_a: float) -> None:
        """Settle at the voltage that `current_a` leaves."""
        if not self.connected:
            self.volts = 0.0
            return
        p = self.p
        volts = p["brown_out_v"] if self.brown_out else p["no_load_v"]
        volts -= p["ohm"] * current_a
        over_a = current_a - p["limit_a"]
        if over_a > 0.0:
            volts -= over_a * p["limit_ohm"]
        self.volts += _SETTLE * (max(0.0, volts) - self.volts)
