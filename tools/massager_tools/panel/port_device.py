"""A real massager on a port, watched by its telemetry: nothing is sent to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from massager_tools.device.mpremote import Device as RemoteDevice
from massager_tools.device.serial_lines import Line
from massager_tools.device.telemetry import is_tail, telemetry
from massager_tools.device_data import freeze_frames, session_log
from massager_tools.device_data.blackbox import Reader
from massager_tools.device_data.transport import NvsDevice, Transport, at_rest
from massager_tools.errors import Failure, UsageError
from massager_tools.panel.device import Status

PULLED = "the cable is pulled, or the port is gone; put it in again: the page waits for it"
SILENT = "connected, and no telemetry comes; is the firmware on it? See Install"
_SILENT_READS = 30  # of a tenth of a second each


class _KeptThere:
    """Stored data of a real device, read while its firmware is stopped."""

    def __init__(self, device: RemoteDevice) -> None:
        keys = [*session_log.keys(), *freeze_frames.keys()]
        self.store: Transport = NvsDevice(device, keys)
        self.files: Reader = device


class PortDevice:
    """A massager on `port`. Failure, one line, where the port cannot be opened."""

    def __init__(self, port: str) -> None:
        self.status = Status()
        self.port = port
        self._paused = threading.Event()
        self._closing = threading.Event()
        self._line = Line(port)
        self._start()

    @property
    def title(self) -> str:
        """Return a name for people."""
        return f"massager on {self.port}"

    @property
    def can_press(self) -> bool:
        """Return False: the buttons on the case command it, and nothing else."""
        return False

    @property
    def board(self) -> Mapping[str, Any] | None:
        """Return None: telemetry does not say."""
        return None

    def send(self, *events: Mapping[str, Any]) -> None:
        """Raise UsageError: the serial line starts nothing."""
        raise UsageError("this is a real massager: the buttons on its case command it")

    @contextmanager
    def at_rest(self) -> Iterator[_KeptThere]:
        """Stop the firmware, read, start it again. Failure where it does not answer."""
        self._stop()
        try:
            with at_rest(self.port) as device:
                yield _KeptThere(device)
        finally:
            self._closing.clear()
            try:
                self._line = Line(self.port)
                self._start()
            except Failure as error:
                self.status.condition = str(error)

    def close(self) -> None:
        """Close the port."""
        self._stop()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._watch, daemon=True, name=self.port)
        self._thread.start()

    def _stop(self) -> None:
        self._closing.set()
        self._thread.join(5.0)
        self._line.close()

    def _watch(self) -> None:
        silent = 0
        while not self._closing.is_set():
            silent += 1
            for text in self._line.lines():
                values = telemetry(text)
                if values:
                    silent = 0
                    named = {f"fw_{name}": value for name, value in values.items()}
                    self.status.add({"t_ms": values.get("t_ms", 0), **named})
                elif text and not is_tail(text):
                    self.status.say(text)
            if not self._line.connected:
                self.status.condition = PULLED
            elif silent > _SILENT_READS:
                self.status.condition = SILENT
