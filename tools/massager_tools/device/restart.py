"""Reset a chip at its prompt and read its output from the first character on."""

from __future__ import annotations

import time
from collections.abc import Iterator

import serial

from massager_tools.device.ports import close_port, open_port
from massager_tools.errors import Failure

_TO_PROMPT = b"\r\x03\x02"  # leaves raw mode and any half-typed line
_PROMPT = ">>> "
_RESET = "__import__('machine').reset()"
_AGAIN_S = 3.0  # a program that is just ending needs that long to answer


def after_reset(port: str, timeout_s: float) -> Iterator[str]:
    """Yield the output since the reset, longer each time, until `timeout_s` has passed.

    The prompt must be free. Raise Failure if the port cannot be opened.
    """
    end_s = time.monotonic() + timeout_s
    again_s = 0.0
    line = open_port(port)
    output = ""
    has_reset = is_typed = False
    try:
        while time.monotonic() < end_s:
            if not has_reset and time.monotonic() > again_s:
                again_s = time.monotonic() + _AGAIN_S
                is_typed = False
                output = ""
                line.write(_TO_PROMPT)
            try:
                output += line.read(max(1, line.in_waiting)).decode(errors="replace")
            except (serial.SerialException, OSError):
                # a chip with USB of its own takes its port away while it restarts
                close_port(line)
                line = _opened_again(port, end_s)
                has_reset = True
            if not is_typed and _PROMPT in output:
                is_typed = True
                line.write(_RESET.encode() + b"\r\n")
            if not has_reset and _RESET in output:
                has_reset = True
                output = output.partition(_RESET)[2]
            if has_reset:
                yield output
    finally:
        close_port(line)


def _opened_again(port: str, end_s: float) -> serial.Serial:
    while True:
        try:
            return open_port(port)
        except Failure:
            if time.monotonic() > end_s:
                raise
            time.sleep(0.1)
