"""The walk through first power-up: its steps in order, what they need, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from massager_tools.bringup.bench import Bench
from massager_tools.bringup.operator import Person


@dataclass(frozen=True)
class Trouble:
    """Something wired wrong or broken."""

    step: str
    role: str
    pin: int
    text: str  # what was seen, and what to look at

    def __str__(self) -> str:
        return f"{self.role} on pin {self.pin}: {self.text}"


@dataclass
class Walk:
    """What the steps share: the board as flashed, who helps, what has been found."""

    bench: Bench
    person: Person
    board: dict[str, Any]
    calibration: dict[str, int] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    step: str = ""

    @property
    def roles(self) -> dict[str, dict[str, Any]]:
        """The board's roles."""
        roles: dict[str, dict[str, Any]] = self.board["roles"]
        return roles

    def pin(self, role: str) -> int:
        """Where a role is."""
        pin: int = self.roles[role]["pin"]
        return pin

    def trouble(self, role: str, text: str) -> Trouble:
        """A trouble of this step."""
        return Trouble(self.step, role, self.pin(role), text)

    def chambers(self) -> list[str]:
        """The valves' roles, ankle first."""
        return sorted(role for role in self.roles if role.startswith("chamber_"))


Check = Callable[[Walk], Iterator[Trouble]]


@dataclass(frozen=True)
class Step:
    """One step; it is left out unless all steps in `needs` have passed."""

    name: str
    title: str
    check: Check
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How one step went: passed, troubled, or left out because of `missing` steps."""

    step: Step
    troubles: tuple[Trouble, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing was wrong."""
        return not self.troubles and not self.missing


def walk(steps: tuple[Step, ...], state: Walk, begin: Callable[[str], None]) -> Iterator[Outcome]:
    """Take the steps one by one, each told to `begin`; each outcome as it comes."""
    passed: set[str] = set()
    for number, step in enumerate(steps, 1):
        begin(f"{number}/{len(steps)} {step.title}")
        missing = tuple(name for name in step.needs if name not in passed)
        if missing:
            yield Outcome(step, missing=missing)
            continue
        state.step = step.name
        troubles = tuple(step.check(state))
        state.troubles += troubles
        if not troubles:
            passed.add(step.name)
        yield Outcome(step, troubles)
