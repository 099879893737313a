"""Run the demo: a whole session on the virtual massager, judged and summed up."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from massager_tools.device_data.transport import Nvs
from massager_tools.firmware_tables import Program
from massager_tools.session_trace import SessionTrace
from massager_tools.sim import scenarios
from massager_tools.sim.host import Result, VirtualMassager
from massager_tools.sim.scenario_data import SCENARIOS
from massager_tools.sim.scenarios import Judge, Miss, Scenario

_PRESS_MS = 150
_START_PRESS_MS = 500
_BETWEEN_PRESSES_S = 0.5
_SPARE_S = 30  # self-test before, vent after


@dataclass
class Demo:
    """The result of one demo."""

    program: str
    board: str
    seed: int
    track: SessionTrace
    result: Result
    misses: list[Miss]
    serial: list[str]
    """Lines of the firmware that are not telemetry."""
    real_s: float
    figures: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.figures = self.track.figures()

    @property
    def safe(self) -> bool:
        """Return whether nothing is energised at the end."""
        if self.result.reason == "until":
            return self.track["energised"][-1] == 0
        return self.result.outputs_safe

    @property
    def ok(self) -> bool:
        """Return whether it went to its planned end and everything expected held."""
        return self.result.reason == "until" and self.safe and not self.misses

    @property
    def times_real_time(self) -> float:
        """Return virtual time over real time."""
        return self.result.virtual_ms / 1000 / self.real_s

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {
            "ok": self.ok,
            "program": self.program,
            "board": self.board,
            "seed": self.seed,
            **self.figures,
            "outputs_safe": self.safe,
            "ended": self.result.reason,
            "traceback": self.result.traceback,
            "misses": [str(miss) for miss in self.misses],
            "virtual_s": round(self.result.virtual_ms / 1000, 1),
            "real_s": round(self.real_s, 1),
            "times_real_time": round(self.times_real_time, 1),
            "firmware_heap_bytes": self.result.heap_bytes,
        }


def scenario_of(program: Program) -> Scenario:
    """Return the scenario of that program; where there is none, a start and a whole session."""
    if program.name in SCENARIOS:
        return scenarios.load(program.name)
    steps: list[tuple[float, dict[str, Any] | None, str | None]] = []
    second = 1.0
    for _ in range(program.index):
        steps.append((second, _press("program", _PRESS_MS), None))
        second += _BETWEEN_PRESSES_S
    steps.append((second, _press("power", _START_PRESS_MS), f"fw_program == {program.index}"))
    until_s = program.minutes * 60 + _SPARE_S
    steps.append((until_s - 1, None, "fw_state == OFF and fw_fault == 0 and energised == 0"))
    always = ("pad_max_mc <= 45000", "chamber_max_pa <= 6000", "boots == 1")
    return Scenario(program.name, program.name, until_s * 1000, tuple(steps), always)


def play(
    board: dict[str, Any],
    scenario: Scenario,
    *,
    seed: int = 1,
    speed: float | None = None,
    on_cpython: bool = False,
    flash_dir: Path | None = None,
    nvs: Nvs | None = None,
    on_progress: Callable[[float, str], None] = lambda share, detail: None,
) -> Demo:
    """Play `scenario` on `board`; `on_progress(share, detail)` is called with the progress.

    `flash_dir` holds a tree to run in place of the one that deployment makes, `nvs` the
    flash store that the device starts with.
    """
    judge = Judge(scenario)
    track = SessionTrace(sum(role.startswith("chamber_") for role in board["roles"]))
    started_s = time.monotonic()
    with VirtualMassager(
        board,
        seed=seed,
        speed=speed,
        events=scenario.events(),
        until_ms=scenario.until_ms,
        flash_dir=flash_dir,
        nvs=nvs,
        on_cpython=on_cpython,
    ) as massager:
        for row in massager.rows():
            judge.see(row)
            track.add(row)
            on_progress(row["t_ms"] / scenario.until_ms, track.state())
    assert massager.result is not None
    return Demo(
        program=scenario.name,
        board=board["name"],
        seed=seed,
        track=track,
        result=massager.result,
        misses=judge.misses(),
        serial=massager.serial,
        real_s=time.monotonic() - started_s,
    )


def _press(button: str, for_ms: int) -> dict[str, Any]:
    return {"do": "press", "button": button, "for_ms": for_ms}
