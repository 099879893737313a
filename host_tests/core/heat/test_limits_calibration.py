"""Test what the heat's limits allow a calibration to be, and what counts as a short."""

from massager.core import limits
from massager.core.heat.guard import HeatGuard
from massager.core.safety import fault_table


def test_a_calibration_is_off_by_no_more_than_leaves_the_boost_below_the_trip():
    assert limits.CALIBRATION_MAX_MC == 1_500
    assert limits.HEAT_BOOST_MC + limits.CALIBRATION_MAX_MC < limits.PAD_TRIP_MC


SHORT_ROWS = (
    # name, m°C that the other thermistor reads, trips as a hot pad
    ("one shorted to the rail of an S3", 41_000, False),
    ("both hot", 62_500, True),
)


def test_short(row):
    """At 1.5 V, where an S3's converter may end, an NTC to the rail reads 69 °C."""
    _, other_mc, expected = row
    guard = HeatGuard()
    for _ in range(5):
        guard.step(other_mc, 69_000, 43_000)
    assert bool(guard.conditions & fault_table.PAD_OVER_TEMP_TRIP) == expected
