"""The self-test in plain numbers: when it opens a line, when it passes, what it raises."""

from massager.core.safety import fault_table as f
from massager.core.safety.selftest import SelfTest

WRAP_MS = 1 << 30

AFTER_ROWS = (
    # name, ms into the test, Pa that the sensor shows, valve open, passed, raised
    ("storage may still write", 40, 0, 0, False, 0),
    ("chamber 1 is opened", 50, 0, 1, False, 0),
    ("sensors settle", 990, 0, 1, False, 0),
    ("all is well", 1_000, 0, 1, True, 0),
    ("a zero that is off", 1_000, 660, 1, True, 0),
    ("a zero that is off below", 1_000, -330, 1, True, 0),
    ("less than any chamber shows", 1_000, -340, 1, False, 0),
    ("pressure that may vanish", 1_000, 674, 1, False, 0),
    ("it has vented in time", 9_990, 660, 1, True, 0),
    ("it is given ten seconds", 10_000, 674, 1, False, 0),
    ("it has not vented", 10_010, 674, 1, True, f.PRESSURE_ZERO_OFF),
    ("nor below", 10_010, -340, 1, True, f.PRESSURE_ZERO_OFF),
)


def test_after(row):
    _, ms, pressure_pa, chambers, passed, raised = row
    for start_ms in (1_000, WRAP_MS - 500):
        test = SelfTest()
        test.step(start_ms, 5_000)
        test.step((start_ms + ms) % WRAP_MS, pressure_pa)
        assert (test.chambers, test.passed, test.conditions) == (chambers, passed, raised)
        assert not test.pump_permille and not test.exhaust


def test_a_new_test_knows_nothing_of_the_last():
    test = SelfTest()
    test.step(0, 5_000)
    test.step(10_010, 5_000)
    test.reset()
    assert (test.chambers, test.passed, test.conditions) == (0, False, 0)
    test.step(20_000, 0)
    test.step(20_040, 0)
    assert test.chambers == 0 and not test.passed
