"""What must hold before anything is energised."""

from massager.core.safety import faults
from massager.core.safety.selftest import SelfTest

CHECK_ROWS = (
    # name, ms into the test, Pa, chambers, passed, conditions
    ("flash may still be written", 40, 0, 0, False, 0),
    ("then chamber 1 is opened", 50, 0, 1, False, 0),
    ("every sensor fault gets its time", 990, 0, 1, False, 0),
    ("no pressure", 1_000, 660, 1, True, 0),
    ("nor a vacuum", 1_000, -660, 1, True, 0),
    ("air still to go", 9_990, 680, 1, False, 0),
    ("a zero that is off", 10_010, 680, 1, True, faults.PRESSURE_ZERO_OFF),
)


def test_check(row):
    _, ms, pressure_pa, chambers, passed, conditions = row
    selftest = SelfTest()
    for now_ms in range(0, ms + 1, 10):
        selftest.step(now_ms, pressure_pa)
    assert (selftest.chambers, selftest.passed) == (chambers, passed)
    assert selftest.conditions == conditions


def test_a_new_test_begins_from_nothing():
    selftest = SelfTest()
    for now_ms in range(0, 11_000, 10):
        selftest.step(now_ms, 680)
    selftest.reset()
    assert (selftest.chambers, selftest.passed, selftest.conditions) == (0, False, 0)
    selftest.step(11_000, 0)
    assert not selftest.passed
