"""The serial console: written only where that costs no time, and read only to keep Ctrl-C alive.

A write to a USB console waits while a program on the computer holds the port open and does
not read: up to 500 ms on an S3, 200 ms without callbacks on a C3 or C6. The chip's own
register says beforehand whether a packet still waits for the computer. Where it does not say,
a write that was slow ends all writing for a while. What is not written is lost.

A USB console looks for Ctrl-C only in what still fits into its 260 bytes of input, so what
nobody reads would lock it out. Everything that arrives is thrown away.
"""

import select
import sys
import time

from machine import mem32
from micropython import const

_NO_WAIT = {
    # chip: register, bits of it, their value while a write of one packet does not wait
    "esp32s3": (0x60080950, 0x3FF << 19, 0),  # USB DIEPTSIZ2: packets not yet fetched
    "esp32c3": (0x60043004, 2, 2),  # USB_SERIAL_JTAG EP1_CONF: SERIAL_IN_EP_DATA_FREE
    "esp32c6": (0x6000F004, 2, 2),
}
_SLOW_MS = const(5)
_SILENT_WRITES = const(6_000)  # left out after a slow one: a minute
_DRAIN_BYTES = const(32)


class Console:
    """The console of `chip`, as boards call it. Nothing here waits, nothing is allocated."""

    def __init__(self, chip: str) -> None:
        self._register, self._mask, self._free = _NO_WAIT.get(chip, (0, 0, 0))
        self._send = sys.stdout.buffer.write  # bound here: a bound method is an object
        self._silent = 0  # writes still to be left out
        self._byte = bytearray(1)
        self._input = sys.stdin.buffer
        self._poll = select.poll()
        self._poll.register(sys.stdin, select.POLLIN)

    def write(self, buffer: bytearray, count: int) -> bool:
        """Write `count` bytes, at most 64; return False where they were left out."""
        if self._silent:
            self._silent -= 1
            return False
        if self._mask and mem32[self._register] & self._mask != self._free:
            return False
        before_ms = time.ticks_ms()
        self._send(buffer, count)
        if time.ticks_diff(time.ticks_ms(), before_ms) > _SLOW_MS:
            self._silent = _SILENT_WRITES
        return True

    def drain(self) -> None:
        """Throw away some of what was typed; to be called every 100 ms."""
        for _ in range(_DRAIN_BYTES):
            for _ in self._poll.ipoll(0):
                self._input.readinto(self._byte)
                break
            else:
                return
