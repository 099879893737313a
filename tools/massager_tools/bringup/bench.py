"""The device on the bench: drives one output for a moment and tells what the sensors saw."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from massager_tools.errors import Failure

IMPORT = "from massager import bringup\n"

Readings = Mapping[str, int]
"""`pad_a_uv`, `pressure_pa` …: see firmware/massager/bringup.py."""


class Device(Protocol):
    """A device in SERVICE whose serial line is free."""

    def execute(self, code: str) -> str:
        """What `code` prints on the device; Failure when it raises there."""
        ...


@dataclass(frozen=True)
class Seen:
    """What one drive showed: means before and after it, extremes while it lasted."""

    before: Readings
    after: Readings
    low: Readings
    high: Readings
    live_before_permille: int  # share of the time in which the heater's node was live
    live_permille: int
    edges_before: int
    edges: int
    buttons: int  # BUTTON_* bits seen at any time
    driven_ms: int
    ended: str | None  # why it ended early

    def rise(self, name: str) -> int:
        """From the mean before to the mean after."""
        return self.after[name] - self.before[name]


class Bench:
    """Calls the device's own `massager.bringup`; nothing is driven between two calls."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def describe(self) -> dict[str, Any]:
        """The board that is flashed on the device."""
        board: dict[str, Any] = self._call("describe")
        return board

    def look(self) -> Seen:
        """Every sensor, with every output off."""
        return self.drive(0)

    def drive(self, ms: int, **outputs: int | bool) -> Seen:
        """Drive `outputs` (names of `core/signals.py`, `light`, `pulse_ms`) for `ms`."""
        told = self._call("drive", ms=ms, **outputs)
        return Seen(
            before=told["before"]["means"],
            after=told["after"]["means"],
            low=told["low"],
            high=told["high"],
            live_before_permille=told["before"]["live_permille"],
            live_permille=told["live_permille"],
            edges_before=told["before"]["edges"],
            edges=told["edges"],
            buttons=told["buttons"],
            driven_ms=told["driven_ms"],
            ended=told["ended"],
        )

    def lock(self) -> None:
        """No heat until `keep`."""
        self._device.execute(f"{IMPORT}bringup.lock()")

    def keep(self, calibration: Mapping[str, int]) -> dict[str, Any]:
        """Write the calibration, unlock the heat; what the device then reads back."""
        kept: dict[str, Any] = self._call("keep", **calibration)
        return kept

    def _call(self, function: str, **values: int | bool) -> Any:
        arguments = ", ".join(f"{name}={value!r}" for name, value in values.items())
        told = self._device.execute(f"{IMPORT}bringup.{function}({arguments})")
        try:
            return json.loads(told.strip().splitlines()[-1])
        except (ValueError, IndexError):
            raise Failure(
                f"the device answered {told.strip()[-200:]!r} to bringup.{function}: "
                "is this firmware on it? flash it first: massager flash"
            ) from None
