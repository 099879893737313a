"""The tach: a Hall sensor on a pin, its edges timed by interrupt.

The chip's pulse counter (`esp32.PCNT`, `machine.Counter`) would not serve here. It counts
and keeps no times: read at 100 Hz, a turn of 25–100 ms would be known to 10 ms. Its
interrupts are as soft as a pin's, the C3 and firmware before 1.26 have none, and at
10–80 edges a second there is nothing for its speed to do. A pin's handler runs
0.05–0.3 ms late, which is under 1 % of a turn.
"""

import time
from array import array

from micropython import const

from massager.core.signals import Inputs

_TICKS_MASK = const((1 << 30) - 1)
_TICKS_HALF = const(1 << 29)
_EDGES_MASK = const(0xFFFF)
_REST_US = const(1_000_000)  # no edge for a second: at rest, older edges mean nothing
_SHORTEST_TURN_US = const(3_000)  # 20,000 rpm; edges closer together are sparks


class Edges:
    """Time the edges of a sensor with `pulses_per_turn`; times are µs with a period of 2**30.

    Magnets are never spaced evenly, so only whole turns are timed: from an edge to the
    same edge one turn later.
    """

    def __init__(self, pulses_per_turn: int, now_us: int) -> None:
        self._pulses = pulses_per_turn
        self._stamps_us = array("i", [0] * pulses_per_turn)  # of the last turn's edges
        self._slot = 0
        self._known = 0  # how many of them are valid
        self._edges = 0
        self._edge_us = now_us
        self._turn_us = 0
        self._spark_us = _SHORTEST_TURN_US // pulses_per_turn

    def take(self, now_us: int) -> None:
        """Record an edge at `now_us`."""
        if self._known and (now_us - self._edge_us) & _TICKS_MASK < self._spark_us:
            return
        slot = self._slot
        if self._known == self._pulses:
            self._turn_us = (now_us - self._stamps_us[slot]) & _TICKS_MASK
        else:
            self._known += 1
            self._turn_us = 0
        self._stamps_us[slot] = now_us
        self._slot = slot + 1 if slot + 1 < self._pulses else 0
        self._edge_us = now_us
        self._edges = (self._edges + 1) & _EDGES_MASK

    def read(self, now_us: int, inputs: Inputs) -> None:
        """Fill `tach_edges`, `tach_turn_us` and `tach_age_us`.

        An edge may be taken between the reading of the clock and this call: it is then later
        than `now_us`, and its age 0.
        """
        age_us = (now_us - self._edge_us) & _TICKS_MASK
        if age_us >= _TICKS_HALF and self._known:
            age_us = 0
        elif age_us >= _REST_US:
            self._known = 0
            self._turn_us = 0
        inputs.tach_edges = self._edges
        inputs.tach_turn_us = self._turn_us
        inputs.tach_age_us = age_us if self._known else _REST_US


class Tach:
    """Time the falling edges of a sensor with `pulses_per_turn` on `pin`, a machine.Pin."""

    def __init__(self, pin, pulses_per_turn: int) -> None:  # type: ignore[no-untyped-def]
        self._edges = Edges(pulses_per_turn, time.ticks_us())  # type: ignore[arg-type]
        self._pin = pin
        pin.irq(handler=self._on_edge, trigger=pin.IRQ_FALLING)

    def read(self, inputs: Inputs) -> None:
        """Fill `tach_edges`, `tach_turn_us` and `tach_age_us`."""
        self._edges.read(time.ticks_us(), inputs)  # type: ignore[arg-type]

    def _on_edge(self, pin) -> None:  # type: ignore[no-untyped-def]
        """Take an edge; a slow rising one triggers too, but leaves the pin high."""
        if not pin.value():
            self._edges.take(time.ticks_us())  # type: ignore[arg-type]
