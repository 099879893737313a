"""Speed from tach edges: whole turns, missing pulses, a shaft that slows down."""

from massager.core.motor.tach import TachSpeed

TURN_US = 50_000  # 1,200 rpm


def turning(pulses=1, turns=3):
    tach = TachSpeed(pulses)
    for edge in range(1, turns * pulses + 1):
        tach.step(edge, TURN_US, 0)
    return tach


SPEED_ROWS = (
    # name, µs a turn, rpm
    ("slowest of use", 100_000, 600),
    ("fastest of use", 25_000, 2_400),
    ("rounded", 33_333, 1_800),
    ("no turn yet", 0, 0),
    ("a glitch", 1, 10_000),
    ("at rest", 4_000_000, 0),
)


def test_speed(row):
    _, turn_us, rpm = row
    tach = TachSpeed(1)
    tach.step(1, turn_us, 0)
    assert tach.rpm == rpm


def test_only_an_edge_is_an_update():
    tach = turning()
    updates = tach.updates
    tach.step(3, TURN_US, 10_000)
    assert tach.updates == updates
    tach.step(4, TURN_US, 0)
    assert tach.updates == updates + 1


MISSING_ROWS = (
    # name, pulses a turn, µs of the turn with the gap
    ("one pulse", 1, TURN_US * 2),
    ("two pulses", 2, TURN_US * 3 // 2),
)


def test_missing(row):
    """A missing pulse changes nothing; a speed that stays low is accepted."""
    _, pulses, turn_us = row
    tach = turning(pulses)
    updates = tach.updates
    edge = 3 * pulses
    for _ in range(2 * pulses):
        edge += 1
        tach.step(edge, turn_us, 0)
        assert tach.rpm == 1_200 and tach.updates == updates
    tach.step(edge + 1, turn_us, 0)
    assert tach.rpm == 60_000_000 // turn_us and tach.updates == updates + 1


FALSE_EDGE_ROWS = (
    # name, pulses a turn, µs of the turns with the false edge
    ("one pulse", 1, (TURN_US // 3, TURN_US * 2 // 3)),
    ("two pulses", 2, (TURN_US // 2, TURN_US // 2, TURN_US * 6 // 10)),
)


def test_false_edge(row):
    """Edges that would double the speed of a turning shaft are skipped."""
    _, pulses, turns_us = row
    tach = turning(pulses)
    edge = 3 * pulses
    for turn_us in turns_us:
        edge += 1
        tach.step(edge, turn_us, 0)
        assert tach.rpm <= 2_000
    tach.step(edge + 1, TURN_US, 0)
    assert tach.rpm == 1_200


def test_a_start_may_double_the_speed_within_a_turn():
    tach = TachSpeed(1)
    tach.step(1, 300_000, 0)
    tach.step(2, 150_000, 0)
    assert tach.rpm == 400
    tach.step(3, 90_000, 0)
    assert tach.rpm == 667


def test_a_real_drop_in_speed_is_accepted_at_once():
    tach = turning()
    tach.step(4, TURN_US * 13 // 10, 0)
    assert 920 <= tach.rpm <= 925


def test_silence_lowers_the_speed_to_zero():
    tach = turning()
    tach.step(3, TURN_US, 2 * TURN_US)
    assert tach.rpm == 1_200
    tach.step(3, TURN_US, 500_000)
    assert tach.rpm == 120
    tach.step(3, TURN_US, 4_000_000)
    assert tach.rpm == 0
