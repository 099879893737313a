"""Five buttons: debounced, and read as gestures by one table.

The first edge of *power* counts at once, because it stops things; every other gesture
waits for the debounce. A press that has done its work is consumed: nothing further comes
of it until the button has been let go.
"""

from array import array

from micropython import const

from massager.core import limits
from massager.core.signals import (
    BUTTON_DOWN,
    BUTTON_HEAT,
    BUTTON_POWER,
    BUTTON_PROGRAM,
    BUTTON_UP,
    EVENT_BOOST_HEAT,
    EVENT_CLEAR,
    EVENT_CYCLE_HEAT,
    EVENT_LEVEL_DOWN,
    EVENT_LEVEL_UP,
    EVENT_NEXT_PROGRAM,
    EVENT_POWER_EDGE,
    EVENT_START,
)
from massager.core.units import ticks_diff

PRESS = const(0)  # once, when the button goes down
RELEASE = const(1)  # when it is let go after at_least_ms, before at_most_ms
HOLD = const(2)  # once, when it has been down for at_least_ms
REPEAT = const(3)  # every at_most_ms from at_least_ms on

_REPEAT_AFTER_MS = const(600)
_REPEAT_EVERY_MS = const(400)
_BOOST_HOLD_MS = const(1_500)

GESTURES = (
    # button, kind, at_least_ms, at_most_ms, event
    (BUTTON_POWER, RELEASE, limits.START_PRESS_MIN_MS, limits.START_PRESS_MAX_MS, EVENT_START),
    (BUTTON_POWER, HOLD, limits.CLEAR_HOLD_MS, 0, EVENT_CLEAR),
    (BUTTON_UP, PRESS, 0, 0, EVENT_LEVEL_UP),
    (BUTTON_UP, REPEAT, _REPEAT_AFTER_MS, _REPEAT_EVERY_MS, EVENT_LEVEL_UP),
    (BUTTON_DOWN, PRESS, 0, 0, EVENT_LEVEL_DOWN),
    (BUTTON_DOWN, REPEAT, _REPEAT_AFTER_MS, _REPEAT_EVERY_MS, EVENT_LEVEL_DOWN),
    (BUTTON_PROGRAM, PRESS, 0, 0, EVENT_NEXT_PROGRAM),
    (BUTTON_HEAT, RELEASE, 0, _BOOST_HOLD_MS, EVENT_CYCLE_HEAT),
    (BUTTON_HEAT, HOLD, _BOOST_HOLD_MS, 0, EVENT_BOOST_HEAT),
)

_BUTTONS = const(5)


class Buttons:
    """Turns raw button bits into event bits, every tick. `stuck`: one is down too long."""

    def __init__(self):
        self.stuck = False
        self._raw = 0
        self._down = 0  # debounced
        self._consumed = 0
        self._changed_ms = array("i", [0] * _BUTTONS)  # last raw edge
        self._down_ms = array("i", [0] * _BUTTONS)
        self._fired_ms = array("i", [0] * len(GESTURES))  # last event of a row
        self._fired = 0  # rows that have spoken during this press

    def consume(self, button):
        """Nothing further comes of the press under way of `button` (BUTTON_* bits)."""
        self._consumed |= button & (self._raw | self._down)

    def step(self, now_ms, raw):
        """Take the raw bits of this tick (1 = pressed); returns event bits."""
        if not (raw | self._raw | self._down):
            return 0
        events = 0
        if raw & ~self._raw & ~self._down & BUTTON_POWER:
            events = EVENT_POWER_EDGE
        edges = raw ^ self._raw
        self._raw = raw
        self.stuck = False
        went_down = 0
        went_up = 0
        for index in range(_BUTTONS):
            bit = 1 << index
            if edges & bit:
                self._changed_ms[index] = now_ms
            if (raw ^ self._down) & bit:
                if ticks_diff(now_ms, self._changed_ms[index]) >= limits.BUTTON_DEBOUNCE_MS:
                    self._down ^= bit
                    if raw & bit:
                        went_down |= bit
                        self._down_ms[index] = self._changed_ms[index]
                    else:
                        went_up |= bit
            elif self._down & bit and (
                ticks_diff(now_ms, self._down_ms[index]) > limits.BUTTON_STUCK_MS
            ):
                self.stuck = True
        events |= self._gestures(now_ms, went_down, went_up)
        self._consumed &= raw | self._down
        return events

    def _gestures(self, now_ms, went_down, went_up):
        events = 0
        for row in range(len(GESTURES)):
            button, kind, at_least_ms, at_most_ms, event = GESTURES[row]
            if not (self._down | went_up) & button or self._consumed & button:
                continue
            held_ms = ticks_diff(now_ms, self._down_ms[_index_of(button)])
            row_bit = 1 << row
            if kind == PRESS:
                if went_down & button:
                    events |= event
            elif kind == RELEASE:
                if went_up & button:
                    held_ms -= limits.BUTTON_DEBOUNCE_MS
                    if at_least_ms <= held_ms < at_most_ms:
                        events |= event
            elif kind == HOLD:
                if went_down & button:
                    self._fired &= ~row_bit
                elif not self._fired & row_bit and held_ms >= at_least_ms:
                    self._fired |= row_bit
                    events |= event
            elif went_down & button:
                self._fired_ms[row] = now_ms
            elif held_ms >= at_least_ms and ticks_diff(now_ms, self._fired_ms[row]) >= at_most_ms:
                self._fired_ms[row] = now_ms
                events |= event
        return events


def _index_of(button):
    index = 0
    while button >> index > 1:
        index += 1
    return index
