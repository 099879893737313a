"""What the supervisor's table needs to know, gathered from all over the core."""

from massager.core.safety import faults, supervisor
from massager.core.signals import EVENT_CLEAR, EVENT_POWER_EDGE, EVENT_RELIEF, EVENT_START


def gather(events, found, session, selftest, at_rest):
    """The condition bits of supervisor.py.

    `events` is the panel's word, `found` the faults in force; `at_rest`: the motor stands
    and the air is proved vented.
    """
    conditions = supervisor.AT_REST if at_rest else 0
    if found.stops:
        if found.stops & faults.STOPS_ALL:
            conditions |= supervisor.TRIPPED
        if found.stops & faults.STOPS_SESSION:
            conditions |= supervisor.INTERRUPTED
    if found.latched:
        conditions |= supervisor.LATCHED
    if events:
        if events & EVENT_POWER_EDGE:
            conditions |= supervisor.POWER_EDGE
        if events & (EVENT_START | EVENT_RELIEF):
            conditions |= supervisor.START_PRESSED
        if events & EVENT_CLEAR:
            conditions |= supervisor.CLEAR_HELD
    if session.tapering:
        conditions |= supervisor.TAPER_DUE
    if session.over:
        conditions |= supervisor.SESSION_OVER
    if selftest.passed:
        conditions |= supervisor.CHECK_PASSED
    return conditions
