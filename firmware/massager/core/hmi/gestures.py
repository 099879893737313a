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
    EVENT_END_PAUSE,
    EVENT_FEELING_DOWN,
    EVENT_FEELING_UP,
    EVENT_FREEZE,
    EVENT_LEVEL_DOWN,
    EVENT_LEVEL_UP,
    EVENT_LOCK,
    EVENT_NEXT_PROGRAM,
    EVENT_POWER_EDGE,
    EVENT_READY_TO_CLEAR,
    EVENT_RELIEF,
    EVENT_RESUME,
    EVENT_SKIP,
    EVENT_START,
)

# Kinds. All but TOUCH need a settled contact; all but TOUCH and CHORD need the button alone.
TOUCH = const(0)  # closed in two samples in a row: one alone is a spark on the wire
PRESS = const(1)  # after first_ms or when released before; held, once more then_ms later
RELEASE = const(2)  # when released from first_ms on, before then_ms
CHORD = const(3)  # when exactly these buttons have been down for first_ms
HOLD = const(4)  # when it has been down for first_ms
CLEAN = const(5)  # as RELEASE, of a clean press: open for CLEAN_MS, then closed as long unbroken

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

CLEAN_MS = limits.START_PRESS_MIN_MS
BOUNCE_MAX_MS = const(60)  # a clean press has closed for good by then

_ALONE_MS = const(120)  # the fingers of a chord land within 90 ms; 30 more settle it
_RELIEF_MIN_MS = const(1_000)
_RELIEF_MAX_MS = const(3_000)
_BOOST_MIN_MS = const(1_500)
_BOOST_MAX_MS = const(3_000)
_SKIP_MAX_MS = const(1_500)
_LOCK_MS = const(2_000)
_AGAIN_MS = const(1_000)
_NOT_FAULTY = const(191)

GESTURES = (
    # buttons, kind, first_ms, then_ms, situations, event
    (BUTTON_POWER, TOUCH, 0, 0, ALWAYS, EVENT_POWER_EDGE),
    # What starts or resumes is a clean press: noise on a wire, a blanket that drags on the
    # button or a contact that chatters is none, however long it lasts. A start that nobody
    # meant stays harmless, because heat waits for a second press (see session.py). So the
    # panel never locks by itself: who wakes at night with restless legs finds one button in
    # the dark, not a chord.
    (
        BUTTON_POWER,
        CLEAN,
        limits.START_PRESS_MIN_MS,
        limits.START_PRESS_MAX_MS,
        OFF,
        EVENT_START,
    ),
    (
        BUTTON_POWER,
        CLEAN,
        limits.START_PRESS_MIN_MS,
        limits.START_PRESS_MAX_MS,
        PAUSED,
        EVENT_RESUME,
    ),
    (BUTTON_POWER, HOLD, limits.CLEAR_HOLD_MS, 0, PAUSED, EVENT_END_PAUSE),
    # Two steps, because something may lean on the button for as long as it likes.
    (
        BUTTON_POWER,
        RELEASE,
        limits.CLEAR_HOLD_MS,
        limits.BUTTON_STUCK_MS,
        FAULTY,
        EVENT_READY_TO_CLEAR,
    ),
    (
        BUTTON_POWER,
        CLEAN,
        limits.START_PRESS_MIN_MS,
        limits.START_PRESS_MAX_MS,
        FAULTY,
        EVENT_CLEAR,
    ),
    (BUTTON_UP | BUTTON_DOWN | BUTTON_PROGRAM, PRESS, _ALONE_MS, 0, RAMPING, EVENT_FREEZE),
    # A knee on *up* is one level; *down* may repeat once, because gentler is always safe.
    (BUTTON_UP, PRESS, _ALONE_MS, 0, RUNNING, EVENT_LEVEL_UP),
    (BUTTON_DOWN, PRESS, _ALONE_MS, _AGAIN_MS, RUNNING, EVENT_LEVEL_DOWN),
    (BUTTON_HEAT, RELEASE, 0, _BOOST_MIN_MS, RAMPING | RUNNING, EVENT_CYCLE_HEAT),
    # When released, so that a longer hold, which may be a pillow, has nothing to undo.
    (BUTTON_HEAT, RELEASE, _BOOST_MIN_MS, _BOOST_MAX_MS, RAMPING | RUNNING, EVENT_BOOST_HEAT),
    (BUTTON_PROGRAM, RELEASE, 0, _SKIP_MAX_MS, RUNNING, EVENT_SKIP),
    (BUTTON_PROGRAM, RELEASE, 0, _RELIEF_MIN_MS, OFF, EVENT_NEXT_PROGRAM),
    (BUTTON_PROGRAM, CLEAN, _RELIEF_MIN_MS, _RELIEF_MAX_MS, OFF, EVENT_RELIEF),
    (BUTTON_UP, PRESS, _ALONE_MS, _AGAIN_MS, OFF, EVENT_FEELING_UP),
    (BUTTON_DOWN, PRESS, _ALONE_MS, _AGAIN_MS, OFF, EVENT_FEELING_DOWN),
    (BUTTON_UP | BUTTON_DOWN, CHORD, _LOCK_MS, 0, _NOT_FAULTY, EVENT_LOCK),
)
