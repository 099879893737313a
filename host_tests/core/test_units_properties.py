"""Ticks and clamping for every input there is."""

from hypothesis import given
from hypothesis import strategies as st

from massager.core.units import approach, clamp, ticks_add, ticks_diff

TICKS_MS = st.integers(0, (1 << 30) - 1)
DELTAS_MS = st.integers(-(1 << 29), (1 << 29) - 1)
SMALL = st.integers(-(1 << 29), (1 << 29) - 1)


@given(TICKS_MS, DELTAS_MS)
def test_ticks_diff_undoes_ticks_add(now_ms, delta_ms):
    later_ms = ticks_add(now_ms, delta_ms)
    assert 0 <= later_ms < 1 << 30
    assert ticks_diff(later_ms, now_ms) == delta_ms


@given(SMALL, SMALL, SMALL)
def test_clamp_is_the_nearest_value_of_the_range(value, one, other):
    low, high = min(one, other), max(one, other)
    assert clamp(value, low, high) == sorted((low, value, high))[1]


@given(SMALL, SMALL, st.integers(1, 1 << 20))
def test_approach_never_passes_its_target(value, target, step):
    moved = approach(value, target, step)
    assert abs(target - moved) == max(0, abs(target - value) - step)
