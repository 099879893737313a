"""Test the guard's monitor of one thermistor."""

from massager.core.heat.ntc_monitor import NtcMonitor
from massager.core.safety import fault_table

INVALID = fault_table.NTC_B_INVALID


def monitor_after(readings):
    """Return a monitor after these readings, and all the conditions raised."""
    monitor = NtcMonitor(INVALID)
    conditions = 0
    for temp_mc in readings:
        conditions |= monitor.add(temp_mc)
    return monitor, conditions


def test_the_first_reading_is_as_if_it_had_always_been_so():
    monitor, conditions = monitor_after([33_000])
    assert (monitor.smooth_mc, monitor.trend_mc, conditions) == (33_000, 0, 0)


def test_the_running_mean_follows_a_jump_in_three_seconds():
    monitor, _ = monitor_after([30_000] + [31_000] * 32)
    assert 625 <= monitor.smooth_mc - 30_000 <= 650


def test_the_trend_is_the_rise_in_24_steps():
    monitor, conditions = monitor_after(range(20_000, 40_000, 40))
    assert 950 <= monitor.trend_mc <= 965
    assert conditions == 0


VALUE_ROWS = (
    # name, m°C, conditions
    ("the coldest house", 5_000, 0),
    ("colder", 4_990, INVALID),
    ("the hottest pad", 60_000, 0),
    ("hotter", 60_010, INVALID),
)


def test_value(row):
    _, temp_mc, conditions = row
    assert monitor_after([temp_mc])[1] == conditions


STUCK_ROWS = (
    # name, this one moves m°C a second, the other one, powered, may be stuck
    ("both move", 50, 100, True, False),
    ("the other one moves", 0, 100, True, True),
    ("the other one hardly moves", 0, 60, True, False),
    ("at rest", 0, 100, False, False),
)


def test_stuck(row):
    _, this_mc, other_mc, powered, expected = row
    monitor = NtcMonitor(INVALID)
    stuck = False
    for step in range(300):
        monitor.smooth_mc = 30_000 + this_mc * step // 10
        stuck = monitor.may_be_stuck(30_000 + other_mc * step // 10, powered)
    assert stuck == expected
