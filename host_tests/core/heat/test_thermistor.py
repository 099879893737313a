"""From the pin's voltage to a temperature: average, table, rail, calibration."""

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
    thermistor.add(pin_uv)
    assert abs(thermistor.convert() - expected_mc) <= 1


def test_a_cut_wire_reads_the_cold_end():
    thermistor = Thermistor(ntc_table())
    thermistor.add(3_300_000)
    assert thermistor.convert() < -40_000


def test_ten_readings_are_averaged_and_then_forgotten():
    thermistor = Thermistor(ntc_table())
    for kelvin in range(10):
        thermistor.add(UV_AT_ZERO_C - kelvin * UV_PER_KELVIN)
    assert abs(thermistor.convert() - 4_500) <= 1
    thermistor.add(UV_AT_ZERO_C)
    assert abs(thermistor.convert()) <= 1


def test_calibration_is_added():
    thermistor = Thermistor(ntc_table(), -1_250)
    thermistor.add(UV_AT_ZERO_C)
    assert abs(thermistor.convert() + 1_250) <= 1


RAIL_ROWS = (
    # name, true rail against nominal in permille, error left in m°C at most
    ("as it should be", 1_000, 1),
    ("2 % high", 1_020, 100),
    ("2 % low", 980, 100),
    ("5 % low", 950, 100),
)


def test_rail(row):
    """A measured rail takes its own error out."""
    _, permille, left_mc = row
    rail = Rail(1_650_000)
    rail.add(1_650 * permille)
    rail.convert()
    thermistor = Thermistor(ntc_table())
    thermistor.add((UV_AT_ZERO_C - 43 * UV_PER_KELVIN) * permille // 1000)
    assert abs(thermistor.convert(rail.scale) - 43_000) <= left_mc


def test_a_broken_rail_divider_cannot_turn_the_reading_over():
    rail = Rail(1_650_000)
    rail.add(0)
    rail.convert()
    assert 900 < rail.scale < 1_150
