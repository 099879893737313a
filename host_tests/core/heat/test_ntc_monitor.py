"""What the guard keeps of one thermistor."""

from massager.core.heat.ntc_monitor import NtcMonitor
from massager.core.safety import fault_table

INVALID = fault_table.NTC_B_INVALID


def watched(readings):
    """A watch after these readings, and all the conditions that they showed."""
    watch = NtcMonitor(INVALID)
    found = 0
    for temp_mc in readings:
        found |= watch.add(temp_mc)
    return watch, found


def test_the_first_reading_is_as_if_it_had_always_been_so():
    watch, found = watched([33_000])
    assert (watch.smooth_mc, watch.ahead_mc, found) == (33_000, 0, 0)


def test_the_running_mean_follows_a_jump_in_three_seconds():
    watch, _ = watched([30_000] + [31_000] * 32)
    assert 625 <= watch.smooth_mc - 30_000 <= 650


def test_a_rise_runs_ahead_by_what_it_gains_in_24_steps():
    watch, found = watched(range(20_000, 40_000, 40))
    assert 950 <= watch.ahead_mc <= 965
    assert found == 0


VALUE_ROWS = (
    # name, m°C, found
    ("the coldest house", 5_000, 0),
    ("colder", 4_990, INVALID),
    ("the hottest pad", 60_000, 0),
    ("hotter", 60_010, INVALID),
)


def test_value(row):
    _, temp_mc, found = row
    assert watched([temp_mc])[1] == found


STILL_ROWS = (
    # name, this one moves m°C a second, the other one, powered, stands still
    ("both move", 50, 100, True, False),
    ("the other one moves", 0, 100, True, True),
    ("the other one hardly moves", 0, 60, True, False),
    ("at rest", 0, 100, False, False),
)


def test_still(row):
    _, this_mc, other_mc, powered, expected = row
    watch = NtcMonitor(INVALID)
    still = False
    for step in range(300):
        watch.smooth_mc = 30_000 + this_mc * step // 10
        still = watch.stands_still(30_000 + other_mc * step // 10, powered)
    assert still == expected
