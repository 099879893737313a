"""MicroPython's `neopixel`: WS2812 LEDs on a pin, green-red-blue on the wire."""

import machine  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class NeoPixel:
    """`n` LEDs of `bpp` bytes each; `timing` 1 for 800 kHz, 0 for 400, or a tuple of four."""

    ORDER = (1, 0, 2, 3)

    def __init__(
        self, pin: machine.Pin, n: int, bpp: int = 3, timing: "int | tuple[Any, ...]" = 1
    ) -> None:
        self.pin = pin
        self.n = n
        self.bpp = bpp
        self.buf = bytearray(n * bpp)
        self.pin.init(pin.OUT)
        if isinstance(timing, int):
            timing = (400, 850, 800, 450) if timing else (800, 1700, 1600, 900)
        self.timing = timing

    def __len__(self) -> int:
        return self.n

    def __setitem__(self, i: int, v: "tuple[Any, ...]") -> None:
        offset = i * self.bpp
        for index in range(self.bpp):
            self.buf[offset + self.ORDER[index]] = v[index]

    def __getitem__(self, i: int) -> "tuple[Any, ...]":
        offset = i * self.bpp
        return tuple([self.buf[offset + self.ORDER[index]] for index in range(self.bpp)])

    def fill(self, v: "tuple[Any, ...]") -> None:
        """Give every LED the colour `v`, shown by the next `write`."""
        for index in range(self.n):
            self[index] = v

    def write(self) -> None:
        """Send the colours. Takes 30 µs an LED."""
        machine.bitstream(self.pin, 0, self.timing, self.buf)
