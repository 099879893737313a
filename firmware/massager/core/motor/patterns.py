"""Motor patterns as data: how the speed changes over time, inside every limit.

A pattern is (name, repeats, steps); a step is (milliseconds, permille): ramp linearly to that
value in that time. Permille counts from MOTOR_MIN_RPM (0) to the set-point (1000), so no
pattern can leave the range at any level. Rows are in the order of signals.MOTOR_*.
"""

from micropython import const

from massager.core import limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_REPEATS = const(1)
_STEPS = const(2)

PATTERNS: "tuple[tuple[Any, ...], ...]" = (
    ("steady", True, ((1_000, 1000),)),
    # Speed that rises and falls keeps the skin from getting used to it.
    ("swell", True, ((12_000, 300), (2_000, 300), (12_000, 1000), (4_000, 1000))),
    ("pulse", True, ((2_000, 1000), (3_000, 400), (2_000, 400), (3_000, 1000))),
    # Two minutes down to the slowest, first fast, then ever slower: nothing to wake from.
    ("fade", False, ((30_000, 600), (40_000, 250), (50_000, 0))),
)


class Pattern:
    """Follow one pattern; `step` returns the set-point of the step."""

    def __init__(self) -> None:
        self._number = 0
        self._steps: tuple[tuple[int, int], ...] = PATTERNS[0][_STEPS]
        self._index = 0
        self._elapsed_ms = 0
        self._from_permille = 1000

    def reset(self) -> None:
        """Restart the pattern at the full set-point."""
        self._index = 0
        self._elapsed_ms = 0
        self._from_permille = 1000

    def step(self, number: int, set_rpm: int) -> int:
        """Return the speed in rpm for pattern `number` (signals.MOTOR_*), at most `set_rpm`."""
        if number != self._number:
            self._number = number
            self._steps = PATTERNS[number][_STEPS]
            self.reset()
        if number == 0 or set_rpm <= limits.MOTOR_MIN_RPM:
            return set_rpm
        length_ms, to_permille = self._steps[self._index]
        elapsed_ms = self._elapsed_ms + limits.MOTOR_TICK_MS
        if elapsed_ms >= length_ms:
            permille = to_permille
            self._advance()
        else:
            self._elapsed_ms = elapsed_ms
            start = self._from_permille
            permille = start + (to_permille - start) * elapsed_ms // length_ms
        return limits.MOTOR_MIN_RPM + (set_rpm - limits.MOTOR_MIN_RPM) * permille // 1000

    def _advance(self) -> None:
        """Go to the next step; a pattern that does not repeat stays at its last value."""
        self._from_permille = self._steps[self._index][1]
        is_last = self._index + 1 == len(self._steps)
        if is_last and not PATTERNS[self._number][_REPEATS]:
            return
        self._elapsed_ms = 0
        self._index = 0 if is_last else self._index + 1
