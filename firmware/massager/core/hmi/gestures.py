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
PRESS = const(1)  # after first_ms or when let go before; held, again every then_ms
RELEASE = const(2)  # when let go from first_ms on, before then_ms
CHORD = const(3)  # when exactly these buttons have been down for first_ms
HOLD = const(4)  # when it has been down for first_ms; held, again every then_ms

# Which number of a row is what. then_ms 0: never again.
BUTTONS = const(0)
KIND = const(1)
FIRST_MS = const(2)
THEN_MS = const(3)
WHEN = const(4)
EVENT = const(5)

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
_AGAIN_MS = const(500)  # a press that should count once is shorter
_CLEAR_EVERY_MS = const(100)  # the clearing takes when its code has been shown, too
_NOT_FAULTY = const(191)

GESTURES = (
    # buttons, kind, first_ms, then_ms, situations, event
    (BUTTON_POWER, EDGE, 0, 0, ALWAYS, EVENT_POWER_EDGE),
    (
        BUTTON_POWER,
        RELEASE,
        limits.START_PRESS_MIN_MS,
        limits.START_PRESS_MAX_MS,
        OFF | PAUSED,
        EVENT_START,
    ),
    (BUTTON_POWER, HOLD, limits.CLEAR_HOLD_MS, _CLEAR_EVERY_MS, PAUSED | FAULTY, EVENT_CLEAR),
    (
        BUTTON_UP | BUTTON_DOWN | BUTTON_PROGRAM | BUTTON_HEAT,
        PRESS,
        _ALONE_MS,
        0,
        RAMPING,
        EVENT_FREEZE,
    ),
    (BUTTON_UP, PRESS, _ALONE_MS, _AGAIN_MS, RUNNING, EVENT_LEVEL_UP),
    (BUTTON_DOWN, PRESS, _ALONE_MS, _AGAIN_MS, RUNNING, EVENT_LEVEL_DOWN),
    (BUTTON_HEAT, RELEASE, 0, _BOOST_MS, RAMPING | RUNNING, EVENT_CYCLE_HEAT),
    (BUTTON_HEAT, HOLD, _BOOST_MS, 0, RAMPING | RUNNING, EVENT_BOOST_HEAT),
    (BUTTON_PROGRAM, RELEASE, 0, _SKIP_MAX_MS, RUNNING, EVENT_SKIP),
    (BUTTON_PROGRAM, RELEASE, 0, _RELIEF_MIN_MS, OFF, EVENT_NEXT_PROGRAM),
    (BUTTON_PROGRAM, RELEASE, _RELIEF_MIN_MS, _RELIEF_MAX_MS, OFF, EVENT_RELIEF),
    (BUTTON_UP, PRESS, _ALONE_MS, _AGAIN_MS, OFF, EVENT_FEELING_UP),
    (BUTTON_DOWN, PRESS, _ALONE_MS, _AGAIN_MS, OFF, EVENT_FEELING_DOWN),
    (BUTTON_UP | BUTTON_DOWN, CHORD, _LOCK_MS, 0, _NOT_FAULTY, EVENT_LOCK),
)
