"""What a session came to, and how the person felt before and after."""

from massager.core.session import session_record as t
from massager.core.signals import EVENT_FEELING_DOWN, EVENT_FEELING_UP, Measurements, Setpoints


class Number:
    """A number with a name."""

    def __init__(self, value):
        self.value = self.level = value


class Walked:
    """What the tally wants to know of a session."""

    program = 3
    intensity = Number(4)
    heat = Number(2)


def ran(session_record, seconds=60, pressure_pa=3_000, pad_mc=42_200, cycles=6):
    measured = Measurements()
    measured.pressure_pa = pressure_pa
    measured.pad_temp_mc = pad_mc
    measured.motor_rpm = 1_400
    setpoints = Setpoints()
    setpoints.air_on = setpoints.heat_on = True
    setpoints.pressure_set_pa = 3_000
    setpoints.heat_set_mc = 43_000
    for _ in range(seconds * 10):
        session_record.step(Walked, setpoints, measured, cycles)


def rest(session_record, seconds):
    for _ in range(seconds * 10):
        session_record.rest()


STEP_ROWS = (
    # name, pressure, pad, seconds at pressure, seconds at temperature
    ("both there", 2_700, 42_000, 60, 60),
    ("not quite there", 2_690, 41_990, 0, 0),
    ("too warm", 3_000, 44_010, 60, 0),
)


def test_step(row):
    _, pressure_pa, pad_mc, pressure_s, warm_s = row
    session_record = t.SessionRecord()
    session_record.start()
    ran(session_record, 60, pressure_pa, pad_mc)
    session_record.stop(t.COMPLETED, 0)
    record = session_record.record
    assert (record[t.TOTAL_S], record[t.PRESSURE_S], record[t.WARM_S]) == (60, pressure_s, warm_s)
    assert record[t.PEAK_PRESSURE_PA] == pressure_pa
    assert record[t.PEAK_PAD_CC] == pad_mc // 10
    assert (record[t.PROGRAM], record[t.LEVEL], record[t.HEAT_LEVEL]) == (3, 4, 2)


def test_cycles_are_those_of_this_session():
    session_record = t.SessionRecord()
    session_record.start()
    ran(session_record, 1, cycles=100)
    ran(session_record, cycles=106)
    session_record.stop(t.STOPPED, 45)
    assert session_record.record[t.CYCLES] == 6
    assert (
        session_record.record[t.REASON] == t.STOPPED and session_record.record[t.FAULT_CODE] == 45
    )


def test_a_session_that_never_ran_leaves_no_record():
    session_record = t.SessionRecord()
    session_record.start()
    session_record.stop(t.STOPPED, 0)
    assert session_record.revision == 0


def test_feeling_before_belongs_to_the_next_session():
    session_record = t.SessionRecord()
    for _ in range(7):
        session_record.answer(EVENT_FEELING_UP)
    assert session_record.asking == 7
    rest(session_record, 6)
    assert session_record.asking == t.NO_ANSWER and session_record.revision == 0
    session_record.start()
    assert (session_record.record[t.BEFORE], session_record.record[t.AFTER]) == (7, t.NO_ANSWER)
    ran(session_record)
    session_record.stop(t.COMPLETED, 0)
    session_record.start()
    assert session_record.record[t.BEFORE] == t.NO_ANSWER, "asked once, used once"


def test_feeling_before_is_forgotten_after_half_an_hour():
    session_record = t.SessionRecord()
    session_record.answer(EVENT_FEELING_UP)
    rest(session_record, 1_801)
    session_record.start()
    assert session_record.record[t.BEFORE] == t.NO_ANSWER


def test_feeling_after_belongs_to_the_last_session_and_is_kept_when_it_has_settled():
    session_record = t.SessionRecord()
    session_record.start()
    ran(session_record)
    session_record.stop(t.COMPLETED, 0)
    assert session_record.revision == 1
    for _ in range(3):
        session_record.answer(EVENT_FEELING_UP)
    session_record.answer(EVENT_FEELING_DOWN)
    revisions = []
    for seconds in (4, 2):
        rest(session_record, seconds)
        revisions.append(session_record.revision)
    assert revisions == [1, 2]
    assert session_record.record[t.AFTER] == 2


FEELING_ROWS = (
    ("one down is none", (EVENT_FEELING_DOWN,), 0),
    ("one up", (EVENT_FEELING_UP,), 1),
    ("never above ten", (EVENT_FEELING_UP,) * 30, 10),
    ("never below none", (EVENT_FEELING_UP,) + (EVENT_FEELING_DOWN,) * 5, 0),
)


def test_feeling(row):
    _, events, expected = row
    session_record = t.SessionRecord()
    for event in events:
        session_record.answer(event)
    assert session_record.asking == expected


def test_every_number_fits_its_sixteen_bits():
    session_record = t.SessionRecord()
    session_record.start()
    ran(session_record, 3_600, pressure_pa=1 << 20, pad_mc=130_000, cycles=1_800)
    session_record.stop(t.FAILED, 99)
    assert max(session_record.record) <= 65_535 and min(session_record.record) >= 0
    assert len(t.FIELDS) == len(session_record.record)
