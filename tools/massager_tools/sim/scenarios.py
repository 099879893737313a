"""Scenarios that demo and tests share, and the judge of a run. Host only."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

from massager_tools.errors import UsageError
from massager_tools.sim.events import Event
from massager_tools.sim.host import Row
from massager_tools.sim.scenario_data import SCENARIOS
from massager_tools.sim.wiring import HEATER, MOTOR, PUMP, VALVES

STATES = ("OFF", "CHECK", "RUN", "PAUSE", "ENDING", "STOPPING", "FAULT")
"""The values of `fw_state`, in the order of the firmware's supervisor."""

_OFF = 0

_NAMES: Mapping[str, int] = {
    **{name: number for number, name in enumerate(STATES)},
    "PUMP": PUMP,
    "VALVES": VALVES,
    "HEATER": HEATER,
    "MOTOR": MOTOR,
}


@dataclass(frozen=True)
class Miss:
    """An expectation that did not hold."""

    expectation: str
    t_ms: int
    values: Mapping[str, Any]
    """The values of its names; None where there was no telemetry yet.
    Empty when the run ended before it could be judged."""
    rows: int = 1
    """In how many rows it did not hold."""

    def __str__(self) -> str:
        if not self.values:
            return f"{self.expectation!r}: the run ended before its time"
        values = ", ".join(f"{name} {value}" for name, value in self.values.items())
        times = f", {self.rows} rows in all" if self.rows > 1 else ""
        return f"at {self.t_ms / 1000:.1f} s not {self.expectation!r}: {values}{times}"


@dataclass(frozen=True)
class Scenario:
    """One of `SCENARIOS`."""

    name: str
    title: str
    until_ms: int
    steps: tuple[tuple[float, Event | None, str | None], ...]
    always: tuple[str, ...]

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield its events, for `VirtualMassager`."""
        for second, event, _ in self.steps:
            if event is not None:
                yield {"at_ms": round(second * 1000), **event}


def load(name: str) -> Scenario:
    """Return the scenario `name`. UsageError when there is none."""
    if name not in SCENARIOS:
        raise UsageError(f"no scenario {name!r}; there are {', '.join(sorted(SCENARIOS))}")
    data: Mapping[str, Any] = SCENARIOS[name]
    return Scenario(name, data["title"], data["until_s"] * 1000, data["steps"], data["always"])


class _Expectation:
    """Compiled text of an expectation."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._code: CodeType = compile(text, "<expectation>", "eval")
        self._names = [name for name in self._code.co_names if name not in _NAMES]
        self.asks_firmware = any(name.startswith("fw_") for name in self._names)

    def holds(self, row: Row, silent: int | None = None) -> bool:
        """Return whether it holds. Values without telemetry yet count as `silent`."""
        values = self._values(row, silent)
        if None in values.values():
            return False
        return bool(eval(self._code, {"__builtins__": {}}, {**_NAMES, **values}))

    def _values(self, row: Row, silent: int | None = None) -> dict[str, Any]:
        return {
            name: row.get(name, silent) if name.startswith("fw_") else row[name]
            for name in self._names
        }

    def never(self) -> Miss:
        """Return the report that the run ended before it could be judged."""
        return Miss(self.text, 0, {})

    def miss(self, row: Row, rows: int = 1) -> Miss:
        """Return the report that it does not hold in `row`."""
        return Miss(self.text, row["t_ms"], self._values(row), rows)


class Judge:
    """Judge the rows of a run one by one; `misses()` in the end.

    Telemetry is up to 100 ms older or younger than the true values of its row. So what
    must always hold is given the telemetry of the rows before and after as well. A chip
    without telemetry yet is judged as one that is OFF without a fault.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._steps = deque(
            (round(second * 1000), _Expectation(text))
            for second, _, text in scenario.steps
            if text is not None
        )
        self._always = [_Expectation(text) for text in scenario.always]
        self._first: dict[str, Row] = {}
        self._count: dict[str, int] = {}
        self._step_misses: list[Miss] = []
        self._rows: deque[Row] = deque(maxlen=3)

    def see(self, row: Row) -> None:
        """Judge the next row."""
        while self._steps and row["t_ms"] >= self._steps[0][0]:
            _, expectation = self._steps.popleft()
            if not expectation.holds(row):
                self._step_misses.append(expectation.miss(row))
        self._rows.append(row)
        if len(self._rows) > 1:
            *before, this, after = self._rows
            self._check_always(this, (*before, after))

    def _check_always(self, row: Row, around: tuple[Row, ...]) -> None:
        for expectation in self._always:
            if expectation.holds(row, _OFF):
                continue
            if expectation.asks_firmware and any(
                expectation.holds(_with_telemetry_of(row, other), _OFF) for other in around
            ):
                continue
            self._first.setdefault(expectation.text, row)
            self._count[expectation.text] = self._count.get(expectation.text, 0) + 1

    def misses(self) -> list[Miss]:
        """Return everything that did not hold, in order of time; ask when all rows were seen."""
        if self._rows:
            *before, last = self._rows
            self._check_always(last, tuple(before[-1:]))
        found = list(self._step_misses)
        for _, expectation in self._steps:  # the run ended before their time
            found.append(expectation.never())
        for expectation in self._always:
            if expectation.text in self._first:
                row = self._first[expectation.text]
                found.append(expectation.miss(row, self._count[expectation.text]))
        return sorted(found, key=lambda miss: miss.t_ms)


def _with_telemetry_of(row: Row, other: Row) -> Row:
    true = {name: value for name, value in row.items() if not name.startswith("fw_")}
    return {**other, **true}
