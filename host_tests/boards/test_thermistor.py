"""The thermistor's curve, its divider and its table, against the formula and the datasheet."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massager_tools.boards import board_names, load_board
from massager_tools.boards.ntc_table import (
    NTC_STEP_SHIFT,
    TABLE_MAX_MC,
    TABLE_MIN_MC,
    ntc_curve,
    ntc_table,
    ohm_at,
    pin_uv,
    temp_c_at,
)

NTC = {"ohm_at_25c": 10_000, "beta_k": 3_950, "pull_up_ohm": 10_000, "rail_mv": 3_300}
CURVE = {
    "points": ((0, 32_650), (25, 10_000), (45, 4_370), (60, 2_488)),
    "pull_up_ohm": 10_000,
    "rail_mv": 3_300,
}

OHM_ROWS = [(25, 10_000), (40, 5_301), (43, 4_703), (45, 4_348), (50, 3_588)]


def test_ohm(row: tuple[int, int]) -> None:
    temp_c, ohm = row
    assert ohm_at(NTC, temp_c) == pytest.approx(ohm, rel=2e-4)


def test_points_are_met_exactly_and_joined_as_an_ntc_runs() -> None:
    for temp_c, ohm in CURVE["points"]:  # type: ignore[attr-defined]
        assert ohm_at(CURVE, temp_c) == pytest.approx(ohm)
        assert temp_c_at(CURVE, ohm) == pytest.approx(temp_c, abs=1e-9)
    beta_k = math.log(10_000 / 4_370) / (1 / 298.15 - 1 / 318.15)
    between = 10_000 * math.exp(beta_k * (1 / 308.15 - 1 / 298.15))
    assert ohm_at(CURVE, 35) == pytest.approx(between)


def test_two_points_of_a_b_value_curve_say_the_same_as_the_b_value() -> None:
    points = tuple((temp_c, ohm_at(NTC, temp_c)) for temp_c in (10, 50))
    twin = {"points": points, "pull_up_ohm": 10_000, "rail_mv": 3_300}
    assert ntc_curve(twin) == pytest.approx(ntc_curve(NTC), abs=1)


@pytest.mark.parametrize("ntc", [NTC, CURVE], ids=["b_value", "points"])
@given(temp_c=st.floats(-40, 130))
def test_resistance_and_temperature_are_inverse(ntc: dict, temp_c: float) -> None:
    assert temp_c_at(ntc, ohm_at(ntc, temp_c)) == pytest.approx(temp_c, abs=1e-6)


def test_half_the_rail_where_the_thermistor_equals_the_pull_up() -> None:
    assert pin_uv(NTC, 25) == pytest.approx(1_650_000)


@pytest.mark.parametrize("ntc", [NTC, CURVE], ids=["b_value", "points"])
def test_table_falls_from_short_to_open(ntc: dict) -> None:
    table = ntc_curve(ntc)
    assert table[0] == TABLE_MAX_MC
    assert table[-1] == TABLE_MIN_MC
    assert all(warm >= cold for warm, cold in pairwise(table))
    assert all(type(entry) is int for entry in table)
    assert len(table) - 2 << NTC_STEP_SHIFT < 3_300_000 <= len(table) - 1 << NTC_STEP_SHIFT


@pytest.mark.parametrize("name", board_names())
@given(temp_mc=st.integers(5_000, 60_000))
def test_firmware_reads_the_table_of_each_board_within_20_mk(name: str, temp_mc: int) -> None:
    from massager.core.heat.thermistor import STEP_SHIFT, Thermistor

    assert STEP_SHIFT == NTC_STEP_SHIFT
    ntc = load_board(name)["ntc"]
    thermistor = Thermistor(ntc_table(ntc))
    shown_mc = thermistor.temp_mc(round(pin_uv(ntc, temp_mc / 1000)))
    assert shown_mc == pytest.approx(temp_mc, abs=20)


@given(st.integers(0, 3_600_000), st.integers(100, 1_000_000), st.integers(1_000, 10_000))
def test_any_divider_gives_a_table_in_range(uv: int, pull_up_ohm: int, beta_k: int) -> None:
    table = ntc_curve(NTC | {"pull_up_ohm": pull_up_ohm, "beta_k": beta_k})
    entry = table[min(uv >> NTC_STEP_SHIFT, len(table) - 1)]
    assert TABLE_MIN_MC <= entry <= TABLE_MAX_MC
