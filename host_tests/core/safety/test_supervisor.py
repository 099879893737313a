"""Every state × every condition of the shipped table."""

from massager.core.safety import supervisor as s

CONDITIONS = (
    s.TRIPPED,
    s.LATCHED,
    s.INTERRUPTED,
    s.START_PRESSED,
    s.POWER_EDGE,
    s.CHECK_PASSED,
    s.TAPER_DUE,
    s.SESSION_OVER,
    s.AT_REST,
    s.CLEAR_PRESSED,
    s.RESUME_PRESSED,
    s.PAUSE_ENDED,
)

# what is not listed leaves the state as it is
EXPECTED = {
    s.OFF: {s.LATCHED: s.FAULT, s.START_PRESSED: s.CHECK},
    s.CHECK: {
        s.POWER_EDGE: s.STOPPING,
        s.INTERRUPTED: s.STOPPING,
        s.SESSION_OVER: s.STOPPING,
        s.CHECK_PASSED: s.RUN,
    },
    s.RUN: {
        s.POWER_EDGE: s.STOPPING,
        s.INTERRUPTED: s.PAUSE,
        s.SESSION_OVER: s.STOPPING,
        s.TAPER_DUE: s.ENDING,
    },
    s.PAUSE: {
        s.SESSION_OVER: s.STOPPING,
        s.PAUSE_ENDED: s.STOPPING,
        s.RESUME_PRESSED: s.CHECK,
    },
    s.ENDING: {
        s.POWER_EDGE: s.STOPPING,
        s.INTERRUPTED: s.STOPPING,
        s.SESSION_OVER: s.STOPPING,
    },
    s.STOPPING: {s.AT_REST: s.OFF},
    s.FAULT: {s.CLEAR_PRESSED: s.OFF},
}

NEXT_STATE_ROWS = tuple(
    [
        (s.STATE_NAMES[state], state, condition)
        for state in range(len(s.STATE_NAMES))
        for condition in CONDITIONS
    ]
)


def test_next_state(row):
    _, state, condition = row
    expected = EXPECTED[state].get(condition, state)
    if condition == s.TRIPPED:
        expected = s.FAULT
    assert s.next_state(state, condition) == expected


def test_nothing_happens_without_a_condition():
    for state in range(len(s.STATE_NAMES)):
        assert s.next_state(state, 0) == state


FIRST_MATCH_ROWS = (
    ("a trip beats a start", s.OFF, s.TRIPPED | s.START_PRESSED, s.FAULT),
    ("a latched fault beats a start", s.OFF, s.LATCHED | s.START_PRESSED, s.FAULT),
    ("a trip that lasts beats clearing it", s.FAULT, s.TRIPPED | s.CLEAR_PRESSED, s.FAULT),
    ("stopping beats passing", s.CHECK, s.POWER_EDGE | s.CHECK_PASSED, s.STOPPING),
    ("stopping beats tapering", s.RUN, s.POWER_EDGE | s.TAPER_DUE, s.STOPPING),
    ("stopping beats a pause", s.RUN, s.POWER_EDGE | s.INTERRUPTED, s.STOPPING),
    ("no resuming while the cause lasts", s.PAUSE, s.INTERRUPTED | s.RESUME_PRESSED, s.PAUSE),
)


def test_first_match(row):
    _, state, conditions, expected = row
    assert s.next_state(state, conditions) == expected


def test_energy_is_never_more_than_one_press_and_one_check_away():
    """From states without energy only a person's press leads on, and only into the check."""
    for state, condition, target in s.TRANSITIONS:
        if target == s.RUN:
            assert (state, condition) == (s.CHECK, s.CHECK_PASSED)
        if target == s.CHECK:
            assert (state, condition) in (
                (s.OFF, s.START_PRESSED),
                (s.PAUSE, s.RESUME_PRESSED),
            )
        if target == s.ENDING:
            assert state == s.RUN
