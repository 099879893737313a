"""The tach: a hall sensor on a pin, its edges timed by interrupt.

The chip's pulse counter (`esp32.PCNT`, `machine.Counter`) would not serve here. It counts
and keeps no times: read at 100 Hz, a turn of 25–100 ms would be known to 10 ms. Its
interrupts are as soft as a pin's, the C3 and firmware before 1.26 have none, and at
10–80 edges a second there is nothing for its speed to do. A pin's handler runs
0.05–0.3 ms late, which is under 1 % of a turn.
"""

import time

from machine import Pin

from massager.hal.edges import Edges


class Tach:
    """Falling edges of a sensor with `pulses_per_turn` on a pin."""

    def __init__(self, pin_number, pulses_per_turn):
        self._edges = Edges(pulses_per_turn, time.ticks_us())
        self._pin = Pin(pin_number, Pin.IN, Pin.PULL_UP)
        self._pin.irq(handler=self._on_edge, trigger=Pin.IRQ_FALLING)

    def read(self, inputs):
        """Fill `tach_edges`, `tach_turn_us` and `tach_age_us`."""
        self._edges.read(time.ticks_us(), inputs)

    def _on_edge(self, _pin):
        self._edges.take(time.ticks_us())
