"""Test the conversion of a pin's voltage to a temperature: table, rail, calibration."""

from massager.core.heat.thermistor import Rail, Thermistor
from massager.core.safety import fault_table
from massager_tools.sim.bench import UV_AT_ZERO_C, UV_PER_KELVIN, Bench, board, ntc_table

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
    ("3.9 % high", 1_039, 100),
    ("3.8 % low", 962, 100),
)


def test_rail(row):
    """A measured rail corrects its own error."""
    _, permille, left_mc = row
    rail = Rail(1_650_000)
    thermistor = Thermistor(ntc_table())
    pin_uv = (UV_AT_ZERO_C - 43 * UV_PER_KELVIN) * permille // 1000
    assert abs(thermistor.temp_mc(pin_uv, rail.scale(1_650 * permille)) - 43_000) <= left_mc


BROKEN_ROWS = (
    # name, pin µV where 1.65 V are meant
    ("open to the rail", 3_300_000),
    ("open to ground", 0),
    ("below ground", -1),
    ("4.5 % high", 1_724_000),
    ("4.5 % low", 1_576_000),
)


def test_broken(row):
    """With a broken rail divider the reading is one that no pad can have.

    Otherwise both thermistors would read some degrees off, equally and unnoticed.
    """
    _, pin_uv = row
    thermistor = Thermistor(ntc_table(), 5_000)
    for warm_mc in (0, 43_000, 90_000):
        ntc_uv = UV_AT_ZERO_C - warm_mc // 1000 * UV_PER_KELVIN
        assert thermistor.temp_mc(ntc_uv, Rail(1_650_000).scale(pin_uv)) == -40_000


RAIL_FAULT_ROWS = (
    # name, pin µV where 1.32 V are meant, code
    ("as it should be", 1_320_000, 0),
    ("open", 3_300_000, 13),
    ("shorted", 0, 13),
)


def test_rail_fault(row):
    """A broken rail divider stops the heat."""
    _, rail_uv, code = row
    on_board = board()
    on_board["roles"]["rail"] = {}
    on_board["ntc"] = {"rail_mv": 3_300}
    on_board["rail_divider"] = {"permille": 400}
    bench = Bench(on_board=on_board)
    bench.inputs.rail_uv = 1_320_000
    bench.run(1_000)
    assert bench.controller.faults.code == 0
    bench.inputs.rail_uv = rail_uv
    bench.run(1_000)
    assert bench.controller.faults.code == code
    both = fault_table.NTC_A_INVALID | fault_table.NTC_B_INVALID
    assert bench.controller.faults.heat.latched & both == (both if code else 0)
