"""Loudness of pump and valves: a model to compare controls with, not a measured massager.

Levels are A-weighted, in dB at 30 cm; energies are 10 ** (dB / 10), so that sources add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log10

PUMP_DB = 60.0
"""At full speed on 12 V. Assumed: sellers of 12 V diaphragm pumps of size 370 state 55 to 65 dB
at 30 cm."""
PUMP_DB_PER_DECADE = 30.0
"""Of speed. Assumed: small reciprocating machines lie between 20 and 40."""
VALVE_DB = 50.0
"""The click of one small 12 V solenoid valve, for one step of 10 ms. Assumed."""


class Loudness:
    """Add up the sound of the air parts, step by step of 10 ms."""

    def __init__(self) -> None:
        self.steps = 0
        self.peak = 0.0  # energy
        self._sum = 0.0
        self._valves: tuple[bool, ...] = ()

    def step(self, pump_speed: float, valves: Sequence[bool]) -> None:
        """Take one step with the pump at `pump_speed`, 0…1, and `valves` energised or not."""
        now = tuple(valves)
        clicks = sum(before != after for before, after in zip(self._valves, now, strict=False))
        self._valves = now
        energy = clicks * 10.0 ** (VALVE_DB / 10.0)
        if pump_speed > 0.0:
            energy += 10.0 ** ((PUMP_DB + PUMP_DB_PER_DECADE * log10(pump_speed)) / 10.0)
        self.steps += 1
        self._sum += energy
        self.peak = max(self.peak, energy)

    @property
    def mean_db(self) -> float:
        """Return the energetic mean of all steps in dB, 0 for silence."""
        return 10.0 * log10(max(1.0, self._sum / max(1, self.steps)))

    @property
    def peak_db(self) -> float:
        """Return the loudest step in dB, 0 for silence."""
        return 10.0 * log10(max(1.0, self.peak))
