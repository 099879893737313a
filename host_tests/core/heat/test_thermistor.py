"""From the pin's voltage to a temperature: table, rail, calibration."""

from host_tests.support.bench import UV_AT_ZERO_C, UV_PER_KELVIN, ntc_table
from massager.core.heat.thermistor import Rail, Thermistor

CONVERT_ROWS = (
    # name, pin µV, expected m°C
    ("freezing", UV_AT_ZERO_C, 0),
    ("hand-warm", UV_AT_ZERO_C - 43 * UV_PER_KELVIN, 43_000),
    ("between two entries", UV_AT_ZERO_C - 43 * UV_PER_KELVIN + 4_000, 42_733),
    ("shorted", 0, 100_000),
    ("below ground", -5_000, 100_000),
)


def test_convert(row):
    _, pin_uv, expected_mc = row
    thermistor = Thermistor(ntc_table())
    assert abs(thermistor.temp_mc(pin_uv) - expected_mc) <= 4


def test_a_cut_wire_reads_the_cold_end():
    thermistor = Thermistor(ntc_table())
    assert thermistor.temp_mc(3_300_000) == -40_000


def test_calibration_is_added():
    thermistor = Thermistor(ntc_table(), -1_250)
    assert abs(thermistor.temp_mc(UV_AT_ZERO_C) + 1_250) <= 4


RAIL_ROWS = (
    # name, true rail against nominal in permille, error left in m°C at most
    ("as it should be", 1_000, 4),
    ("2 % high", 1_020, 100),
    ("2 % low", 980, 100),
    ("5 % low", 950, 100),
)


def test_rail(row):
    """A measured rail takes its own error out."""
    _, permille, left_mc = row
    rail = Rail(1_650_000)
    thermistor = Thermistor(ntc_table())
    pin_uv = (UV_AT_ZERO_C - 43 * UV_PER_KELVIN) * permille // 1000
    assert abs(thermistor.temp_mc(pin_uv, rail.scale(1_650 * permille)) - 43_000) <= left_mc


def test_a_broken_rail_divider_cannot_turn_the_reading_over():
    rail = Rail(1_650_000)
    for pin_uv in (-1, 0, 3_300_000):
        assert 900 < rail.scale(pin_uv) < 1_150
