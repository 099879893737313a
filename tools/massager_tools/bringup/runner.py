"""Run the steps of first power-up in order, each with the steps that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from massager_tools.bringup.bench import Bench
from massager_tools.bringup.operator import Operator


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
class Run:
    """State shared by the steps: the flashed board, the operator, the results so far."""

    bench: Bench
    operator: Operator
    board: dict[str, Any]
    calibration: dict[str, int] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    step: str = ""

    @property
    def roles(self) -> dict[str, dict[str, Any]]:
        """Return the board's roles."""
        roles: dict[str, dict[str, Any]] = self.board["roles"]
        return roles

    def pin(self, role: str) -> int:
        """Return the pin of a role."""
        pin: int = self.roles[role]["pin"]
        return pin

    def trouble(self, role: str, text: str) -> Trouble:
        """Return a trouble found in this step."""
        return Trouble(self.step, role, self.pin(role), text)

    def chambers(self) -> list[str]:
        """Return the valves' roles, ankle first."""
        return sorted(role for role in self.roles if role.startswith("chamber_"))


Check = Callable[[Run], Iterator[Trouble]]


@dataclass(frozen=True)
class Step:
    """One step; it is skipped unless all steps in `needs` have passed."""

    name: str
    title: str
    check: Check
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Result of one step: passed, its troubles, or skipped because of `missing` steps."""

    step: Step
    troubles: tuple[Trouble, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Return True when nothing was wrong."""
        return not self.troubles and not self.missing


def run_steps(
    steps: tuple[Step, ...], state: Run, begin: Callable[[str], None]
) -> Iterator[Outcome]:
    """Run the steps one by one and yield each outcome; `begin` gets each title first."""
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
