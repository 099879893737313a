"""Five buttons, debounced, and read as gestures by the panel's table.

The first contact of *power* counts at once, because it stops things; every other gesture
waits until the contact has settled. A press belongs to the situation in which it began: the
press that stopped a session cannot start the next one, however long it lasts. A row of the
table counts in the tick in which its time passes, so no row needs a state of its own.
"""

from array import array

from micropython import const

from massager.core import limits
from massager.core.hmi.gestures import (
    BOUNCE_MAX_MS,
    BUTTONS,
    CHORD,
    CLEAN,
    CLEAN_MS,
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
_TOUCH = GESTURES[0]
_OF_BUTTON = tuple(
    [tuple([row for row in GESTURES[1:] if row[BUTTONS] >> index & 1]) for index in range(_COUNT)]
)


class Buttons:
    """Turn raw button bits into event bits, in every tick in which it is not `idle`.

    `idle` while no contact moves or is closed. `stuck` holds the BUTTON_* bits of those that
    are down too long; they count as released. `raw` are the contacts of the last step.
    """

    def __init__(self) -> None:
        self.idle = False  # the first step looks
        self.stuck = 0
        self.raw = 0
        self._is_started = False
        self._touched = 0  # TOUCH has been given for this contact
        self._down = 0  # debounced
        self._bouncing = 0  # an edge came within the debounce
        self._mixed = 0  # was down together with another during this press
        self._clean = 0  # this press has been clean so far
        self._solid = 0  # this press was closed for CLEAN_MS without a break
        self._free = 0  # down and not stuck
        self._free_ms = 0  # since when just these
        self._last_ms = 0
        self._changed_ms = array("i", [0] * _COUNT)  # last raw edge
        self._closed_ms = array("i", [0] * _COUNT)  # last raw edge to closed
        self._opened_ms = array("i", [0] * _COUNT)  # last raw edge to open
        self._down_ms = array("i", [0] * _COUNT)  # first edge of the press
        self._began = array("i", [0] * _COUNT)  # the situation at that edge

    def is_open(self, index: int, now_ms: int) -> bool:
        """Return whether the contact of button `index` has been open for CLEAN_MS."""
        open_ms = ticks_diff(now_ms, self._opened_ms[index])
        # negative: so long ago that the difference has wrapped
        return not self.raw >> index & 1 and not 0 <= open_ms < CLEAN_MS

    def step(self, now_ms: int, raw: int, situation: int) -> int:
        """Take the raw bits of this tick (1 = pressed); return event bits.

        `situation` is one of the bits of gestures.py.
        """
        events = 0
        if not self._is_started:
            self._is_started = True
            for index in range(_COUNT):
                self._opened_ms[index] = now_ms
        touched = raw & self.raw & _TOUCH[BUTTONS]
        if touched & ~self._touched:
            events = _TOUCH[EVENT]
        self._touched = touched
        edges = raw ^ self.raw
        if edges:
            self._track_edges(now_ms, raw, edges, situation)
        self.raw = raw
        turned = 0
        if edges | self._bouncing:
            turned = self._settle(now_ms, edges)
        down = self._down
        self.idle = not (raw | down | self._bouncing)
        if down | turned:
            events |= self._gestures(now_ms, turned)
            self._last_ms = now_ms
        return events

    def _track_edges(self, now_ms: int, raw: int, edges: int, situation: int) -> None:
        """Take the times of raw edges, and note whether each press is still clean."""
        fresh = edges & ~(self._bouncing | self._down)
        for index in range(_COUNT):
            bit = 1 << index
            if not edges & bit:
                continue
            if fresh & bit:
                self._down_ms[index] = now_ms
                self._began[index] = situation
                self._solid &= ~bit
                self._clean &= ~bit
                if self.is_open(index, now_ms):
                    self._clean |= bit
            self._changed_ms[index] = now_ms
            is_late = ticks_diff(now_ms, self._down_ms[index]) > BOUNCE_MAX_MS
            if raw & bit:
                self._closed_ms[index] = now_ms
                if is_late and not self._down & bit:
                    self._down_ms[index] = now_ms  # noise before a press is no part of it
            else:
                self._opened_ms[index] = now_ms
                if ticks_diff(now_ms, self._closed_ms[index]) >= CLEAN_MS:
                    self._solid |= bit
            # a break later than a bounce makes a press unclean, unless it ends it
            if is_late and not self._solid & bit:
                self._clean &= ~bit

    def _settle(self, now_ms: int, edges: int) -> int:
        """Debounce the contacts; return the bits of those that have settled the other way."""
        settled = self._bouncing & ~edges
        for index in range(_COUNT):
            if (
                settled >> index & 1
                and ticks_diff(now_ms, self._changed_ms[index]) < limits.BUTTON_DEBOUNCE_MS
            ):
                settled &= ~(1 << index)
        self._bouncing = (self._bouncing | edges) & ~settled
        settled &= self.raw ^ self._down
        self._down ^= settled
        return settled

    def _gestures(self, now_ms: int, turned: int) -> int:
        """Return the events of all buttons that are down or have just been released."""
        down = self._down
        self.stuck &= down
        free = down & ~self.stuck
        if free != self._free:
            self._free = free
            self._free_ms = now_ms
        if free & (free - 1):
            self._mixed |= free
        events = 0
        pressed = free | (turned & ~down)
        for index in range(_COUNT):
            if pressed >> index & 1:
                events |= self._events_of(now_ms, index, turned >> index & 1)
        self._mixed &= down & ~self.stuck
        return events

    def _events_of(self, now_ms: int, index: int, turned: int) -> int:
        """Return the events of one button since the last tick."""
        button = 1 << index
        is_released = turned and not self._down & button
        if is_released:
            # a press has ended with its last edge, not with the debounce behind that
            now_ms = self._changed_ms[index]
        is_mixed = self._mixed & button
        held_ms = ticks_diff(now_ms, self._free_ms if is_mixed else self._down_ms[index])
        if held_ms > limits.BUTTON_STUCK_MS and not is_released:
            self.stuck |= button
        before_ms = 0  # the first tick of a press sees all of the debounce
        if is_released or not turned:
            before_ms = held_ms - ticks_diff(now_ms, self._last_ms)
        is_clean = self._clean & self._solid & button
        events = 0
        for row in _OF_BUTTON[index]:
            if not row[WHEN] & self._began[index]:
                continue
            if row[KIND] == CHORD:
                if row[BUTTONS] != self._free:
                    continue
            elif is_mixed or (row[KIND] == CLEAN and not is_clean):
                continue
            if _is_due(row, before_ms, held_ms, is_released):
                events |= row[EVENT]
        return events


def _is_due(row: "tuple[int, ...]", before_ms: int, held_ms: int, is_released: int) -> bool:
    """Return whether the time of `row` has passed between `before_ms` and `held_ms`."""
    kind = row[KIND]
    first_ms = row[FIRST_MS]
    then_ms = row[THEN_MS]
    if kind == RELEASE or kind == CLEAN:
        return bool(is_released and first_ms <= held_ms < then_ms)
    if before_ms < first_ms:
        return bool(held_ms >= first_ms or (is_released and kind == PRESS))
    again_ms = first_ms + then_ms
    return bool(then_ms and before_ms < again_ms <= held_ms and not is_released)
