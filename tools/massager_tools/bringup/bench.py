"""The device on the bench: drives one output for a moment and tells what the sensors saw."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol

from massager_tools.errors import Failure

MODULE = "bringup.mpy"
IMPORT = "import bringup\n"

_SEND = """
import binascii
with open({name!r}, "wb") as file:
    file.write(binascii.a2b_base64({content!r}))
"""
_REMOVE = """
import os, sys
os.remove({name!r})
sys.modules.pop("bringup", None)
"""

Readings = Mapping[str, int]
"""`pad_a_uv`, `pressure_pa` …: see firmware/bringup.py."""


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
    """Calls firmware/bringup.py on the device, which is there inside a `with` block only.

    Nothing is driven between two calls.
    """

    def __init__(self, device: Device) -> None:
        self._device = device

    def __enter__(self) -> Bench:
        from massager_tools.build.deploy import (
            bringup_module,  # compiles, and help should not wait
        )

        content = base64.b64encode(bringup_module()).decode()
        self._device.execute(_SEND.format(name=MODULE, content=content))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(Failure):  # a device that has gone takes it along; flashing removes it
            self._device.execute(_REMOVE.format(name=MODULE))

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
