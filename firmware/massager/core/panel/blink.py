"""Rhythms that a person can count or tell apart, ten steps a second."""

from micropython import const

_SLOT_STEPS = const(6)  # lit for half of them
_PAUSE_SLOTS = const(3)
_SLOW_STEPS = const(20)
_WINK_STEPS = const(50)  # a plain LED in the dark part: a tenth of a second every five


class Blink:
    """`lit` blinks a code: tens, a pause, units, a pause. `slow`, `fast` and `wink` go on and off.

    `complete` once the code has been blinked from its beginning to its end.
    """

    def __init__(self):
        self.lit = False
        self.slow = False
        self.fast = False
        self.wink = False
        self.complete = False
        self._code = 0
        self._step = 0
        self._time = 0

    def step(self, code):
        """100 ms later; `code` 1…99, or 0 for none."""
        self._time = self._time + 1 if self._time + 1 < 2 * _WINK_STEPS else 0
        self.slow = self._time % _SLOW_STEPS * 2 < _SLOW_STEPS
        self.fast = self._time & 1 == 0
        self.wink = self._time % _WINK_STEPS == 0
        if code != self._code:
            self._code = code
            self._step = 0
            self.complete = False
        if not code:
            self.lit = False
            return
        tens = code // 10
        slots = tens + code % 10 + 2 * _PAUSE_SLOTS
        slot = self._step // _SLOT_STEPS
        in_slot = self._step % _SLOT_STEPS
        lit = slot < tens or 0 <= slot - tens - _PAUSE_SLOTS < code % 10
        self.lit = lit and in_slot * 2 < _SLOT_STEPS
        self._step += 1
        if self._step >= slots * _SLOT_STEPS:
            self._step = 0
            self.complete = True
