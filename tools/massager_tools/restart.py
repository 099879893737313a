"""Resets a chip at its prompt and listens to how it starts, without missing a word."""

from __future__ import annotations

import time
from collections.abc import Iterator

import serial

from massager_tools.errors import Failure
from massager_tools.ports import open_port

# out of whatever mode the prompt was left in, then by hand
_TYPED = b"\r\x03\x02\r\nimport machine\r\nmachine.reset()\r\n"
_ECHO = "machine.reset()"


def after_reset(port: str, timeout_s: float) -> Iterator[str]:
    """All that was said since the reset, longer each time, until `timeout_s` has passed.

    The prompt must be free. Failure where the port cannot be opened.
    """
    end_s = time.monotonic() + timeout_s
    line = open_port(port)
    said = ""
    has_reset = False
    try:
        line.write(_TYPED)
        while time.monotonic() < end_s:
            try:
                said += line.read(max(1, line.in_waiting)).decode(errors="replace")
            except (serial.SerialException, OSError):
                # a chip with USB of its own takes its port away while it restarts
                line.close()
                line = _opened_again(port, end_s)
                has_reset = True
            if not has_reset and _ECHO in said:
                has_reset = True
                said = said.partition(_ECHO)[2]
            if has_reset:
                yield said
    finally:
        line.close()


def _opened_again(port: str, end_s: float) -> serial.Serial:
    while True:
        try:
            return open_port(port)
        except Failure:
            if time.monotonic() > end_s:
                raise
            time.sleep(0.1)
