"""Model the wires between two NTC dividers and the chip: leakage, bad ground, touching wires.

Runs on MicroPython too. Resistances in Ω, voltages in µV.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DRY_OHM = 1e7  # between the heater's conductor and a signal wire when the damp begins
_SETTLE_ROUNDS = 4  # the common ground's voltage and the NTC currents settle each other


class NtcCircuit:
    """Two dividers on one rail. `to_rail` and `fixed_ohm` are lists by thermistor.

    Faults: `leak_ohm` by wire (0: none) is the leakage from the heater's conductor that the
    damp ends at, `leak_s` the heating time that it takes; `ground_ohm` is in the common
    ground wire of the NTCs; `touching` shorts the two signal wires together.
    """

    def __init__(self, to_rail: "list[Any]", fixed_ohm: "list[Any]") -> None:
        self.to_rail = to_rail
        self.fixed_ohm = fixed_ohm
        self.leak_ohm = [0.0, 0.0]
        self.leak_s = 480.0
        self.ground_ohm = 0.0
        self.touching = False
        self._damp = 0.0  # 0 dry … 1 as wet as it gets

    def broken(self) -> bool:
        """Return whether the pins' voltages depend on more than the dividers."""
        return bool(self.leak_ohm[0] or self.leak_ohm[1] or self.ground_ohm or self.touching)

    def warm(self, dt_s: float) -> None:
        """Let the damp spread for `dt_s` of heating."""
        if self.leak_ohm[0] or self.leak_ohm[1]:
            self._damp = min(1.0, self._damp + dt_s / self.leak_s)

    def pin_uv(
        self, index: int, ohms: "tuple[Any, ...]", rail_uv: float, heater_uv: float
    ) -> float:
        """Return the voltage at pin `index`.

        `ohms` are the two NTC resistances, `heater_uv` the voltage of the heater's conductor
        against ground, 0 while it is off.
        """
        if not self.broken():
            fixed = self.fixed_ohm[index]
            low = fixed if self.to_rail[index] else ohms[index]
            return rail_uv * low / (fixed + ohms[index])
        ground_uv = 0.0
        nodes = [0.0, 0.0]
        for _ in range(_SETTLE_ROUNDS):
            sums = [self._sums(i, ohms[i], rail_uv, ground_uv, heater_uv) for i in (0, 1)]
            if self.touching:
                both = (sums[0][0] + sums[1][0]) / (sums[0][1] + sums[1][1])
                nodes = [both, both]
            else:
                nodes = [current / siemens for current, siemens in sums]
            amps = 0.0
            for i in (0, 1):
                if not self.to_rail[i]:
                    amps += (nodes[i] - ground_uv) / max(ohms[i], 1.0)
            ground_uv = (ground_uv + amps * self.ground_ohm) / 2.0
        return min(max(nodes[index], 0.0), rail_uv)

    def _sums(
        self, index: int, ohm: float, rail_uv: float, ground_uv: float, heater_uv: float
    ) -> "tuple[Any, ...]":
        """Return current into a node held at 0 V, and conductance from it."""
        ohm = max(ohm, 1.0)
        fixed = self.fixed_ohm[index]
        if self.to_rail[index]:
            current = rail_uv / ohm
        else:
            current = rail_uv / fixed + ground_uv / ohm
        siemens = 1.0 / ohm + 1.0 / fixed
        if self.leak_ohm[index]:
            leak = _DRY_OHM ** (1.0 - self._damp) * self.leak_ohm[index] ** self._damp
            if heater_uv > 0.0:
                current += heater_uv / leak
                siemens += 1.0 / leak
        return current, siemens
