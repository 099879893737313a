"""The rhythm of a fault's code, that a person can count: tens, a pause, units."""

from micropython import const

_SLOT_STEPS = const(6)  # lit for half of them
_PAUSE_SLOTS = const(3)


class FaultBlink:
    """`complete` once the code has been blinked from its beginning to its end."""

    def __init__(self) -> None:
        self.complete = False
        self._code = 0
        self._step = 0

    def step(self, code: int) -> bool:
        """Advance by 100 ms; `code` 1…99, or 0 for none. Return whether the light is on."""
        if code != self._code:
            self._code = code
            self._step = 0
            self.complete = False
        if not code:
            return False
        step = self._step
        slot = step // _SLOT_STEPS
        tens = code // 10
        units = code % 10
        self._step = step + 1
        if self._step >= (tens + units + 2 * _PAUSE_SLOTS) * _SLOT_STEPS:
            self._step = 0
            self.complete = True
        if step % _SLOT_STEPS * 2 >= _SLOT_STEPS:
            return False
        return slot < tens or 0 <= slot - tens - _PAUSE_SLOTS < units
