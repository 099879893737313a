"""Restart the chip and wait until the firmware runs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from massager_tools.device.mpremote import DeviceError
from massager_tools.device.restart import after_reset
from massager_tools.device.telemetry import telemetry
from massager_tools.units import PA_PER_MMHG

_READY_S = 20.0
_READY = re.compile(r"ready massager (\S+) board (\S+) reset (\S+)")
_BAD = ("firmware incomplete", "halted", "failed:")


@dataclass
class Ready:
    """The line that the firmware prints when it starts."""

    version: str
    board: str
    reset: str
    values: dict[str, int] = field(default_factory=dict)
    """The first telemetry line."""
    messages: list[str] = field(default_factory=list)
    """Other lines printed during the start."""

    def self_test(self) -> str:
        """Return what the sensors read at rest, and the fault, in one line."""
        values = self.values
        if not values:
            return "no telemetry"
        fault = values.get("fault", 0)
        return (
            f"pad {values['pad_a_mc'] / 1000:.1f} and {values['pad_b_mc'] / 1000:.1f} °C, "
            f"pressure {values['pressure_pa'] / PA_PER_MMHG:.1f} mmHg, "
            + (f"fault {fault}: see massager faults" if fault else "no fault")
        )


def restart(port: str) -> Ready:
    """Reset the chip, whose prompt must be free, and wait until the firmware runs.

    Raise DeviceError with the firmware's last line if it does not.
    """
    lines: list[str] = []
    for output in after_reset(port, _READY_S):
        lines = [line.strip() for line in output.split("\n")[:-1]]
        ready = _judge(port, lines)
        if ready is not None:
            return ready
    last = f"last line {lines[-1]!r}" if lines else "no output"
    raise DeviceError(f"{port}: the firmware did not start within {_READY_S:.0f} s; {last}")


def _judge(port: str, lines: list[str]) -> Ready | None:
    """Return what the lines since the reset mean; None while the start is not complete."""
    ready: Ready | None = None
    for text in lines:
        values = telemetry(text)
        found = _READY.search(text)
        if text.startswith(_BAD):
            raise DeviceError(f"{port}: {text}")
        if found:
            ready = Ready(found[1], found[2], found[3])
        elif ready is not None and values:
            ready.values = values
            return ready
        elif ready is not None and text:
            ready.messages.append(text)
    return None
