"""Read lines of text from a port, across cable pulls and resets."""

from __future__ import annotations

import time

import serial

from massager_tools.device.ports import close_port, open_port
from massager_tools.errors import Failure

_AGAIN_S = 0.5  # between two tries to open a port that is gone
_WAITING_MAX = 4_096  # more without a line end is no text and is dropped
_READ_S = 0.1


class Line:
    """Lines from `port`. Raise Failure if it cannot be opened the first time."""

    def __init__(self, port: str) -> None:
        self.port = port
        self._line: serial.Serial | None = open_port(port, _READ_S)
        self._next_try_s = 0.0
        self._waiting = b""

    @property
    def connected(self) -> bool:
        """Return whether the port is open."""
        return self._line is not None

    def lines(self) -> list[str]:
        """Return the lines since the last call; wait a tenth of a second at most."""
        if self._line is None:
            self._try_again()
        if self._line is None:
            return []
        try:
            self._waiting += self._line.read(max(1, self._line.in_waiting))
        except (serial.SerialException, OSError, TypeError):  # TypeError: closed by another thread
            self.close()
            return []
        *lines, rest = self._waiting.split(b"\n")
        self._waiting = rest[-_WAITING_MAX:]
        return [line.decode(errors="replace").strip() for line in lines]

    def close(self) -> None:
        """Close the port."""
        if self._line is not None:
            close_port(self._line)
            self._line = None
        self._waiting = b""

    def _try_again(self) -> None:
        now_s = time.monotonic()
        if now_s < self._next_try_s:
            time.sleep(_READ_S)
            return
        self._next_try_s = now_s + _AGAIN_S
        try:
            self._line = open_port(self.port, _READ_S)
        except Failure:
            time.sleep(_READ_S)
