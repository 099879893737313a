"""Five buttons, debounced, and read as gestures by the panel's table.

The first edge of *power* counts at once, because it stops things; every other gesture
waits until the contact has settled. A press belongs to the situation in which it began:
the press that stopped a session cannot start the next one, however long it lasts.
"""

from array import array

from micropython import const

from massager.core import limits
from massager.core.panel.gestures import (
    CHORD,
    EDGE,
    GESTURES,
    PRESS,
    RELEASE,
    REPEAT,
)
from massager.core.units import ticks_diff

_BUTTONS = const(5)


class Buttons:
    """Turns raw button bits into event bits, every tick.

    `stuck` holds the BUTTON_* bits of those that are down too long; they count as let go.
    """

    def __init__(self):
        self.stuck = 0
        self._raw = 0
        self._down = 0  # debounced
        self._bouncing = 0  # an edge came within the debounce
        self._mixed = 0  # was down together with another during this press
        self._changed_ms = array("i", [0] * _BUTTONS)  # last raw edge
        self._down_ms = array("i", [0] * _BUTTONS)  # first edge of the press
        self._began = array("i", [0] * _BUTTONS)  # the situation at that edge
        self._fired_ms = array("i", [0] * len(GESTURES))  # last event of a row
        self._fired = 0  # rows that have spoken during this press
        self._edge_buttons = 0
        self._edge_events = 0
        for buttons, kind, _, _, _, event in GESTURES:
            if kind == EDGE:
                self._edge_buttons |= buttons
                self._edge_events |= event

    @property
    def quiet(self):
        """True while no contact has moved or is closed: `step` would say nothing."""
        return not (self._raw | self._down | self._bouncing)

    def step(self, now_ms, raw, situation):
        """Take the raw bits of this tick (1 = pressed); returns event bits.

        `situation` is one of the bits of gestures.py.
        """
        events = 0
        if raw & ~self._raw & ~self._down & self._edge_buttons:
            events = self._edge_events
        edges = raw ^ self._raw
        self._raw = raw
        went_down = 0
        went_up = 0
        for index in range(_BUTTONS):
            bit = 1 << index
            if edges & bit:
                if not (self._bouncing | self._down) & bit:
                    self._down_ms[index] = now_ms
                    self._began[index] = situation
                self._bouncing |= bit
                self._changed_ms[index] = now_ms
            elif self._bouncing & bit:
                if ticks_diff(now_ms, self._changed_ms[index]) >= limits.BUTTON_DEBOUNCE_MS:
                    self._bouncing &= ~bit
                    if (raw ^ self._down) & bit:
                        self._down ^= bit
                        if raw & bit:
                            went_down |= bit
                        else:
                            went_up |= bit
            elif self._down & bit and (
                ticks_diff(now_ms, self._down_ms[index]) > limits.BUTTON_STUCK_MS
            ):
                self.stuck |= bit
        self.stuck &= self._down
        free = self._down & ~self.stuck
        if free & (free - 1):
            self._mixed |= free
        if went_down:
            self._forget(went_down)
        self._mixed &= self._down | went_up
        for index in range(_BUTTONS):
            if (free | went_up) >> index & 1:
                events |= self._speak(now_ms, index, went_up, free)
        return events

    def _forget(self, went_down):
        """A new press: its rows may speak again."""
        for row in range(len(GESTURES)):
            if GESTURES[row][0] & went_down:
                self._fired &= ~(1 << row)

    def _speak(self, now_ms, index, went_up, free):
        """What the table says about the press of one button, at this moment."""
        button = 1 << index
        began = self._began[index]
        alone = not self._mixed & button
        let_go = went_up & button
        # a press has ended with its last edge, not with the debounce behind that
        end_ms = self._changed_ms[index] if let_go else now_ms
        held_ms = ticks_diff(end_ms, self._down_ms[index])
        events = 0
        for row in range(len(GESTURES)):
            buttons, kind, at_least_ms, at_most_ms, when, event = GESTURES[row]
            if not buttons & button or not when & began or kind == EDGE:
                continue
            if kind == CHORD:
                due = free == buttons and held_ms >= at_least_ms
            elif not alone:
                continue
            elif kind == RELEASE:
                due = let_go and at_least_ms <= held_ms < at_most_ms
            elif kind == PRESS:
                due = let_go or held_ms >= at_least_ms
            else:
                due = not let_go and held_ms >= at_least_ms
            row_bit = 1 << row
            if self._fired & row_bit and due:
                due = kind == REPEAT and ticks_diff(now_ms, self._fired_ms[row]) >= at_most_ms
            if not due:
                continue
            self._fired |= row_bit
            self._fired_ms[row] = now_ms
            events |= event
        return events
