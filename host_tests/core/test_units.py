"""Ticks across their wrap, clamping, and moving towards a target."""

from massager.core.units import approach, clamp, ticks_add, ticks_diff

WRAP_MS = 1 << 30
LAST_MS = WRAP_MS - 1
HALF_MS = 1 << 29

TICKS_DIFF_ROWS = (
    # name, later, earlier, difference
    ("same", 5, 5, 0),
    ("forward", 1_010, 1_000, 10),
    ("backward", 1_000, 1_010, -10),
    ("across the wrap", 9, LAST_MS, 10),
    ("back across the wrap", LAST_MS, 9, -10),
    ("furthest forward", HALF_MS - 1, 0, HALF_MS - 1),
    ("furthest backward", HALF_MS, 0, -HALF_MS),
)


def test_ticks_diff(row):
    _, later_ms, earlier_ms, expected_ms = row
    assert ticks_diff(later_ms, earlier_ms) == expected_ms


TICKS_ADD_ROWS = (
    # name, now, delta, sum
    ("plain", 1_000, 10, 1_010),
    ("onto the wrap", LAST_MS, 1, 0),
    ("across the wrap", WRAP_MS - 5, 10, 5),
    ("back across the wrap", 5, -10, WRAP_MS - 5),
)


def test_ticks_add(row):
    _, now_ms, delta_ms, expected_ms = row
    assert ticks_add(now_ms, delta_ms) == expected_ms


CLAMP_ROWS = (
    # name, value, low, high, expected
    ("inside", 5, 0, 10, 5),
    ("below", -1, 0, 10, 0),
    ("above", 11, 0, 10, 10),
    ("on the edge", 10, 0, 10, 10),
    ("empty range", 7, 3, 3, 3),
)


def test_clamp(row):
    _, value, low, high, expected = row
    assert clamp(value, low, high) == expected


APPROACH_ROWS = (
    # name, value, target, step, expected
    ("up", 0, 100, 30, 30),
    ("up, arrives", 90, 100, 30, 100),
    ("down", 100, 0, 30, 70),
    ("down, arrives", 10, 0, 30, 0),
    ("there", 50, 50, 30, 50),
    ("from below zero", -50, 0, 30, -20),
)


def test_approach(row):
    _, value, target, step, expected = row
    assert approach(value, target, step) == expected
