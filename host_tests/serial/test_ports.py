"""Opening and closing a port resets no chip: DTR and RTS as mpremote sets them."""

from types import SimpleNamespace
from typing import Any

import pytest
import serial
from serial.tools import list_ports

from massager_tools.device import ports


class _Serial:
    """A closed port that notes what is done to it."""

    done: list[Any]

    def __init__(self) -> None:
        object.__setattr__(self, "done", [])

    def __setattr__(self, name: str, value: Any) -> None:
        self.done.append((name, value))

    def open(self) -> None:
        self.done.append("open")

    def close(self) -> None:
        self.done.append("close")


CLEARED_AND_SET = [
    ("dtr", False),
    ("rts", False),
    "open",
    ("dtr", True),
    ("rts", True),
]

OPEN_ROWS = (
    # system, vendor of the USB chip, what is done
    ("nt", 0x10C4, CLEARED_AND_SET),
    ("nt", 0x1A86, ["open"]),
    ("nt", 0x303A, ["open"]),
    ("posix", 0x10C4, ["open"]),
)


def test_open(row: tuple[str, int, list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    system, vendor, done = row
    line = _Serial()
    found = [SimpleNamespace(device="COM3", vid=vendor)]
    monkeypatch.setattr(list_ports, "comports", lambda: found)
    monkeypatch.setattr(serial, "serial_for_url", lambda *_, **__: line)
    monkeypatch.setattr(ports, "os", SimpleNamespace(name=system))
    ports.open_port("COM3")
    assert line.done == done


def test_rts_goes_before_dtr_at_the_end() -> None:
    line = _Serial()
    ports.close_port(line)  # type: ignore[arg-type]
    assert line.done == [("rts", False), ("dtr", False), "close"]
