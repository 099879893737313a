"""Test the dose: CEM43 in integers against the formula, over resets, at rest."""

from massager.core import limits
from massager.core.heat.dose import HeatDose

STEPS_PER_MINUTE = 600


def minutes(dose, temp_mc, count):
    for _ in range(count * STEPS_PER_MINUTE):
        dose.step(temp_mc)


RATE_ROWS = (
    # name, m°C, CEM43 seconds in 16 minutes
    ("41 °C", 41_000, 60),
    ("42 °C", 42_000, 240),
    ("43 °C", 43_000, 960),
    ("44 °C", 44_000, 1_920),
    ("44.5 °C", 44_500, 2_715),
    ("45 °C", 45_000, 3_840),
    ("a broken wire is no heat", 130_000, 0),
)


def test_rate(row):
    _, temp_mc, expected_s = row
    dose = HeatDose()
    minutes(dose, temp_mc, 16)
    assert abs(dose.seconds - expected_s) <= 1 + expected_s // 50


def test_a_reading_hotter_than_any_pad_counts_as_the_hottest():
    """47.8 s of CEM43 in 100 ms: its sums stay small integers."""
    for temp_mc in (51_900, 55_000, limits.NTC_MAX_MC):
        dose = HeatDose()
        dose.step(temp_mc)
        assert dose.seconds == 47


def test_a_spent_dose_stays_spent_over_a_short_rest():
    dose = HeatDose()
    minutes(dose, 43_000, 59)
    assert (dose.spent, dose.left_min(43_000)) == (False, 1)
    minutes(dose, 43_000, 1)
    assert (dose.spent, dose.left_min(43_000)) == (True, 0)
    minutes(dose, 30_000, 30)
    assert dose.spent, "a little rest must not bring the heat back"


def test_a_reset_or_another_session_begins_where_the_last_one_stood():
    first = HeatDose()
    minutes(first, 43_000, 50)
    second = HeatDose(first.stored_s(False))
    minutes(second, 43_000, 10)
    assert second.spent
    assert HeatDose(second.stored_s(False)).spent


def test_a_session_that_never_ended_counts_as_a_whole_one():
    dose = HeatDose(100)
    assert HeatDose(dose.stored_s(True)).seconds == 100 + limits.DOSE_RESERVE_CEM43_S


def test_sessions_that_never_ended_add_up_to_the_end_of_the_dose_and_no_further():
    dose = HeatDose()
    for _ in range(5):
        dose = HeatDose(dose.stored_s(True))
    assert dose.seconds == limits.DOSE_END_CEM43_S
    minutes(dose, 25_000, 121)
    assert not dose.spent, "two hours of rest bring the heat back"
    assert HeatDose(5_000).stored_s(True) == 5_000, "what was counted is never reduced"


REST_ROWS = (
    # name, m°C, hours, CEM43 seconds left of 3600
    ("an hour of rest", 25_000, 1, 3_150),
    ("eight hours", 25_000, 8, 0),
    ("the blood's own warmth is rest", 36_900, 1, 3_150),
    ("warm is not rest", 37_500, 1, 3_600),
    ("a broken wire is no rest", -40_000, 1, 3_600),
)


def test_rest(row):
    _, temp_mc, hours, left_s = row
    dose = HeatDose(3_600)
    minutes(dose, temp_mc, hours * 60)
    assert abs(dose.seconds - left_s) <= 3


def test_heat_comes_back_after_two_hours():
    dose = HeatDose(3_600)
    minutes(dose, 25_000, 119)
    assert dose.spent
    minutes(dose, 25_000, 2)
    assert not dose.spent


LEFT_ROWS = (
    # name, seconds counted, m°C, minutes left
    ("fresh at 43", 0, 43_000, 60),
    ("fresh at 42", 0, 42_000, 240),
    ("fresh at boost", 0, 44_500, 21),
    ("half spent at 43", 1_800, 43_000, 30),
    ("cold", 0, 20_000, 999),
)


def test_left(row):
    _, counted_s, temp_mc, expected_min = row
    assert abs(HeatDose(counted_s).left_min(temp_mc) - expected_min) <= expected_min // 100


def test_a_dose_stays_inside_what_the_store_accepts():
    dose = HeatDose()
    for _ in range(limits.DOSE_MOST_CEM43_S):
        dose.step(limits.NTC_MAX_MC)
    assert limits.DOSE_MOST_CEM43_S <= dose.seconds < 1_000_000
    assert HeatDose(10_000_000).seconds == limits.DOSE_MOST_CEM43_S


def test_the_highest_dose_fades_like_any_other():
    dose = HeatDose(limits.DOSE_MOST_CEM43_S)
    minutes(dose, 25_000, 60)
    assert dose.seconds == limits.DOSE_MOST_CEM43_S - 450


STORED_ROWS = (
    # name, stored seconds, stored as spent, whether it is spent
    ("never spent", 3_300, False, False),
    ("spent, and fading", 3_300, True, True),
    ("faded as far as it must", 2_700, True, True),
    ("faded farther", 2_699, True, False),
    ("at its end", 3_600, False, True),
)


def test_stored(row):
    """A spent dose stays spent through power-off, until enough of it has faded."""
    _, seconds, spent, expected = row
    assert HeatDose(seconds, spent).spent == expected
