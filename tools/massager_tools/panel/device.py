"""A massager as the page sees it, whichever kind it is: its status in, presses out."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from massager_tools.device_data.blackbox import Reader
from massager_tools.device_data.transport import Transport

Values = dict[str, Any]
"""Telemetry as `fw_…`; of a virtual massager also the true values, see `sim.record`."""

HISTORY_EVERY_S = 0.5
HISTORY_MAX = 1_200  # ten minutes of the massager's own time
MESSAGES_MAX = 200


class Kept(Protocol):
    """Data that outlive power-off on a device at rest."""

    store: Transport
    files: Reader


class Device(Protocol):
    """A massager. Every method may be called from any thread."""

    status: Status

    @property
    def title(self) -> str:
        """Return a name for people."""
        ...

    @property
    def can_press(self) -> bool:
        """Return whether `send` reaches its buttons: on a virtual massager only."""
        ...

    @property
    def board(self) -> Mapping[str, Any] | None:
        """Return the board that is flashed; None where it is not known."""
        ...

    def send(self, *events: Mapping[str, Any]) -> None:
        """Let `events` happen, see `sim.host.VirtualMassager`; UsageError on a real one."""
        ...

    def at_rest(self) -> AbstractContextManager[Kept]:
        """Stop it, give what it keeps, start it again. Failure where it does not answer."""
        ...

    def close(self) -> None:
        """Release it."""
        ...


class Status:
    """The newest values of a device, their recent history, and what else it said.

    One thread writes, any other reads.
    """

    def __init__(self) -> None:
        self.values: Values = {}
        self.count = 0
        """How many values have come; changes with each."""
        self.condition = "waiting for the first values"
        """Why no values come, a sentence for people; empty while they do."""
        self.crash = ""
        """How the firmware ended and its traceback; empty while it runs."""
        self.history: deque[tuple[float, Values]] = deque(maxlen=HISTORY_MAX)
        """(seconds, values), every half second of the massager's own time."""
        self.messages: deque[str] = deque(maxlen=MESSAGES_MAX)
        self._lock = threading.Lock()
        self._shift_s = 0.0

    def add(self, values: Values) -> None:
        """Take the next values. After a restart of the device its time continues."""
        t_s = values.get("t_ms", 0) / 1000 + self._shift_s
        with self._lock:
            if self.history and t_s < self.history[-1][0]:
                self._shift_s += self.history[-1][0] + HISTORY_EVERY_S - t_s
                t_s = self.history[-1][0] + HISTORY_EVERY_S
            if not self.history or t_s >= self.history[-1][0] + HISTORY_EVERY_S:
                self.history.append((t_s, values))
        self.values = values
        self.condition = ""
        self.count += 1

    def say(self, message: str) -> None:
        """Add a line for people."""
        self.messages.append(message)

    def recent(self) -> list[tuple[float, Values]]:
        """Return a copy of the history."""
        with self._lock:
            return list(self.history)


def chamber_names(values: Values) -> Iterator[str]:
    """Yield the columns of the chambers' true pressures, the ankle's first."""
    number = 1
    while f"chamber_{number}_pa" in values:
        yield f"chamber_{number}_pa"
        number += 1
