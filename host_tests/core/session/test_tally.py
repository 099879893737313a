"""What a session came to, and how the person felt before and after."""

from massager.core.session import tally as t
from massager.core.signals import EVENT_FEELING_DOWN, EVENT_FEELING_UP, Measured, Targets


class Number:
    """A number with a name."""

    def __init__(self, value):
        self.value = self.level = value


class Walked:
    """What the tally wants to know of a session."""

    program = 3
    strength = Number(4)
    heat = Number(2)


def ran(tally, seconds=60, pressure_pa=3_000, pad_mc=42_200, cycles=6):
    measured = Measured()
    measured.pressure_pa = pressure_pa
    measured.pad_temp_mc = pad_mc
    measured.motor_rpm = 1_400
    targets = Targets()
    targets.air_on = targets.heat_on = True
    targets.pressure_set_pa = 3_000
    targets.heat_set_mc = 43_000
    for _ in range(seconds * 10):
        tally.step(Walked, targets, measured, cycles)


def rest(tally, seconds):
    for _ in range(seconds * 10):
        tally.rest()


STEP_ROWS = (
    # name, pressure, pad, seconds at pressure, seconds at temperature
    ("both there", 2_700, 42_000, 60, 60),
    ("not quite there", 2_690, 41_990, 0, 0),
    ("too warm", 3_000, 44_010, 60, 0),
)


def test_step(row):
    _, pressure_pa, pad_mc, pressure_s, warm_s = row
    tally = t.Tally()
    tally.start()
    ran(tally, 60, pressure_pa, pad_mc)
    tally.stop(t.COMPLETED, 0)
    record = tally.record
    assert (record[t.TOTAL_S], record[t.PRESSURE_S], record[t.WARM_S]) == (60, pressure_s, warm_s)
    assert record[t.PEAK_PRESSURE_PA] == pressure_pa
    assert record[t.PEAK_PAD_CC] == pad_mc // 10
    assert (record[t.PROGRAM], record[t.LEVEL], record[t.HEAT_LEVEL]) == (3, 4, 2)


def test_cycles_are_those_of_this_session():
    tally = t.Tally()
    tally.start()
    ran(tally, 1, cycles=100)
    ran(tally, cycles=106)
    tally.stop(t.STOPPED, 45)
    assert tally.record[t.CYCLES] == 6
    assert tally.record[t.REASON] == t.STOPPED and tally.record[t.FAULT_CODE] == 45


def test_a_session_that_never_ran_leaves_no_record():
    tally = t.Tally()
    tally.start()
    tally.stop(t.STOPPED, 0)
    assert not tally.ready


def test_feeling_before_belongs_to_the_next_session():
    tally = t.Tally()
    for _ in range(7):
        tally.answer(EVENT_FEELING_UP)
    assert tally.asking == 7
    rest(tally, 6)
    assert tally.asking == t.NO_ANSWER and not tally.ready
    tally.start()
    assert (tally.record[t.BEFORE], tally.record[t.AFTER]) == (7, t.NO_ANSWER)
    ran(tally)
    tally.stop(t.COMPLETED, 0)
    tally.start()
    assert tally.record[t.BEFORE] == t.NO_ANSWER, "asked once, used once"


def test_feeling_before_is_forgotten_after_half_an_hour():
    tally = t.Tally()
    tally.answer(EVENT_FEELING_UP)
    rest(tally, 1_801)
    tally.start()
    assert tally.record[t.BEFORE] == t.NO_ANSWER


def test_feeling_after_belongs_to_the_last_session_and_is_kept_when_it_has_settled():
    tally = t.Tally()
    tally.start()
    ran(tally)
    tally.stop(t.COMPLETED, 0)
    assert tally.ready
    tally.ready = False  # memory has kept it
    for _ in range(3):
        tally.answer(EVENT_FEELING_UP)
    tally.answer(EVENT_FEELING_DOWN)
    ready = []
    for seconds in (4, 2):
        rest(tally, seconds)
        ready.append(tally.ready)
    assert ready == [False, True]
    assert tally.record[t.AFTER] == 2


FEELING_ROWS = (
    ("one down is none", (EVENT_FEELING_DOWN,), 0),
    ("one up", (EVENT_FEELING_UP,), 1),
    ("never above ten", (EVENT_FEELING_UP,) * 30, 10),
    ("never below none", (EVENT_FEELING_UP,) + (EVENT_FEELING_DOWN,) * 5, 0),
)


def test_feeling(row):
    _, events, expected = row
    tally = t.Tally()
    for event in events:
        tally.answer(event)
    assert tally.asking == expected


def test_every_number_fits_its_sixteen_bits():
    tally = t.Tally()
    tally.start()
    ran(tally, 3_600, pressure_pa=1 << 20, pad_mc=130_000, cycles=1_800)
    tally.stop(t.FAILED, 99)
    assert max(tally.record) <= 65_535 and min(tally.record) >= 0
    assert len(t.FIELDS) == len(tally.record)
