"""The light for a failed start: the last of the stick, or the lamp."""

import time

from machine import Pin
from micropython import const
from neopixel import NeoPixel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_RED = (24, 0, 0)  # as bright as the panel shows a fault
_DARK = (0, 0, 0)
_ON_MS = const(300)
_OFF_MS = const(300)
_PAUSE_MS = const(1_800)


class ErrorLed:
    """Blink the light of a board's `roles`; with neither `pixels` nor `lamp` only wait."""

    def __init__(self, roles: "dict[str, Any]") -> None:
        self._stick = None
        self._lamp = None
        if "pixels" in roles:
            data = roles["pixels"]
            pin = Pin(data["pin"], Pin.OUT, value=data["safe"])
            self._stick = NeoPixel(pin, data["count"])
        if "lamp" in roles:
            self._safe = roles["lamp"]["safe"]
            self._lamp = Pin(roles["lamp"]["pin"], Pin.OUT, value=self._safe)

    def blink(self, count: int) -> None:
        """Blink `count` times, and pause."""
        for _ in range(count):
            self._set(True)
            time.sleep_ms(_ON_MS)
            self._set(False)
            time.sleep_ms(_OFF_MS)
        time.sleep_ms(_PAUSE_MS)

    def off(self) -> None:
        """Switch the light off."""
        self._set(False)

    def _set(self, lit: bool) -> None:
        if self._stick is not None:
            self._stick[len(self._stick) - 1] = _RED if lit else _DARK
            self._stick.write()
        if self._lamp is not None:
            self._lamp.value(self._safe ^ 1 if lit else self._safe)
