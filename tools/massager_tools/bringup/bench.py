"""Drive one output of the device for a moment and return what the sensors measured."""

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
        """Return what `code` prints on the device; Failure when it raises there."""
        ...


@dataclass(frozen=True)
class Seen:
    """Measurements of one drive: means before and after it, extremes during it."""

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
        """Return the change from the mean before to the mean after."""
        return self.after[name] - self.before[name]


class Bench:
    """Call firmware/bringup.py on the device, inside a `with` block only.

    All outputs are off between two calls.
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
        """Return the board that is flashed on the device."""
        board: dict[str, Any] = self._call("describe")
        return board

    def look(self) -> Seen:
        """Return every sensor's readings with all outputs off."""
        return self.drive(0)

    def drive(self, ms: int, **outputs: int | bool) -> Seen:
        """Drive `outputs` (names of `core/signals.py`, `light`, `pulse_ms`) for `ms`."""
        answer = self._call("drive", ms=ms, **outputs)
        return Seen(
            before=answer["before"]["means"],
            after=answer["after"]["means"],
            low=answer["low"],
            high=answer["high"],
            live_before_permille=answer["before"]["live_permille"],
            live_permille=answer["live_permille"],
            edges_before=answer["before"]["edges"],
            edges=answer["edges"],
            buttons=answer["buttons"],
            driven_ms=answer["driven_ms"],
            ended=answer["ended"],
        )

    def lock(self) -> None:
        """Lock the heat until `keep`."""
        self._device.execute(f"{IMPORT}bringup.lock()")

    def keep(self, calibration: Mapping[str, int]) -> dict[str, Any]:
        """Store the calibration, unlock the heat, and return what the device then reads back."""
        stored: dict[str, Any] = self._call("keep", **calibration)
        return stored

    def _call(self, function: str, **values: int | bool) -> Any:
        arguments = ", ".join(f"{name}={value!r}" for name, value in values.items())
        printed = self._device.execute(f"{IMPORT}bringup.{function}({arguments})")
        try:
            return json.loads(printed.strip().splitlines()[-1])
        except (ValueError, IndexError):
            raise Failure(
                f"the device answered {printed.strip()[-200:]!r} to bringup.{function}: "
                "is this firmware on it? flash it first: massager flash"
            ) from None
