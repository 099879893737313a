"""The integer dose against the float formula, over random profiles."""

from hypothesis import given, settings
from hypothesis import strategies as st

from massager.core.heat.dose import HeatDose

PARTS = st.lists(st.tuples(st.integers(37_000, 47_000), st.integers(1, 300)), min_size=1)


def formula_s(parts: list[tuple[int, int]]) -> float:
    """Σ seconds × R**(43 − T)."""
    return sum(
        seconds * (0.5 if temp_mc >= 43_000 else 0.25) ** (43 - temp_mc / 1000)
        for temp_mc, seconds in parts
    )


@settings(max_examples=40)
@given(PARTS)
def test_the_error_is_at_most_2_percent(parts: list[tuple[int, int]]) -> None:
    dose = HeatDose()
    for temp_mc, seconds in parts:
        for _ in range(seconds * 10):
            dose.step(temp_mc)
    expected_s = formula_s(parts)
    # it reports whole seconds
    assert abs(dose.seconds - expected_s) <= 1 + 0.02 * expected_s
