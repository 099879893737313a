"""The panel's table, row by row: what each gesture means where it counts, and nowhere else."""

from host_tests.core.hmi.finger import BOUNCE, Fingers
from massager.core import limits
from massager.core.hmi import gestures as g
from massager.core.safety import supervisor as s
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

WRAP_MS = 1 << 30
SITUATIONS = {
    # name: state, ramping, locked
    "off": (s.OFF, False, False),
    "check": (s.CHECK, False, False),
    "ramping": (s.RUN, True, False),
    "running": (s.RUN, False, False),
    "ending": (s.ENDING, False, False),
    "paused": (s.PAUSE, False, False),
    "stopping": (s.STOPPING, False, False),
    "fault": (s.FAULT, False, False),
    "locked, off": (s.OFF, False, True),
    "locked, running": (s.RUN, False, True),
    "locked, fault": (s.FAULT, False, True),
}
CHORD = BUTTON_UP | BUTTON_DOWN
EDGE = [EVENT_POWER_EDGE]

PRESS_ROWS: tuple = (
    # name, buttons, ms, {situation: events}; {"": events} in all others
    ("brush power", BUTTON_POWER, 100, {"": EDGE}),
    ("nearly press power", BUTTON_POWER, 290, {"": EDGE}),
    (
        "press power",
        BUTTON_POWER,
        300,
        {
            "off": EDGE + [EVENT_START],
            "paused": EDGE + [EVENT_RESUME],
            "fault": EDGE + [EVENT_CLEAR],
            "locked, fault": EDGE + [EVENT_CLEAR],
            "": EDGE,
        },
    ),
    (
        "press power slowly",
        BUTTON_POWER,
        1_990,
        {
            "off": EDGE + [EVENT_START],
            "paused": EDGE + [EVENT_RESUME],
            "fault": EDGE + [EVENT_CLEAR],
            "locked, fault": EDGE + [EVENT_CLEAR],
            "": EDGE,
        },
    ),
    ("lean on power", BUTTON_POWER, 2_000, {"": EDGE}),
    (
        "hold power",
        BUTTON_POWER,
        3_550,
        {
            "fault": EDGE + [EVENT_READY_TO_CLEAR],
            "locked, fault": EDGE + [EVENT_READY_TO_CLEAR],
            "paused": EDGE + [EVENT_END_PAUSE],
            "": EDGE,
        },
    ),
    ("brush up", BUTTON_UP, 20, {"": []}),
    (
        "tap up",
        BUTTON_UP,
        50,
        {
            "ramping": [EVENT_FREEZE],
            "running": [EVENT_LEVEL_UP],
            "off": [EVENT_FEELING_UP],
            "": [],
        },
    ),
    (
        "press up",
        BUTTON_UP,
        500,
        {
            "ramping": [EVENT_FREEZE],
            "running": [EVENT_LEVEL_UP],
            "off": [EVENT_FEELING_UP],
            "": [],
        },
    ),
    (
        "hold up",
        BUTTON_UP,
        1_650,
        {
            "ramping": [EVENT_FREEZE],
            "running": [EVENT_LEVEL_UP],
            "off": [EVENT_FEELING_UP] * 2,
            "": [],
        },
    ),
    (
        "press down",
        BUTTON_DOWN,
        500,
        {
            "ramping": [EVENT_FREEZE],
            "running": [EVENT_LEVEL_DOWN],
            "off": [EVENT_FEELING_DOWN],
            "": [],
        },
    ),
    (
        "hold down",
        BUTTON_DOWN,
        1_650,
        {
            "ramping": [EVENT_FREEZE],
            "running": [EVENT_LEVEL_DOWN] * 2,
            "off": [EVENT_FEELING_DOWN] * 2,
            "": [],
        },
    ),
    (
        "press program",
        BUTTON_PROGRAM,
        500,
        {
            "ramping": [EVENT_FREEZE],
            "running": [EVENT_SKIP],
            "off": [EVENT_NEXT_PROGRAM],
            "": [],
        },
    ),
    (
        "press program for long",
        BUTTON_PROGRAM,
        1_600,
        {"ramping": [EVENT_FREEZE], "off": [EVENT_RELIEF], "": []},
    ),
    ("lean on program", BUTTON_PROGRAM, 3_100, {"ramping": [EVENT_FREEZE], "": []}),
    (
        "press heat",
        BUTTON_HEAT,
        500,
        {"ramping": [EVENT_CYCLE_HEAT], "running": [EVENT_CYCLE_HEAT], "": []},
    ),
    (
        "hold heat",
        BUTTON_HEAT,
        2_000,
        {"ramping": [EVENT_BOOST_HEAT], "running": [EVENT_BOOST_HEAT], "": []},
    ),
    ("something lies on heat", BUTTON_HEAT, 3_050, {"": []}),
    (
        "a knee on up",
        BUTTON_UP,
        9_000,
        {
            "ramping": [EVENT_FREEZE],
            "running": [EVENT_LEVEL_UP],
            "off": [EVENT_FEELING_UP] * 2,
            "": [],
        },
    ),
    (
        "a blanket on down",
        BUTTON_DOWN,
        9_000,
        {
            "ramping": [EVENT_FREEZE],
            "running": [EVENT_LEVEL_DOWN] * 2,
            "off": [EVENT_FEELING_DOWN] * 2,
            "": [],
        },
    ),
    ("press up and down", CHORD, 1_500, {"": []}),
    (
        "hold up and down",
        CHORD,
        2_500,
        {"stopping": [], "fault": [], "locked, fault": [], "": [EVENT_LOCK]},
    ),
    ("hold up, down and heat", CHORD | BUTTON_HEAT, 2_500, {"": []}),
    ("hold power with heat", BUTTON_POWER | BUTTON_HEAT, 1_000, {"": EDGE}),
    ("hold power with everything", 31, 3_500, {"": EDGE}),
)


def test_press(row):
    """Every row of the table in every situation, clean and bouncing, across the wrap."""
    _, buttons, ms, expected = row
    for situation, (state, ramping, locked) in SITUATIONS.items():
        events = expected.get(situation, expected[""])
        for start_ms in (1_000, WRAP_MS - 1_000):
            fingers = Fingers(state, ramping, locked, start_ms)
            assert fingers.press(buttons, ms) == events, situation


def test_bouncing_contacts_mean_what_settled_ones_do():
    """Chatter of 20 ms around a gap below the debounce, at both ends."""
    for chatter in (BOUNCE[:2], BOUNCE[1:3], (0, 0, 1), (1, 0, 0, 1, 0)):
        for buttons, ms, event in (
            (BUTTON_UP, 400, EVENT_LEVEL_UP),
            (BUTTON_HEAT, 400, EVENT_CYCLE_HEAT),
            (BUTTON_PROGRAM, 400, EVENT_SKIP),
        ):
            fingers = Fingers(s.RUN)
            assert fingers.press(buttons, ms, chatter) == [event], (chatter, event)


def test_every_row_of_the_table_is_met_above():
    """A row that no press of this file reaches is a row that nobody has tried."""
    reached = set()
    for _, buttons, _, expected in PRESS_ROWS:
        for situation in SITUATIONS:
            for event in expected.get(situation, expected[""]):
                reached.add((event, buttons & 31))
    for buttons, _, _, _, _, event in g.GESTURES:
        assert any(e == event and b & buttons for e, b in reached), event


def test_rows_make_sense():
    for buttons, kind, at_least_ms, at_most_ms, when, event in g.GESTURES:
        assert 0 < buttons < 32 and g.TOUCH <= kind <= g.CLEAN
        assert 0 < when <= g.ALWAYS and event
        if kind in (g.RELEASE, g.CLEAN):
            assert at_least_ms < at_most_ms
        if event in (EVENT_START, EVENT_RESUME, EVENT_RELIEF, EVENT_CLEAR):
            # deliberate: a clean press of a button alone, from one state of rest
            assert kind == g.CLEAN and at_least_ms >= limits.START_PRESS_MIN_MS
            assert when in (g.OFF, g.PAUSED, g.FAULTY)
        if event == EVENT_POWER_EDGE:
            assert (buttons, kind, when) == (BUTTON_POWER, g.TOUCH, g.ALWAYS)


CONTACT_ROWS: tuple = (
    # name, samples of power's contact before (one a tick), events in off
    ("one sample", (1,), []),
    ("one sample again and again", (1, 0) * 200, []),
    ("two samples", (1, 1), EDGE),
    ("pressed with a bounce", (1, 0, 1, 0, 0) + (1,) * 40, EDGE + [EVENT_START]),
    ("a break in the press", (1,) * 25 + (0,) + (1,) * 25, EDGE * 2),
    ("chatter for a minute", ((1,) * 20 + (0,) * 20) * 150, EDGE * 150),
    ("noise and then closed for long", (1, 0) * 200 + (1,) * 60, EDGE),
    ("not open for long before", (1,) * 5 + (0,) * 20 + (1,) * 50, EDGE * 2),
    ("open for long before", (1,) * 5 + (0,) * 40 + (1,) * 50, EDGE * 2 + [EVENT_START]),
)


def test_contact(row):
    """Only a clean press starts or resumes: noise, however long, does nothing but stop."""
    _, samples, events = row
    for state, meant in ((s.OFF, EVENT_START), (s.PAUSE, EVENT_RESUME)):
        fingers = Fingers(state)
        fingers.wait(500)
        for raw in samples:
            fingers.raw = raw
            fingers.wait(10)
        fingers.raw = 0
        fingers.wait(100)
        assert fingers.events == [meant if event == EVENT_START else event for event in events]


NEW_STATE_ROWS = (
    # name, the state that begins under the finger, ms of the press, events that may not come
    ("the pause ends", s.OFF, 1_000, EVENT_START),
    ("the pause ends late", s.STOPPING, 3_200, EVENT_CLEAR),
    ("it trips", s.FAULT, 3_200, EVENT_READY_TO_CLEAR),
    ("it trips, short press", s.FAULT, 500, EVENT_CLEAR),
)


def test_new_state(row):
    """A press means what it meant where it began: in a pause."""
    _, state, ms, event = row
    fingers = Fingers(s.PAUSE)
    fingers.raw = BUTTON_POWER
    fingers.wait(200)
    fingers.state = state
    fingers.wait(ms - 200)
    fingers.raw = 0
    fingers.wait(100)
    assert event not in fingers.events and EVENT_START not in fingers.events


def test_nothing_starts_while_power_is_not_seen_released():
    for raw in ((BUTTON_POWER,) * 100, (BUTTON_POWER, 0) * 50):
        fingers = Fingers(s.OFF)
        fingers.raw = BUTTON_POWER
        fingers.wait(limits.BUTTON_STUCK_MS + 100)
        fingers.events.clear()
        for power in raw * 2:
            fingers.raw = power | BUTTON_PROGRAM
            fingers.wait(10)
        for power in raw:
            fingers.raw = power
            fingers.wait(10)
        assert EVENT_RELIEF not in fingers.events and EVENT_START not in fingers.events


def test_the_press_that_stops_never_starts():
    """However fast the device comes to rest and however long the press lasts."""
    for off_after_ms in (10, 20, 30, 500, 1_900):
        for ms in (300, 700, 1_900):
            fingers = Fingers(s.RUN)
            fingers.raw = BUTTON_POWER
            fingers.wait(20)
            fingers.state = s.STOPPING
            fingers.wait(off_after_ms)
            fingers.state = s.OFF
            fingers.wait(max(ms - off_after_ms, 0))
            fingers.raw = 0
            fingers.wait(200)
            assert fingers.events == EDGE


def test_a_button_down_at_power_up_means_nothing():
    """A press that lasts through a reset must not start when it is let go."""
    fingers = Fingers(s.OFF)
    fingers.panel = type(fingers.panel)()
    assert fingers.press(BUTTON_POWER, 500) == EDGE
    fingers.wait(300)
    fingers.events.clear()
    assert fingers.press(BUTTON_POWER, 500) == EDGE + [EVENT_START]


def test_a_stuck_button_is_told_and_does_not_take_the_others_away():
    fingers = Fingers(s.RUN)
    fingers.raw = BUTTON_HEAT
    fingers.wait(limits.BUTTON_STUCK_MS)
    assert not fingers.panel.stuck()
    fingers.wait(100)
    assert fingers.panel.stuck() == BUTTON_HEAT
    fingers.events.clear()
    assert fingers.press(BUTTON_DOWN, 300) == [EVENT_LEVEL_DOWN]
    fingers.raw &= ~BUTTON_HEAT
    fingers.wait(100)
    assert not fingers.panel.stuck()


def test_a_button_stuck_since_power_up_does_not_take_power_away():
    for stuck in (BUTTON_UP, BUTTON_UP | BUTTON_HEAT):
        fingers = Fingers(s.OFF)
        fingers.panel = type(fingers.panel)()
        fingers.raw = stuck
        fingers.wait(5_000)
        assert fingers.press(BUTTON_POWER, 500) == EDGE, "not known to be stuck yet"
        fingers.wait(limits.BUTTON_STUCK_MS)
        fingers.events.clear()
        assert fingers.press(BUTTON_POWER, 500) == EDGE + [EVENT_START]


def test_a_power_button_down_since_power_up_wakes_nothing_however_long():
    fingers = Fingers(s.OFF)
    fingers.panel = type(fingers.panel)()
    fingers.raw = BUTTON_POWER
    fingers.wait(limits.BUTTON_STUCK_MS + 100)
    fingers.events.clear()
    assert fingers.press(BUTTON_PROGRAM, 500) == []
    fingers.press(BUTTON_POWER, 100)
    fingers.events.clear()
    assert fingers.press(BUTTON_PROGRAM, 500) == [EVENT_NEXT_PROGRAM]


def test_a_stuck_up_ends_at_some_point():
    fingers = Fingers(s.RUN)
    fingers.raw = BUTTON_UP
    fingers.wait(limits.BUTTON_STUCK_MS + 100)
    fingers.events.clear()
    fingers.wait(60_000)
    assert not fingers.events


def test_the_lock_opens_as_it_closes():
    fingers = Fingers(s.RUN)
    fingers.press(CHORD, 2_500)
    assert fingers.panel.locked
    fingers.events.clear()
    assert fingers.press(BUTTON_UP, 500) == []
    assert fingers.press(BUTTON_POWER, 500) == EDGE, "power stops behind the lock"
    fingers.state = s.OFF
    fingers.events.clear()
    assert fingers.press(BUTTON_POWER, 500) == EDGE, "and does not start"
    fingers.press(CHORD, 2_500)
    assert not fingers.panel.locked


def test_a_chord_whose_fingers_land_apart_changes_no_level():
    for gap_ms in (10, 50, 90):
        for first in (BUTTON_UP, BUTTON_DOWN):
            fingers = Fingers(s.RUN)
            fingers.raw = first
            fingers.wait(gap_ms)
            assert fingers.press(CHORD, 2_500) == [EVENT_LOCK]


def test_the_chord_counts_from_the_finger_that_lands_last():
    fingers = Fingers(s.RUN)
    fingers.raw = BUTTON_UP
    fingers.wait(1_500)
    fingers.raw = CHORD
    fingers.events.clear()
    fingers.wait(1_900)
    assert not fingers.events
    fingers.wait(200)
    assert fingers.events == [EVENT_LOCK]


def test_a_press_is_heard_however_late_the_ticks_come():
    """A late tick passes over the moment at which a row would have spoken."""
    fingers = Fingers(s.RUN)
    fingers.raw = BUTTON_UP
    fingers.wait(60)
    fingers.now_ms += 200
    fingers.wait(10)
    assert fingers.events == [EVENT_LEVEL_UP]


def test_light_knows_when_somebody_last_touched():
    fingers = Fingers(s.RUN)
    for _ in range(30):
        fingers.panel.step_slow()
    assert fingers.panel.untouched_ms == 3_000
    fingers.press(BUTTON_UP, 100)
    assert fingers.panel.untouched_ms == 0
