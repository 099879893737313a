"""The judge of scenarios, and that the shipped ones are well formed."""

from typing import Any

import pytest

from host_tests.sim.flashed import BOARD
from massager_tools.errors import UsageError
from massager_tools.sim import record, scenarios
from massager_tools.sim.host import Row, VirtualMassager
from massager_tools.sim.scenario_data import SCENARIOS
from massager_tools.sim.scenarios import Judge, Scenario

FIRMWARE_NAMES = {
    "fw_state",
    "fw_fault",
    "fw_level",
    "fw_program",
    "fw_cycles",
    "fw_heat_set_mc",
}


def rows(**columns: list[Any]) -> list[Row]:
    """Rows 100 ms apart; a None leaves the name out of its row."""
    count = len(next(iter(columns.values())))
    return [
        {
            "t_ms": n * 100,
            **{name: values[n] for name, values in columns.items() if values[n] is not None},
        }
        for n in range(count)
    ]


def misses(
    seen: list[Row],
    steps: tuple[Any, ...] = (),
    always: tuple[str, ...] = (),
) -> list[str]:
    judge = Judge(Scenario("test", "a test", 1_000, steps, always))
    for row in seen:
        judge.see(row)
    return [str(miss) for miss in judge.misses()]


JUDGED = [
    # rows, steps, always, what is missed
    (rows(a=[1, 2, 3]), ((0.1, None, "a == 2"),), (), []),
    (
        rows(a=[1, 2, 3]),
        ((0.1, None, "a == 1"),),
        (),
        ["at 0.1 s not 'a == 1': a 2"],
    ),
    # between two rows: the next one counts
    (rows(a=[1, 2, 3]), ((0.15, None, "a == 3"),), (), []),
    # a run that ended too early
    (
        rows(a=[1, 2, 3]),
        ((5, None, "a == 3"),),
        (),
        ["'a == 3': the run ended before its time"],
    ),
    # an event without an expectation
    (rows(a=[1]), ((0, {"do": "stop"}, None),), (), []),
    (rows(a=[1, 2, 3]), (), ("a < 4",), []),
    (rows(a=[4, 2, 3]), (), ("a < 4",), ["at 0.0 s not 'a < 4': a 4"]),
    (rows(a=[1, 2, 4]), (), ("a < 4",), ["at 0.2 s not 'a < 4': a 4"]),
    (rows(a=[4, 5, 6]), (), ("a < 4",), ["at 0.0 s not 'a < 4': a 4, 3 rows in all"]),
    # telemetry may be a row late or early, not two
    (
        rows(energised=[0, 1, 1, 1, 0], fw_state=[0, 0, 2, 0, 0]),
        (),
        ("energised == 0 or fw_state == RUN",),
        [],
    ),
    (
        rows(energised=[1, 0, 0, 0, 0], fw_state=[0, 0, 2, 0, 0]),
        (),
        ("energised == 0 or fw_state == RUN",),
        ["at 0.0 s not 'energised == 0 or fw_state == RUN': energised 1, fw_state 0"],
    ),
    # true values are never taken from another row
    (rows(a=[0, 9, 0], fw_b=[0, 0, 0]), (), ("a < 5 and fw_b == 0",),
     ["at 0.1 s not 'a < 5 and fw_b == 0': a 9, fw_b 0"]),
    # a firmware that has said nothing is OFF, and energises nothing
    (rows(energised=[0, 0], fw_state=[None, 0]), (), ("energised == 0 or fw_state == RUN",), []),
    (
        rows(energised=[8, 0], fw_state=[None, None]),
        (),
        ("energised == 0 or fw_state == RUN",),
        ["at 0.0 s not 'energised == 0 or fw_state == RUN': energised 8, fw_state None"],
    ),
    # but a step asks for what it said
    (
        rows(fw_state=[None, None]),
        ((0, None, "fw_state == OFF"),),
        (),
        ["at 0.0 s not 'fw_state == OFF': fw_state None"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "steps", "always", "expected"), JUDGED)
def test_judge(
    seen: list[Row], steps: tuple[Any, ...], always: tuple[str, ...], expected: list[str]
) -> None:
    assert misses(seen, steps, always) == expected


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_shipped_scenarios_are_well_formed(name: str) -> None:
    scenario = scenarios.load(name)
    known = {*record.columns(3), *FIRMWARE_NAMES, *scenarios._NAMES}
    seconds = [second for second, _, _ in scenario.steps]

    assert seconds == sorted(seconds)
    assert seconds[-1] * 1000 < scenario.until_ms
    VirtualMassager(BOARD, events=scenario.events())
    for text in (*scenario.always, *(step[2] for step in scenario.steps if step[2])):
        assert set(compile(text, text, "eval").co_names) <= known, text


def test_an_unknown_scenario_lists_the_others() -> None:
    with pytest.raises(UsageError, match="there are evening, power_cut, stop, warm"):
        scenarios.load("morning")
