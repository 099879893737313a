"""The motor limits in plain numbers: no fault just below, a fault just above."""

from massager.core import limits
from massager.core.motor.guard import MotorGuard
from massager.core.safety import fault_table as f
from massager.core.signals import ABSENT, Measurements

LINE = {"rpm_at_12v": 3_000, "load_mv": 600}


class Motor:
    """The guard with a tach without edges and a supply that sags."""

    def __init__(self):
        self.guard = MotorGuard(LINE)
        self.measured = Measurements()
        self.measured.motor_rpm = 0
        self.measured.motor_edges = 0
        self.now_ms = 1_000
        self.raised = 0

    def run(self, ms, permille, rpm=0, sag_mv=0, set_rpm=1_000, turning=False, bad_of=0):
        """Run for `ms`; one of `bad_of` edges (0: none) is none that a shaft makes."""
        self.measured.motor_rpm = rpm
        self.measured.supply_mv = 12_000 - sag_mv
        for _ in range(ms // limits.MOTOR_TICK_MS):
            edges = self.measured.motor_edges = (self.measured.motor_edges + turning) & 0xFFFF
            if not bad_of or edges % bad_of:
                self.measured.motor_updates = (self.measured.motor_updates + turning) & 255
            self.guard.step(self.now_ms, self.measured, set_rpm, permille)
            self.raised |= self.guard.conditions
            self.now_ms += limits.MOTOR_TICK_MS
        return self


STALL_ROWS = (
    # name, permille, ms without an edge, whether the drive is cut
    ("hard, not yet", 310, 490, False),
    ("hard", 310, 550, True),
    ("soft, not yet", 290, 950, False),
    ("soft", 290, 1_050, True),
    ("hardly driven", 95, 3_000, False),
    ("driven a little", 105, 1_050, True),
)


def test_stall(row):
    _, permille, ms, expected = row
    motor = Motor().run(100, 0).run(ms, permille)
    assert motor.guard.cut == expected


REST_ROWS = (("resting", 1_440, True), ("tries again", 1_560, False))


def test_rest(row):
    _, ms, expected = row
    motor = Motor().run(100, 0).run(540, 400)
    assert motor.guard.cut
    assert motor.run(ms, 0).guard.cut == expected


def stall(motor, soft_mv=0, hard_mv=0, soft_permille=240):
    """Run one start against a blocked shaft, after a rest."""
    return motor.run(1_700, 0).run(200, soft_permille, 0, soft_mv).run(600, 400, 0, hard_mv)


def test_the_third_stall_is_a_fault():
    motor = Motor()
    for expected in (0, 0, f.MOTOR_STALLED):
        stall(motor)
        assert motor.raised == expected


FORGET_ROWS = (("remembered", 26_000, f.MOTOR_STALLED), ("forgotten", 32_000, 0))


def test_forget(row):
    _, ms, expected = row
    motor = stall(Motor()).run(ms, 400, 1_000, 0, 1_000, True)
    stall(stall(motor))
    assert motor.raised == expected


SAG_ROWS = (
    # name, sag mV when driven softly, hard, permille softly, fault
    ("grows like a turning motor's", 100, 285, 240, f.TACH_LOST),
    ("grows like a blocked motor's", 100, 315, 240, f.MOTOR_STALLED),
    ("too little to decide", 30, 37, 240, f.MOTOR_STALLED),
    ("enough to decide", 30, 43, 240, f.TACH_LOST),
    ("much", 700, 1_450, 240, f.TACH_LOST),
    ("more than a turning motor draws", 700, 1_550, 240, f.MOTOR_STALLED),
    ("not sampled above the soft duty", 100, 285, 260, f.MOTOR_STALLED),
)


def test_sag(row):
    _, soft_mv, hard_mv, soft_permille, expected = row
    motor = Motor()
    for _ in range(3):
        stall(motor, soft_mv, hard_mv, soft_permille)
    assert motor.raised == expected


OVERSPEED_ROWS = (
    # name, set-point, rpm, whether it is too fast
    ("fast", 1_000, 1_190, False),
    ("too fast", 1_000, 1_210, True),
    ("slower than any set-point", 0, 710, False),
    ("faster than the slowest", 0, 730, True),
)


def test_overspeed(row):
    _, set_rpm, rpm, expected = row
    motor = Motor().run(6_000, 0, set_rpm=0).run(20, 300, rpm, 0, set_rpm, True)
    assert bool(motor.raised & f.MOTOR_OVERSPEED) == expected


def test_a_shaft_that_still_turns_after_a_reset_is_not_too_fast():
    """A watchdog reset at full speed: the drive is off, the first turn is measured late."""
    motor = Motor().run(20, 0, 0, 0, 0, True)
    for rpm in range(2_000, 0, -10):
        motor.run(30, 0, rpm, 0, 0, True)
    assert not motor.raised


def test_a_shaft_that_starts_by_itself_runs_away():
    motor = Motor().run(1_000, 0, 0, 0, 0, True).run(200, 0, 150, 0, 0, True)
    assert not motor.run(2_900, 0, 500, 0, 0, True).raised & f.MOTOR_RUNAWAY
    assert motor.run(200, 0, 500, 0, 0, True).raised & f.MOTOR_RUNAWAY


RUNAWAY_ROWS = (
    # name, rpm while off, ms, whether it runs away
    ("turned by hand", 290, 10_000, False),
    ("runs on", 310, 2_950, False),
    ("runs away", 310, 3_050, True),
)


def test_runaway(row):
    _, rpm, ms, expected = row
    motor = Motor().run(100, 300, 310, 0, 1_000, True).run(ms, 0, rpm, 0, 0, True)
    assert bool(motor.raised & f.MOTOR_RUNAWAY) == expected


HEAT_ROWS = (
    # name, permille, supply mV, rpm, whether that is too much for good
    ("just below 5 V", 400, 12_000, 0, False),
    ("just above 5 V", 435, 12_000, 0, True),
    ("a high supply", 350, 15_000, 0, True),
    ("a low supply", 435, 10_600, 0, False),
    ("no supply measured", 400, ABSENT, 0, False),
    ("no supply measured, more", 435, ABSENT, 0, True),
    ("turning takes most of it", 1_000, 12_000, 1_850, False),
    ("turning takes less", 1_000, 12_000, 1_650, True),
    ("no tach, no estimate", 1_000, 12_000, ABSENT, False),
)


def test_heat(row):
    """A constant loss in the winding for ten thermal time constants."""
    _, permille, supply_mv, rpm, expected = row
    motor = Motor()
    motor.measured.motor_rpm = rpm
    motor.measured.supply_mv = supply_mv
    for _ in range(18_000):
        motor.guard.step_slow(motor.measured, permille)
    motor.guard.step(1_000, motor.measured, 2_400, 0)
    assert bool(motor.guard.conditions & f.MOTOR_OVERHEATED) == expected


WARMING_ROWS = (("warm", 115_000, False), ("too warm", 140_000, True))


def test_warming(row):
    """A loss of 7 V reaches the limit after two minutes; the time constant is three."""
    _, ms, expected = row
    motor = Motor()
    motor.measured.supply_mv = 12_000
    for _ in range(ms // 100):
        motor.guard.step_slow(motor.measured, 583)
    motor.guard.step(1_000, motor.measured, 1_000, 0)
    assert bool(motor.guard.conditions & f.MOTOR_OVERHEATED) == expected


SPEED_ROWS = (
    # name, permille of 12 V, rpm at 4 mV each, ms, fault
    ("a little fast", 400, 1_375, 20_000, 0),
    ("more than the drive can turn", 400, 1_385, 6_550, f.TACH_LOST),
    ("not long enough", 400, 1_385, 6_450, 0),
    ("a heavy load", 1_000, 1_510, 20_000, 0),
    ("hardly turning", 1_000, 1_490, 6_550, f.MOTOR_OVERHEATED),
)


def test_speed(row):
    """Speed and drive have to agree; a motor that coasts with the drive off is not checked."""
    _, permille, rpm, ms, expected = row
    motor = Motor().run(1_000, 0, rpm - rpm // 4, 0, 2_400, True)
    assert motor.run(ms, permille, rpm, 0, 2_400, True).raised == expected


AGAIN_ROWS = (
    # name, steps out of ten with more speed than the drive can turn, s, fault
    ("one of five looks, for ever", 2, 100, 0),
    ("half of them", 5, 17, 0),
    ("half of them, for longer", 5, 18, f.TACH_LOST),
)


def test_again(row):
    """False pulses come and go: looks that agree take back a quarter of those that do not."""
    _, bad, seconds, expected = row
    motor = Motor()
    for _ in range(seconds * 1000 // (10 * limits.MOTOR_TICK_MS)):
        motor.run(bad * limits.MOTOR_TICK_MS, 400, 1_500, 0, 2_400, True)
        motor.run((10 - bad) * limits.MOTOR_TICK_MS, 400, 1_000, 0, 2_400, True)
    assert motor.raised == expected


EDGES_ROWS = (
    # name, one of so many edges is bad, edges, whether the tach is given up
    ("eight bad ones in a row", 1, 8, False),
    ("nine", 1, 9, True),
    ("one of five, not yet", 5, 84, False),
    ("one of five", 5, 85, True),
    ("one of nine, for ever", 9, 20_000, False),
    ("one of eight, in the end", 8, 20_000, True),
)


def test_edges(row):
    """What the speed skips, because no shaft changes so fast, weighs against the good edges."""
    _, bad_of, edges, expected = row
    motor = Motor().run(edges * limits.MOTOR_TICK_MS, 400, 1_100, 0, 2_400, True, bad_of)
    assert motor.raised == (f.TACH_LOST if expected else 0)


def test_without_a_tach_nothing_is_raised():
    motor = Motor()
    motor.measured.motor_edges = ABSENT
    for _ in range(500):
        motor.guard.step(motor.now_ms, motor.measured, 1_000, 1_000)
        motor.now_ms += 10
    assert not motor.guard.conditions and not motor.guard.cut
