"""What the supervisor is given, one source at a time: nothing else, and nothing less."""

from massager.core import signals as events
from massager.core.safety import fault_table
from massager.core.safety import supervisor as s


class Found:
    """The faults in force."""

    def __init__(self, stops=0, latched=0):
        self.stops = stops
        self.latched = latched


class Progress:
    """A session and a self-test, as far as they are asked."""

    def __init__(self, tapering=False, over=False, passed=False):
        self.tapering = tapering
        self.over = over
        self.passed = passed


GATHER_ROWS = (
    # name, events, faults, session and self-test, at rest, what the supervisor is given
    ("nothing", 0, Found(), Progress(), False, 0),
    ("at rest", 0, Found(), Progress(), True, s.AT_REST),
    ("all stops", 0, Found(fault_table.STOPS_ALL), Progress(), False, s.TRIPPED),
    ("the session stops", 0, Found(fault_table.STOPS_SESSION), Progress(), False, s.INTERRUPTED),
    (
        "a part stops",
        0,
        Found(fault_table.STOPS_HEAT | fault_table.STOPS_AIR),
        Progress(),
        False,
        0,
    ),
    ("a latched fault", 0, Found(latched=1), Progress(), False, s.LATCHED),
    ("power pressed", events.EVENT_POWER_EDGE, Found(), Progress(), False, s.POWER_EDGE),
    ("start", events.EVENT_START, Found(), Progress(), False, s.START_PRESSED),
    ("relief", events.EVENT_RELIEF, Found(), Progress(), False, s.START_PRESSED),
    ("clear", events.EVENT_CLEAR, Found(), Progress(), False, s.CLEAR_PRESSED),
    ("resume", events.EVENT_RESUME, Found(), Progress(), False, s.RESUME_PRESSED),
    ("end a pause", events.EVENT_END_PAUSE, Found(), Progress(), False, s.PAUSE_ENDED),
    ("another press", events.EVENT_SKIP, Found(), Progress(), False, 0),
    ("taper", 0, Found(), Progress(tapering=True), False, s.TAPER_DUE),
    ("over", 0, Found(), Progress(over=True), False, s.SESSION_OVER),
    ("self-test passed", 0, Found(), Progress(passed=True), False, s.CHECK_PASSED),
    (
        "a trip while power is pressed",
        events.EVENT_POWER_EDGE,
        Found(fault_table.STOPS_ALL | fault_table.STOPS_SESSION, 1),
        Progress(),
        True,
        s.AT_REST | s.TRIPPED | s.INTERRUPTED | s.LATCHED | s.POWER_EDGE,
    ),
)


def test_gather(row):
    _, word, found, progress, at_rest, expected = row
    assert s.gather(word, found, progress, progress, at_rest) == expected
