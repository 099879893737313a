"""Test the heat guard: conditions raised from readings and commands alone."""

from massager.core import limits
from massager.core.heat.guard import HeatGuard
from massager.core.safety import fault_table
from massager.core.safety.fault_manager import FaultGroup

SET_MC = 43_000
STEP_MS = 100
A, B = 1, 2


class GuardRig:
    """Guard and fault table, ten times a second."""

    def __init__(self):
        self.guard = HeatGuard()
        self.faults = FaultGroup(fault_table.HEAT)
        self.now_ms = 1_000

    def step(self, a_mc, b_mc, permille=0, set_mc=SET_MC, noise_mc=2):
        if self.now_ms // STEP_MS % 2:  # a live converter is never without noise
            a_mc += noise_mc
            b_mc += noise_mc
        self.guard.step(a_mc, b_mc, set_mc)
        self.faults.update(self.now_ms, self.guard.conditions)
        self.guard.step_slow(set_mc, 0 if self.guard.cut else permille)
        self.now_ms += STEP_MS

    def run(self, seconds, a_mc, b_mc, permille=0, set_mc=SET_MC):
        for _ in range(round(seconds * 10)):
            self.step(a_mc, b_mc, permille, set_mc)

    def ramp(self, seconds, from_mc, mc_per_s, permille=0, apart_mc=0):
        for step in range(round(seconds * 10)):
            temp_mc = from_mc + mc_per_s * step // 10
            self.step(temp_mc, temp_mc - apart_mc, permille)


HOLD_ROWS = (
    # name, a m°C, b m°C, seconds, faults raised by then
    ("cool", 25_000, 25_000, 60, 0),
    ("steady", 43_000, 42_500, 600, 0),
    ("a warm reading", 45_600, 43_500, 2.9, 0),
    ("too warm", 43_500, 45_600, 3.2, fault_table.PAD_OVER_TEMP_WARNING),
    ("one reading at the trip", 47_000, 45_000, 0.1, 0),
    ("two", 47_000, 45_000, 0.2, fault_table.PAD_OVER_TEMP_TRIP),
    ("a cut", -40_000, 30_000, 0.3, fault_table.NTC_A_INVALID),
    ("b cut", 30_000, -40_000, 0.3, fault_table.NTC_B_INVALID),
    ("a shorted", 97_000, 30_000, 0.3, fault_table.NTC_A_INVALID),
    (
        "both as hot as a short is a hot pad",
        97_000,
        97_500,
        0.3,
        fault_table.NTC_A_INVALID | fault_table.NTC_B_INVALID | fault_table.PAD_OVER_TEMP_TRIP,
    ),
    ("a cold house", 4_900, 5_200, 0.3, fault_table.NTC_A_INVALID),
    ("apart", 43_000, 39_900, 9.8, 0),
    ("apart for long", 43_000, 39_900, 10.2, fault_table.NTC_DISAGREE_WARNING),
    ("far apart", 37_900, 43_000, 4.8, 0),
    ("far apart for long", 37_900, 43_000, 5.2, fault_table.NTC_DISAGREE_TRIP),
)


def test_hold(row):
    _, a_mc, b_mc, seconds, expected = row
    rig = GuardRig()
    rig.run(seconds, a_mc, b_mc)
    assert rig.faults.active == expected


RISE_ROWS = (
    # name, m°C per s, permille commanded, fault
    ("a strong pad", 530, 1_000, 0),
    ("a jump in the wire", 2_600, 1_000, fault_table.NTC_SLOPE),
    ("a fall as steep", -2_600, 0, fault_table.NTC_SLOPE),
)


def test_rise(row):
    _, mc_per_s, permille, expected = row
    rig = GuardRig()
    rig.run(3, 35_000, 35_000, permille)
    rig.ramp(1.5, 35_000, mc_per_s, permille)
    assert rig.faults.active == expected


CUT_ROWS = (
    # name, set-point, reading, m°C per s, cut
    ("below", 43_000, 43_900, 0, False),
    ("one above the set-point", 43_000, 44_000, 0, True),
    ("45.0, whatever is set", 45_000, 45_000, 0, True),
    ("on its way there at full speed", 43_000, 42_500, 400, True),
    ("the same, slower", 43_000, 42_500, 200, False),
)


def test_cut(row):
    _, set_mc, reading_mc, mc_per_s, expected = row
    rig = GuardRig()
    for step in range(-200, 1):
        temp_mc = reading_mc + mc_per_s * step // 10
        rig.step(temp_mc, temp_mc - 300, 0, set_mc)
    assert rig.guard.cut is expected


def test_the_heat_is_cut_ahead_for_whichever_thermistor_runs():
    """At 0.5 °C/s it is cut below 42 °C for a set-point of 43, whatever the other one feels."""
    for a_per_step, b_per_step in ((50, 0), (0, 50)):
        rig = GuardRig()
        for step in range(80):
            rig.step(38_000 + a_per_step * step, 38_000 + b_per_step * step)
        assert rig.guard.cut


def test_a_warm_leg_on_a_cold_pad_is_no_welded_switch():
    rig = GuardRig()
    for temp_mc in range(18_000, 37_900, 10):
        rig.step(temp_mc, temp_mc)
    assert rig.faults.active == 0


def test_a_pad_that_heats_while_off_is_a_welded_switch():
    rig = GuardRig()
    rig.run(30, 38_500, 38_500)
    rig.ramp(20, 38_500, 100)
    assert rig.faults.active == fault_table.HEATER_WELDED


def test_one_thermistor_that_climbs_while_off_is_no_welded_switch():
    rig = GuardRig()
    rig.run(30, 39_000, 39_000)
    for step in range(400):
        rig.step(39_000 + 5 * step, 39_000)
    assert rig.faults.active == 0


def test_a_short_while_off_is_a_short():
    rig = GuardRig()
    rig.run(60, 41_000, 41_000)
    rig.run(60, 97_000, 41_000)
    assert rig.faults.active & ~fault_table.NTC_SLOPE == fault_table.NTC_A_INVALID | (
        fault_table.NTC_DISAGREE_WARNING | fault_table.NTC_DISAGREE_TRIP
    )


def test_the_heat_stored_at_switch_off_is_none():
    rig = GuardRig()
    rig.run(5, 42_000, 42_000, 1_000)
    rig.ramp(10, 42_000, 150)
    rig.run(60, 43_500, 43_500)
    assert rig.faults.active == 0


def run_at_full_power(rig, seconds, a_per_s, b_per_s, a_falls, b_falls):
    """Move a and b by so many m°C a second; when the guard cuts the heat they fall or stay."""
    a_mc = b_mc = 30_000
    for _ in range(seconds * 10):
        cut = rig.guard.cut
        a_mc += -10 * a_falls if cut else a_per_s // 10
        b_mc += -10 * b_falls if cut else b_per_s // 10
        rig.step(a_mc, b_mc, 1_000)


HEATER_CHECK_ROWS = (
    # name, seconds, m°C a second of a and b under power, whether a and b fall, fault
    ("a weak pad", 400, 0, 0, True, True, 0),
    ("a dead pad, checked once", 70, 0, 0, False, False, 0),
    ("a dead pad", 140, 0, 0, False, False, fault_table.NO_HEAT),
    ("a is stuck", 55, 0, 100, False, True, fault_table.NTC_STUCK),
    ("b is stuck", 55, 100, 0, True, False, fault_table.NTC_STUCK),
    ("a held by the regulator while b warms", 120, 0, 30, True, True, 0),
)


def test_heater_check(row):
    _, seconds, a_per_s, b_per_s, a_falls, b_falls, expected = row
    rig = GuardRig()
    run_at_full_power(rig, seconds, a_per_s, b_per_s, a_falls, b_falls)
    assert rig.faults.latched == expected


def test_a_thermistor_that_gets_stuck_after_a_weak_pad_was_checked_is_found():
    rig = GuardRig()
    run_at_full_power(rig, 60, 0, 0, True, True)
    run_at_full_power(rig, 80, 0, 100, False, True)
    assert rig.faults.latched & fault_table.NTC_STUCK


def test_a_pad_that_warms_is_not_checked():
    rig = GuardRig()
    for step in range(1_500):
        rig.step(20_000 + 10 * step, 20_000 + 10 * step, 1_000)
        assert not rig.guard._heater_check.checking


def test_a_rise_of_either_thermistor_is_heat():
    """A rise of 1.6 °C in one: enough for heat, not yet for a stuck thermistor."""
    for a_per_s, b_per_s in ((40, 0), (0, 40)):
        rig = GuardRig()
        for second in range(40):
            rig.run(1, 30_000 + a_per_s * second, 30_000 + b_per_s * second, 1_000)
            assert not rig.guard._heater_check.checking


SENSE_ROWS = (
    # name, node live, enable, permille, ticks, found
    ("off and dead", 0, False, 0, 100, 0),
    ("off and live for a moment", 1, False, 0, limits.HEATER_SENSE_TICKS - 1, 0),
    ("off and live", 1, False, 0, limits.HEATER_SENSE_TICKS, fault_table.HIGH_SIDE_WELDED),
    ("high side alone and live", 1, True, 0, 100, 0),
    (
        "high side alone and dead",
        0,
        True,
        0,
        limits.HEATER_SENSE_TICKS,
        fault_table.LOW_SIDE_WELDED,
    ),
    ("no check while heating", 0, True, 500, 100, 0),
)


def test_sense(row):
    _, live, enable, permille, ticks, expected = row
    guard = HeatGuard()
    found = 0
    for _ in range(ticks):
        found = guard.sense(live, enable, permille)
    assert found == expected


STILL_ROWS = (
    # name, noise of a and b m°C, power permille, seconds, raised by then
    ("a live converter", 2, 1000, 30, 0),
    ("one that stands still", 0, 1000, 5.3, fault_table.NTC_STUCK),
    ("not for long", 0, 1000, 4.8, 0),
    ("at little power", 0, 50, 5.3, fault_table.NTC_STUCK),
    ("with the heat off", 0, 0, 60, 0),
)


def test_still(row):
    _, noise_mc, permille, seconds, raised = row
    rig = GuardRig()
    for _ in range(round(seconds * 10)):
        rig.step(42_900, 42_700, permille, noise_mc=noise_mc)
    assert rig.faults.active == raised


def test_one_that_stands_still():
    rig = GuardRig()
    for step in range(60):
        rig.step(42_500 + step, 42_600, 400, noise_mc=0)
    assert rig.faults.latched == fault_table.NTC_STUCK
