"""Test the heat's limits in plain numbers: nothing just below, a reaction just above."""

from massager.core.heat.guard import HeatGuard
from massager.core.heat.heater_check import HeaterCheck
from massager.core.heat.ntc_monitor import NtcMonitor
from massager.core.safety import fault_table
from massager.core.safety.heater_interlock import HeaterInterlock
from massager.core.signals import Outputs

SET_MC = 43_000


class CheckRig:
    """The heater check with two thermistors without noise or lag."""

    def __init__(self):
        self.heater_check = HeaterCheck()
        self.a = NtcMonitor(0)
        self.b = NtcMonitor(0)

    @property
    def checking(self):
        return self.heater_check.checking > 0

    def step(self, a_mc, b_mc, set_mc, permille):
        self.a.smooth_mc = a_mc
        self.b.smooth_mc = b_mc
        return self.heater_check.step(self.a, self.b, set_mc, permille)


def is_checked(seconds, from_mc, permille, mc_per_s=0, b_mc_per_s=None, swing_mc=0):
    """Return whether a check has begun after so long; a swing alternates every two seconds."""
    rig = CheckRig()
    for step in range(seconds * 10):
        swing = swing_mc if step // 20 & 1 else 0
        a_mc = from_mc + mc_per_s * step // 10 + swing
        b_mc = a_mc if b_mc_per_s is None else from_mc + b_mc_per_s * step // 10
        rig.step(a_mc, b_mc, SET_MC, permille)
    return rig.checking


COLD_ROWS = (
    # name, seconds, from m°C, permille, m°C per s, checked
    ("a slow rise, not yet", 24, 30_000, 1_000, 18, False),
    ("a slow rise", 26, 30_000, 1_000, 18, True),
    ("a rise", 60, 30_000, 1_000, 22, False),
    ("warmer than a leg, a slower rise is heat", 60, 37_200, 1_000, 6, False),
    ("warmer than a leg, hardly a rise", 26, 37_200, 1_000, 4, True),
    ("not at full power", 60, 30_000, 880, 0, False),
    ("nearly full power", 26, 30_000, 910, 0, True),
    ("near the set-point", 60, 40_060, 1_000, 0, False),
    ("far from it", 26, 39_940, 1_000, 0, True),
)


def test_cold(row):
    _, seconds, from_mc, permille, mc_per_s, expected = row
    assert is_checked(seconds, from_mc, permille, mc_per_s) == expected


STUCK_ROWS = (
    # name, permille, a m°C per s, its swing, b m°C per s, seconds, checked
    ("b has not moved enough", 510, 0, 0, 100, 19, False),
    ("b has moved, a has not", 510, 0, 0, 100, 22, True),
    ("b has fallen, a has not", 510, 0, 0, -100, 22, True),
    ("a has moved, b has not", 510, 100, 0, 0, 22, True),
    ("at little power", 490, 0, 0, 100, 60, False),
    ("a moves a little", 510, 0, 90, 100, 22, True),
    ("a moves", 510, 0, 110, 100, 60, False),
)


def test_stuck(row):
    _, permille, a_mc_per_s, swing_mc, b_mc_per_s, seconds, expected = row
    assert is_checked(seconds, 40_500, permille, a_mc_per_s, b_mc_per_s, swing_mc) == expected


def in_check():
    rig = CheckRig()
    while not rig.checking:
        rig.step(30_000, 30_000, SET_MC, 1_000)
    return rig


RESET_ROWS = (
    # name, seconds without heat between two failed checks, raised
    ("the same session", 29, True),
    ("another session", 32, False),
)


def test_reset(row):
    """A failed check of another session does not count."""
    _, off_s, raised = row
    rig = in_check()
    found = 0
    while rig.checking:
        found |= rig.step(30_000, 30_000, SET_MC, 0)
    for _ in range(off_s * 10):
        found |= rig.step(30_000, 30_000, SET_MC, 0)
    assert not found
    while not rig.checking:
        rig.step(30_000, 30_000, SET_MC, 1_000)
    while rig.checking:
        found |= rig.step(30_000, 30_000, SET_MC, 0)
    assert found == (fault_table.NO_HEAT if raised else 0)


FALL_ROWS = (
    # name, m°C further up first, fall m°C, ms, still checking
    ("no fall, not yet", 0, 0, 29_800, True),
    ("no fall", 0, 0, 30_200, False),
    ("hardly any", 0, 180, 1_000, True),
    ("enough", 0, 220, 1_000, False),
    ("the lag first", 300, 180, 1_000, True),
    ("then the fall", 300, 220, 1_000, False),
)


def test_fall(row):
    _, up_mc, fall_mc, ms, expected = row
    rig = in_check()
    top_mc = 30_000 + up_mc
    rig.step(top_mc, top_mc, SET_MC, 0)
    for _ in range(ms // 100):
        rig.step(top_mc - fall_mc, top_mc - fall_mc, SET_MC, 0)
    assert rig.checking == expected


RECHECK_ROWS = (("not yet", 320_000, False), ("again", 328_000, True))


def test_recheck(row):
    """A pad that cooled is not checked for 300 s; then 25 s without a rise start a check."""
    _, ms, expected = row
    rig = in_check()
    for _ in range(ms // 100):
        rig.step(29_700, 29_700, SET_MC, 1_000)
    assert rig.checking == expected


FALLING_ROWS = (
    # name, m°C a second under power, m°C it falls in the check, live
    ("a dead pad still cools", -20, 600, False),
    ("a live one cools faster", -20, 750, True),
    ("a live one that has turned", -20, 400, True),
)


def test_falling(row):
    """The fall in a check counts from what the pad was losing anyway."""
    name, mc_per_s, fall_mc, live = row
    rig = CheckRig()
    temp_mc = 36_000
    for step in range(252):
        temp_mc += mc_per_s // 10
        if "turned" in name and step == 240:
            temp_mc += 200
        rig.step(temp_mc, temp_mc, SET_MC, 1_000)
    assert rig.checking
    for _ in range(10):
        rig.step(temp_mc - fall_mc, temp_mc - fall_mc, SET_MC, 0)
    assert rig.checking != live


def test_the_second_failed_check_is_no_heat():
    rig = CheckRig()
    checks = 0
    found = 0
    while not found:
        before = rig.checking
        found = rig.step(30_000, 30_000, SET_MC, 1_000)
        checks += rig.checking and not before
    assert (found, checks) == (fault_table.NO_HEAT, 2)


def test_a_rise_in_between_begins_the_count_anew():
    rig = in_check()
    temp_mc = 30_000
    for step in range(900):
        temp_mc += 10 * (step > 400)
        rig.step(temp_mc, temp_mc, SET_MC, 1_000)
    checks = 0
    found = 0
    while not found:
        before = rig.checking
        found = rig.step(temp_mc, temp_mc, SET_MC, 1_000)
        checks += rig.checking and not before
    assert (found, checks) == (fault_table.NO_HEAT, 2)


def test_a_passed_check_in_between_begins_the_count_anew():
    rig = in_check()
    for temp_mc in [30_000] * 310 + [30_000] * 255 + [29_000]:
        rig.step(temp_mc, temp_mc, SET_MC, 1_000)
    checks = 0
    found = 0
    while not found:
        before = rig.checking
        found = rig.step(29_000, 29_000, SET_MC, 1_000)
        checks += rig.checking and not before
    assert (found, checks) == (fault_table.NO_HEAT, 2)


class Pad:
    """The guard, and what it has raised."""

    def __init__(self):
        self.guard = HeatGuard()
        self.raised = 0
        self.temp_mc = 39_000

    def run(self, ms, mc_per_s=0, permille=0, set_mc=SET_MC):
        """Let `ms` pass while the pad warms by `mc_per_s`."""
        from_mc = self.temp_mc
        for step in range(1, ms // 100 + 1):
            self.temp_mc = from_mc + mc_per_s * step // 10
            self.guard.step(self.temp_mc, self.temp_mc, set_mc)
            self.guard.step_slow(set_mc, permille)
            self.raised |= self.guard.conditions
        return self


SLOPE_ROWS = (("steep", 1_900, False), ("too steep", 2_100, True), ("falling", -2_100, True))


def test_slope(row):
    _, mc_per_s, expected = row
    pad = Pad().run(3_000).run(2_500, mc_per_s)
    assert bool(pad.raised & fault_table.NTC_SLOPE) == expected


WELDED_ROWS = (
    # name, ms off and steady, then m°C per s for ms, whether it counts as welded
    ("hardly warmer", 30_000, 90, 10_000, False),
    ("warmer", 30_000, 112, 10_000, True),
    ("stored heat, soon after", 17_000, 1_500, 1_000, False),
    ("too late for stored heat", 21_500, 1_150, 1_000, True),
    ("slowly", 30_000, 7, 200_000, False),
    ("a degree a minute, whenever it begins", 65_000, 17, 61_000, True),
    ("… or a little later", 95_000, 17, 61_000, True),
)


def test_welded(row):
    _, off_ms, mc_per_s, ms, expected = row
    pad = Pad().run(1_000, 0, 1_000).run(off_ms).run(ms, mc_per_s).run(15_000)
    assert bool(pad.raised & fault_table.HEATER_WELDED) == expected


WARM_ROWS = (("a warm leg", 36_700, False), ("no leg", 37_300, True))


def test_warm(row):
    """Whatever rises to less than 38 °C may be a leg."""
    _, from_mc, expected = row
    pad = Pad()
    pad.temp_mc = from_mc
    pad.run(30_000).run(8_000, 150).run(3_000)
    assert bool(pad.raised & fault_table.HEATER_WELDED) == expected


AHEAD_ROWS = (
    # name, m°C at the end of a rise of 0.4 °C/s, whether the heat is cut
    ("will end below", 42_020, False),
    ("will run over", 42_180, True),
)


def test_ahead(row):
    _, at_mc, expected = row
    pad = Pad()
    pad.temp_mc = at_mc - 8_000
    pad.run(20_000, 400)
    assert pad.guard.cut == expected


SENSE_ROWS = (
    # name, live, enable, ticks, raised
    ("live for a moment", 1, False, 3, 0),
    ("live", 1, False, 4, fault_table.HIGH_SIDE_WELDED),
    ("dead for a moment", 0, True, 3, 0),
    ("dead", 0, True, 4, fault_table.LOW_SIDE_WELDED),
)


def test_sense(row):
    _, live, enable, ticks, expected = row
    guard = HeatGuard()
    found = 0
    for _ in range(ticks):
        found = guard.sense(live, enable, 0)
    assert found == expected


def test_the_high_side_is_alone_for_fifteen_ticks():
    switches = HeaterInterlock()
    outputs = Outputs()
    alone = 0
    switches.apply(500, outputs)
    while not outputs.heater_permille:
        assert outputs.heater_enable
        alone += 1
        switches.apply(500, outputs)
    assert alone == 15
