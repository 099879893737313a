"""The panel as one table: which gesture of which buttons means what, and when.

Everything that the buttons do stands here. The words for people are on the host, beside
`massager run --keys`, keyed by the event.
"""

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
    EVENT_FEELING_DOWN,
    EVENT_FEELING_UP,
    EVENT_FREEZE,
    EVENT_LEVEL_DOWN,
    EVENT_LEVEL_UP,
    EVENT_LOCK,
    EVENT_NEXT_PROGRAM,
    EVENT_POWER_EDGE,
    EVENT_RELIEF,
    EVENT_SKIP,
    EVENT_START,
)

# Kinds. All but EDGE want a settled contact; all but EDGE and CHORD want the button alone.
EDGE = const(0)  # first contact, bouncing or not
PRESS = const(1)  # once, after at_least_ms, or when let go before
RELEASE = const(2)  # when let go from at_least_ms on, before at_most_ms
CHORD = const(3)  # once, when exactly these buttons have been down for at_least_ms
HOLD = const(4)  # once, when it has been down for at_least_ms
REPEAT = const(5)  # from at_least_ms on, every at_most_ms

# Situations, as bits: a row counts for presses that began in one of its own.
OFF = const(1)
CHECKING = const(2)
RAMPING = const(4)  # the level is on its way up to the remembered one
RUNNING = const(8)
ENDING = const(16)
PAUSED = const(32)
FAULTY = const(64)
LOCKED = const(128)  # instead of any of the above but FAULTY
ALWAYS = const(255)

_ALONE_MS = const(120)  # the fingers of a chord land within 90 ms; 30 more settle it
_RELIEF_MIN_MS = const(1_000)
_RELIEF_MAX_MS = const(3_000)
_BOOST_MS = const(1_500)
_SKIP_MAX_MS = const(1_500)
_LOCK_MS = const(2_000)
_REPEAT_AFTER_MS = const(600)
_REPEAT_EVERY_MS = const(400)
_CLEAR_EVERY_MS = const(100)  # the clearing takes when its code has been shown, too
_NOT_FAULTY = const(191)

GESTURES = (
    # buttons, kind, at_least_ms, at_most_ms, situations, event
    (BUTTON_POWER, EDGE, 0, 0, ALWAYS, EVENT_POWER_EDGE),
    (
        BUTTON_POWER,
        RELEASE,
        limits.START_PRESS_MIN_MS,
        limits.START_PRESS_MAX_MS,
        OFF | PAUSED,
        EVENT_START,
    ),
    (BUTTON_POWER, REPEAT, limits.CLEAR_HOLD_MS, _CLEAR_EVERY_MS, PAUSED | FAULTY, EVENT_CLEAR),
    (
        BUTTON_UP | BUTTON_DOWN | BUTTON_PROGRAM | BUTTON_HEAT,
        PRESS,
        _ALONE_MS,
        0,
        RAMPING,
        EVENT_FREEZE,
    ),
    (BUTTON_UP, PRESS, _ALONE_MS, 0, RUNNING, EVENT_LEVEL_UP),
    (BUTTON_UP, REPEAT, _REPEAT_AFTER_MS, _REPEAT_EVERY_MS, RUNNING, EVENT_LEVEL_UP),
    (BUTTON_DOWN, PRESS, _ALONE_MS, 0, RUNNING, EVENT_LEVEL_DOWN),
    (BUTTON_DOWN, REPEAT, _REPEAT_AFTER_MS, _REPEAT_EVERY_MS, RUNNING, EVENT_LEVEL_DOWN),
    (BUTTON_HEAT, RELEASE, 0, _BOOST_MS, RAMPING | RUNNING, EVENT_CYCLE_HEAT),
    (BUTTON_HEAT, HOLD, _BOOST_MS, 0, RAMPING | RUNNING, EVENT_BOOST_HEAT),
    (BUTTON_PROGRAM, RELEASE, 0, _SKIP_MAX_MS, RUNNING, EVENT_SKIP),
    (BUTTON_PROGRAM, RELEASE, 0, _RELIEF_MIN_MS, OFF, EVENT_NEXT_PROGRAM),
    (BUTTON_PROGRAM, RELEASE, _RELIEF_MIN_MS, _RELIEF_MAX_MS, OFF, EVENT_RELIEF),
    (BUTTON_UP, PRESS, _ALONE_MS, 0, OFF, EVENT_FEELING_UP),
    (BUTTON_UP, REPEAT, _REPEAT_AFTER_MS, _REPEAT_EVERY_MS, OFF, EVENT_FEELING_UP),
    (BUTTON_DOWN, PRESS, _ALONE_MS, 0, OFF, EVENT_FEELING_DOWN),
    (BUTTON_DOWN, REPEAT, _REPEAT_AFTER_MS, _REPEAT_EVERY_MS, OFF, EVENT_FEELING_DOWN),
    (BUTTON_UP | BUTTON_DOWN, CHORD, _LOCK_MS, 0, _NOT_FAULTY, EVENT_LOCK),
)
