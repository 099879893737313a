"""The tach: edges of a hall sensor, and the time between the last two."""

import time

from machine import Pin
from micropython import const

_EDGES_MASK = const(0xFFFF)
_PERIOD_MAX_US = const(10_000_000)


class Tach:
    """Counts falling edges on a pin by interrupt."""

    def __init__(self, pin_number):
        self._edges = 0
        self._edge_us = time.ticks_us()
        self._period_us = 0
        self._pin = Pin(pin_number, Pin.IN, Pin.PULL_UP)
        self._pin.irq(handler=self._on_edge, trigger=Pin.IRQ_FALLING)

    def read(self, inputs):
        """Fill `tach_edges` and `tach_period_us`.

        A motor that slows down shows at once: the period is never shorter than the time
        that has passed since the last edge.
        """
        since_us = time.ticks_diff(time.ticks_us(), self._edge_us)
        period_us = self._period_us
        if period_us and since_us > period_us:
            period_us = since_us
            if since_us > _PERIOD_MAX_US:
                period_us = self._period_us = 0
        inputs.tach_edges = self._edges
        inputs.tach_period_us = period_us

    def _on_edge(self, _pin):
        now_us = time.ticks_us()
        since_us = time.ticks_diff(now_us, self._edge_us)
        self._period_us = since_us if 0 < since_us < _PERIOD_MAX_US else 0
        self._edge_us = now_us
        self._edges = (self._edges + 1) & _EDGES_MASK
