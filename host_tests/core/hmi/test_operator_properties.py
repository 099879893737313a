"""Random presses at any time: hypothesis looks for the presses that break a rule.

The rules that must hold are in verification/monkey_test.py, which also says what is simplified.
`massager measure panel` runs thousands of hours of the same; here it is some hundred steps
that hypothesis can shrink.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from massager.core.signals import BUTTON_DOWN, BUTTON_POWER, BUTTON_UP
from massager_tools.verification.monkey_test import MonkeyRun

BUTTONS = st.one_of(st.sampled_from([1, 2, 4, 8, 16]), st.integers(1, 31))
PRESS_MS = st.one_of(st.sampled_from([290, 300, 1_990, 2_000, 3_500]), st.integers(1, 600)).map(
    lambda ms: ms // 10 * 10 + 10
)
BOUNCE = st.lists(st.integers(0, 1), max_size=2).map(tuple)
WAIT_MS = st.sampled_from([10, 100, 1_000, 10_000, 60_000, 600_000, 1_800_000])


class Person(RuleBasedStateMachine):
    """Presses, waits, and the mains."""

    def __init__(self) -> None:
        super().__init__()
        self.run = MonkeyRun(start_ms=(1 << 30) - 30_000)

    @rule(buttons=BUTTONS, ms=PRESS_MS, bounce=BOUNCE)
    def press(self, buttons: int, ms: int, bounce: tuple[int, ...]) -> None:
        self.run.press(buttons, ms, bounce)

    @rule()
    def start(self) -> None:
        self.run.press(BUTTON_POWER, 500)
        self.run.wait(2_000)

    @rule()
    def lock(self) -> None:
        self.run.press(BUTTON_UP | BUTTON_DOWN, 2_500)

    @rule(ms=WAIT_MS)
    def wait(self, ms: int) -> None:
        self.run.wait(ms)

    @rule(low=st.booleans())
    def supply(self, low: bool) -> None:
        self.run.guards.supply_low = low
        self.run.wait(1_000)

    @rule()
    def trip(self) -> None:
        self.run.trip()
        self.run.wait(100)

    @rule(held=st.sampled_from([0, BUTTON_POWER]))
    def power_cut(self, held: int) -> None:
        self.run.power_up(held)


TestPerson = Person.TestCase
TestPerson.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
