"""Five buttons, debounced, and read as gestures by the panel's table.

The first edge of *power* counts at once, because it stops things; every other gesture
waits until the contact has settled. A press belongs to the situation in which it began:
the press that stopped a session cannot start the next one, however long it lasts. A row of
the table speaks in the tick in which its time passes, so nothing has to be remembered about
what has spoken already.
"""

from array import array

from micropython import const

from massager.core import limits
from massager.core.hmi.gestures import (
    BUTTONS,
    CHORD,
    EVENT,
    FIRST_MS,
    GESTURES,
    KIND,
    PRESS,
    RELEASE,
    THEN_MS,
    WHEN,
)
from massager.core.units import ticks_diff

_COUNT = const(5)
_FIRST_CONTACT = GESTURES[0]
_OF_BUTTON = tuple(
    [tuple([row for row in GESTURES if row[BUTTONS] >> index & 1]) for index in range(_COUNT)]
)


class Buttons:
    """Turns raw button bits into event bits, every tick in which it is not `idle`.

    `idle` while no contact moves or is closed. `stuck` holds the BUTTON_* bits of those that
    are down too long; they count as let go. `raw` are the contacts of the last step.
    """

    def __init__(self) -> None:
        self.idle = False  # the first step looks
        self.stuck = 0
        self.raw = 0
        self._down = 0  # debounced
        self._bouncing = 0  # an edge came within the debounce
        self._mixed = 0  # was down together with another during this press
        self._free = 0  # down and not stuck
        self._free_ms = 0  # since when just these
        self._last_ms = 0
        self._changed_ms = array("i", [0] * _COUNT)  # last raw edge
        self._down_ms = array("i", [0] * _COUNT)  # first edge of the press
        self._began = array("i", [0] * _COUNT)  # the situation at that edge

    def step(self, now_ms: int, raw: int, situation: int) -> int:
        """Take the raw bits of this tick (1 = pressed); returns event bits.

        `situation` is one of the bits of gestures.py.
        """
        edges = raw ^ self.raw
        self.raw = raw
        turned = 0
        if edges | self._bouncing:
            turned = self._settle(now_ms, edges, situation)
        down = self._down
        self.idle = not (raw | down | self._bouncing)
        events = 0
        if edges & raw & ~down & _FIRST_CONTACT[BUTTONS]:
            events = _FIRST_CONTACT[EVENT]
        if down | turned:
            self.stuck &= down
            heard = down & ~self.stuck
            if heard != self._free:
                self._free = heard
                self._free_ms = now_ms
            if heard & (heard - 1):
                self._mixed |= heard
            heard |= turned & ~down
            index = 0
            while heard >> index:
                if heard >> index & 1:
                    events |= self._speak(now_ms, index, turned >> index & 1)
                index += 1
            self._mixed &= down & ~self.stuck
            self._last_ms = now_ms
        return events

    def _settle(self, now_ms: int, edges: int, situation: int) -> int:
        """Debounce; returns the bits of the contacts that are settled the other way now."""
        settled = self._bouncing & ~edges
        fresh = edges & ~(self._bouncing | self._down)
        moving = edges | settled
        index = 0
        while moving >> index:
            bit = 1 << index
            if edges & bit:
                if fresh & bit:
                    self._down_ms[index] = now_ms
                    self._began[index] = situation
                self._changed_ms[index] = now_ms
            elif (
                settled & bit
                and ticks_diff(now_ms, self._changed_ms[index]) < limits.BUTTON_DEBOUNCE_MS
            ):
                settled &= ~bit
            index += 1
        self._bouncing = moving & ~settled
        settled &= self.raw ^ self._down
        self._down ^= settled
        return settled

    def _speak(self, now_ms: int, index: int, turned: int) -> int:
        """What the table says about the press of one button since the last tick."""
        button = 1 << index
        mixed = self._mixed & button
        let_go = turned and not self._down & button
        if let_go:
            # a press has ended with its last edge, not with the debounce behind that
            now_ms = self._changed_ms[index]
        held_ms = ticks_diff(now_ms, self._free_ms if mixed else self._down_ms[index])
        if held_ms > limits.BUTTON_STUCK_MS and not let_go:
            self.stuck |= button
        before_ms = 0  # the first tick of a press sees all of the debounce
        if let_go or not turned:
            before_ms = held_ms - ticks_diff(now_ms, self._last_ms)
        began = self._began[index]
        events = 0
        for row in _OF_BUTTON[index]:
            if not row[WHEN] & began:
                continue
            kind = row[KIND]
            if kind == CHORD:
                if row[BUTTONS] != self._free:
                    continue
            elif mixed:
                continue
            # has its time passed between `before_ms` and `held_ms`?
            first_ms = row[FIRST_MS]
            then_ms = row[THEN_MS]
            if kind == RELEASE:
                is_due = let_go and first_ms <= held_ms < then_ms
            elif before_ms < first_ms:
                is_due = held_ms >= first_ms or (let_go and kind == PRESS)
            elif let_go or not then_ms:
                is_due = False
            else:
                is_due = (held_ms - first_ms) // then_ms > (before_ms - first_ms) // then_ms
            if is_due:
                events |= row[EVENT]
        return events
