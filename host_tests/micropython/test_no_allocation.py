"""A tick allocates nothing, in every state and under every fault."""

import pytest

from host_tests.core import heap_scenarios
from host_tests.support.heap import probe
from massager.core.safety.supervisor import STATE_NAMES

pytestmark = pytest.mark.micropython

SCENARIOS = ("off", "check", "run", "pause", "ending", "stopping", "fault", "every_fault")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_ten_thousand_ticks(scenario: str) -> None:
    report = probe(f"{heap_scenarios.__name__}:{scenario}", 10_000)
    assert report.clean, report.traceback
    assert report.ticks == 10_000


def test_the_black_box() -> None:
    report = probe("host_tests.core.heap_blackbox:Recording", 10_000)
    assert report.clean, report.traceback


def test_every_state_the_loop_runs_in_is_covered() -> None:
    assert {name.lower() for name in STATE_NAMES} <= set(SCENARIOS)
