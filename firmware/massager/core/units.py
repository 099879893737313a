"""Arithmetic that every part of the core shares: ticks, clamping, interpolation.

Quantities are small integers with the unit in the name: `_ms _us _mc` (milli-degree
Celsius) `_pa _mv _uv _rpm _permille`. On the ESP32 an int outside -2**30 … 2**30-1
lives on the heap, so nothing here may leave that range.
"""

from micropython import const

_TICKS_HALF = const(1 << 29)
_BITS_SET = b"\x00\x01\x01\x02\x01\x02\x02\x03\x01\x02\x02\x03\x02\x03\x03\x04"
_TICKS_MASK = const((1 << 30) - 1)

NEVER_MS = const(-1)
"""A time stamp that has not been taken. Ticks are never negative."""


def ticks_diff(later_ms: int, earlier_ms: int) -> int:
    """Return the ms from `earlier_ms` to `later_ms`; both wrap at 2**30 ms (12.4 days).

    Right for true differences within ± 2**29 ms (6.2 days).
    """
    return ((later_ms - earlier_ms + _TICKS_HALF) & _TICKS_MASK) - _TICKS_HALF


def ticks_add(now_ms: int, delta_ms: int) -> int:
    """Return the tick `delta_ms` after `now_ms`, wrapped."""
    return (now_ms + delta_ms) & _TICKS_MASK


def clamp(value: int, low: int, high: int) -> int:
    """Return `value`, limited to `low` … `high`."""
    if value < low:
        return low
    if value > high:
        return high
    return value


def count_bits(mask: int) -> int:
    """Return the number of bits set in `mask`, 0…15."""
    return _BITS_SET[mask]


def approach(value: int, target: int, step: int) -> int:
    """Return `value` moved towards `target` by at most `step` (positive)."""
    if value < target:
        value += step
        return value if value < target else target
    value -= step
    return value if value > target else target
