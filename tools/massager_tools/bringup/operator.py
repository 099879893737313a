"""The one who sits at the bench: eyes, ears and hands that no sensor replaces."""

from typing import Literal, Protocol

Noticed = Literal["nothing", "a valve", "the pump", "the motor", "the lights"]
NOTICED: tuple[Noticed, ...] = ("nothing", "a valve", "the pump", "the motor", "the lights")


class Person(Protocol):
    """Who is asked."""

    def prepare(self, text: str) -> None:
        """Do what `text` says, and say when it is done."""
        ...

    def about_to(self, text: str) -> None:
        """Be told what is going to happen."""
        ...

    def noticed(self, expected: Noticed) -> Noticed:
        """What moved, clicked or shone just now."""
        ...

    def chamber(self, count: int) -> int:
        """Which chamber has filled, counted from the ankle, 1 … `count`; 0: none."""
        ...

    def press(self, button: str) -> None:
        """Be asked to press a button, which is then looked for."""
        ...

    def thermometer(self) -> float | None:
        """The temperature beside the pad in °C; None without a thermometer."""
        ...
