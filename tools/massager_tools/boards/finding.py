"""Hold one error, warning or note about a board."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One finding on a role, or on the whole board where `role` is empty."""

    severity: Severity
    rule: str  # short name, stable: programs and tests go by it
    role: str
    pin: int | None
    message: str  # what would happen
    try_pins: tuple[int, ...] = ()  # free pins that would do, the best first

    def __str__(self) -> str:
        """Return the finding in one line."""
        where = self.role or "board"
        if self.pin is not None:
            where += f" on pin {self.pin}"
        line = f"{self.severity}: {where} ({self.rule}): {self.message}"
        if self.try_pins:
            line += f"; free pins that would do: {', '.join(map(str, self.try_pins))}"
        return line
