"""Causes that the two thermistors have in common, by a random amount, at once or one first.

Each cause returns its course: what happens to the massager how many seconds after it begins.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from massager_tools.sim.model import heat
from massager_tools.verification.harness import Device
from massager_tools.verification.part_faults import Step

_STAGGER_S = 90.0  # at most, from one of a pair to the other
_S_PER_MIN = 60.0


def damp(dice: random.Random) -> list[Step]:
    """Let damp creep from the heater's conductor to both signal wires."""
    leak_s = dice.uniform(240.0, 900.0)
    ohms = [200_000.0 * 4.0 ** dice.uniform(-1.0, 1.0)] * 2
    ohms[dice.randrange(2)] *= dice.uniform(0.7, 1.3)

    def start(device: Device) -> None:
        device.plant.ntc_circuit.leak_s = leak_s
        for name, ohm in zip(("ntc_a_leak", "ntc_b_leak"), ohms, strict=False):
            device.plant.set_fault(name, True, ohm)

    return [(0.0, start)]


def converter_stands(dice: random.Random) -> list[Step]:
    """Let every analogue input keep its value to the last bit."""
    return [(0.0, lambda device: device.plant.set_fault("adc_frozen", True))]


def frozen(dice: random.Random) -> list[Step]:
    """Freeze both readings, up to 2 °C too low, the converter's noise still there."""
    below_c = dice.choice((0.0, dice.uniform(0.0, 2.0)))

    def freeze(index: int) -> Callable[[Device], None]:
        def start(device: Device) -> None:
            device.plant.heat.ntc_drift_c[index] -= below_c
            device.plant.heat.ntc_faults[index] = heat.FROZEN

        return start

    return _pair(dice, freeze)


def off_the_pad(dice: random.Random) -> list[Step]:
    """Take both thermistors off the pad."""

    def detach(index: int) -> Callable[[Device], None]:
        def start(device: Device) -> None:
            device.plant.heat.ntc_faults[index] = heat.DETACHED

        return start

    return _pair(dice, detach)


def drift(dice: random.Random) -> list[Step]:
    """Let both readings drift down by 1…5 °C a minute, at rates up to a fifth apart."""
    rate = dice.uniform(1.0, 5.0) / _S_PER_MIN
    rates = (rate, rate * dice.uniform(0.8, 1.2))

    def begin(index: int) -> Callable[[Device], None]:
        def start(device: Device) -> None:
            device.plant.heat.ntc_drift_c_per_s[index] = rates[index]
            device.plant.heat.ntc_faults[index] = heat.DRIFTS_DOWN

        return start

    return _pair(dice, begin)


def bad_ground(dice: random.Random) -> list[Step]:
    """Put a resistance into the ground wire that both share."""
    ohm = dice.uniform(200.0, 2_000.0)
    return [(0.0, lambda device: device.plant.set_fault("ntc_ground_bad", True, ohm))]


def wires_touch(dice: random.Random) -> list[Step]:
    """Let the two signal wires touch; later one thermistor breaks off."""
    letter = dice.choice("ab")
    return [
        (0.0, lambda device: device.plant.set_fault("ntc_wires_touch", True)),
        (
            dice.uniform(0.0, _STAGGER_S),
            lambda device: device.plant.set_fault(f"ntc_{letter}_open", True),
        ),
    ]


CAUSES: dict[str, Callable[[random.Random], list[Step]]] = {
    "damp to both wires": damp,
    "converter stands still": converter_stands,
    "both frozen": frozen,
    "both off the pad": off_the_pad,
    "both drift down": drift,
    "common ground bad": bad_ground,
    "signal wires touch": wires_touch,
}
"""In words → what makes the course of one."""


def _pair(dice: random.Random, make: Callable[[int], Callable[[Device], None]]) -> list[Step]:
    """Return the same for both thermistors: at once, or one up to 90 s after the other."""
    first = dice.randrange(2)
    later_s = dice.choice((0.0, dice.uniform(0.0, _STAGGER_S)))
    return [(0.0, make(first)), (later_s, make(1 - first))]
