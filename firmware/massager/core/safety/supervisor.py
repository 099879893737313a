"""The states of the device and the table that moves between them.

Conditions are bits, gathered when a gesture or a fault comes, else ten times a
second. The table is read from the top: rows for any state first, then those of the current
state; the first row whose condition holds wins.
What each state lets through is the gate's table, beside this file. Service, with the
serial line free, is no state of these: nothing of the core runs then (startup.py).
"""

from micropython import const

from massager.core.safety import fault_table
from massager.core.safety.fault_manager import FaultManager
from massager.core.safety.selftest import SelfTest
from massager.core.signals import (
    EVENT_CLEAR,
    EVENT_END_PAUSE,
    EVENT_POWER_EDGE,
    EVENT_RELIEF,
    EVENT_RESUME,
    EVENT_START,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from massager.core.session.session import Session

OFF = const(0)
CHECK = const(1)  # self-test before anything is energised for long
RUN = const(2)
PAUSE = const(3)  # interrupted by a passing fault; a person resumes
ENDING = const(4)  # taper: pressure and speed fade, no heat
STOPPING = const(5)  # valves open, motor ramping down, under a second
FAULT = const(6)  # latched: everything off until a person clears it
ANY = const(-1)

STATE_NAMES = ("OFF", "CHECK", "RUN", "PAUSE", "ENDING", "STOPPING", "FAULT")

TRIPPED = const(1 << 0)  # a fault that stops everything is in force
LATCHED = const(1 << 1)  # some latched fault waits for a person
INTERRUPTED = const(1 << 2)  # a passing fault stops the session
START_PRESSED = const(1 << 3)
POWER_EDGE = const(1 << 4)  # first edge of the power button
CHECK_PASSED = const(1 << 5)
TAPER_DUE = const(1 << 6)
SESSION_OVER = const(1 << 7)
AT_REST = const(1 << 8)  # motor has ramped down after a stop
CLEAR_PRESSED = const(1 << 9)  # the press after the hold
RESUME_PRESSED = const(1 << 10)
PAUSE_ENDED = const(1 << 11)  # by a person

TRANSITIONS = (
    (ANY, TRIPPED, FAULT),
    (FAULT, CLEAR_PRESSED, OFF),
    (OFF, LATCHED, FAULT),
    (OFF, START_PRESSED, CHECK),
    (CHECK, POWER_EDGE, STOPPING),
    (CHECK, INTERRUPTED, STOPPING),
    (CHECK, SESSION_OVER, STOPPING),
    (CHECK, CHECK_PASSED, RUN),
    (RUN, POWER_EDGE, STOPPING),
    (RUN, INTERRUPTED, PAUSE),
    (RUN, SESSION_OVER, STOPPING),
    (RUN, TAPER_DUE, ENDING),
    (PAUSE, SESSION_OVER, STOPPING),
    (PAUSE, PAUSE_ENDED, STOPPING),
    (PAUSE, INTERRUPTED, PAUSE),
    (PAUSE, RESUME_PRESSED, CHECK),
    (ENDING, POWER_EDGE, STOPPING),
    (ENDING, INTERRUPTED, STOPPING),
    (ENDING, SESSION_OVER, STOPPING),
    (STOPPING, AT_REST, OFF),
)

_STATE = const(0)
_CONDITION = const(1)
_TARGET = const(2)
_BY_STATE = tuple(
    [
        tuple([row for row in TRANSITIONS if row[_STATE] in (ANY, state)])
        for state in range(FAULT + 1)
    ]
)


def next_state(state: int, conditions: int) -> int:
    """Return the state that follows `state` under the bits `conditions`."""
    for row in _BY_STATE[state]:
        if conditions & row[_CONDITION]:
            return row[_TARGET]
    return state


def gather(
    events: int, found: FaultManager, session: "Session", selftest: SelfTest, at_rest: bool
) -> int:
    """Return the condition bits of this tick.

    `events` is the panel's word, `found` the faults in force; `at_rest`: the motor stands
    and the air is proved vented.
    """
    conditions = AT_REST if at_rest else 0
    if found.stops:
        if found.stops & fault_table.STOPS_ALL:
            conditions |= TRIPPED
        if found.stops & fault_table.STOPS_SESSION:
            conditions |= INTERRUPTED
    if found.latched:
        conditions |= LATCHED
    if events:
        conditions |= _of_events(events)
    if session.tapering:
        conditions |= TAPER_DUE
    if session.over:
        conditions |= SESSION_OVER
    if selftest.passed:
        conditions |= CHECK_PASSED
    return conditions


def _of_events(events: int) -> int:
    conditions = POWER_EDGE if events & EVENT_POWER_EDGE else 0
    if events & (EVENT_START | EVENT_RELIEF):
        conditions |= START_PRESSED
    if events & EVENT_RESUME:
        conditions |= RESUME_PRESSED
    if events & EVENT_END_PAUSE:
        conditions |= PAUSE_ENDED
    if events & EVENT_CLEAR:
        conditions |= CLEAR_PRESSED
    return conditions
