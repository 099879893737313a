"""Interface to the operator at the bench, who sees and presses what no sensor can."""

from typing import Literal, Protocol

Noticed = Literal["nothing", "a valve", "the pump", "the motor", "the lights"]
NOTICED: tuple[Noticed, ...] = ("nothing", "a valve", "the pump", "the motor", "the lights")


class Operator(Protocol):
    """Answer questions about what happens at the bench."""

    def prepare(self, text: str) -> None:
        """Do what `text` says; return when it is done."""
        ...

    def about_to(self, text: str) -> None:
        """Announce what is going to happen."""
        ...

    def noticed(self, expected: Noticed) -> Noticed:
        """Return what moved, clicked or shone just now."""
        ...

    def chamber(self, count: int) -> int:
        """Return the chamber that filled, counted from the ankle, 1 … `count`; 0: none."""
        ...

    def press(self, button: str) -> None:
        """Ask for a press of a button."""
        ...

    def thermometer(self) -> float | None:
        """Return the temperature beside the pad in °C; None without a thermometer."""
        ...
