"""Test the heat's limits in plain numbers: nothing just below, a reaction just above."""

from massager.core.heat.guard import HeatGuard
from massager.core.heat.heater_check import HeaterCheck
from massager.core.heat.ntc_monitor import NtcMonitor
from massager.core.safety import fault_table
from massager.core.safety.heater_interlock import HeaterInterlock
from massager.core.signals import Outputs

SET_MC = 43_000


BEND_MC = 2_000  # 0.2 °C/s at full power once the lag is over, about 12 W
RATE_MC_PER_S = 200
LAG_S = 10


class CheckRig:
    """The heater check on a pad whose readings lag, and follow by `gain` of its true change."""

    def __init__(self, bend_mc=BEND_MC):
        self.heater_check = HeaterCheck(bend_mc)
        self.a = NtcMonitor(0)
        self.b = NtcMonitor(0)
        self.gain = 100  # percent of the pad's change that both readings show
        self.loss_mc_per_s = RATE_MC_PER_S  # full power just holds the pad
        self.permille = 0
        self.limited = False
        self.found = 0
        self.checks = 0
        self._pad_umc = 38_000_000  # µ°C: a step of 0.1 s moves it by a little
        self._shown_umc = 38_000_000
        self._show()

    def _show(self):
        self.a.smooth_mc = self.b.smooth_mc = self._shown_umc // 1_000

    @property
    def checking(self):
        return self.heater_check.checking

    def run(self, seconds, permille=None, mc_per_s=0):
        """Let time pass at a power, the pad moving by `mc_per_s` more by itself."""
        self.permille = self.permille if permille is None else permille
        for _ in range(round(seconds * 10)):
            before = self.heater_check.cut
            power = 0 if before else self.permille
            moved = RATE_MC_PER_S * power // 1_000 - self.loss_mc_per_s + mc_per_s
            self._pad_umc += moved * self.gain
            self._shown_umc += (self._pad_umc - self._shown_umc) // (10 * LAG_S)
            self._show()
            self.found |= self.heater_check.step(self.a, self.b, SET_MC, power, self.limited)
            self.checks += self.heater_check.cut and not before
        return self


def resting():
    """Return a rig at rest for a minute, losing nothing."""
    rig = CheckRig()
    rig.loss_mc_per_s = 0
    return rig.run(60, 0)


def holding(gain=100):
    """Return a rig whose pad full power just holds, before the first check."""
    rig = CheckRig()
    rig.run(20, 1_000)
    rig.gain = gain
    return rig


START_ROWS = (
    # name, percent of the pad's warmth that the readings follow, found
    ("a healthy pad", 100, 0),
    ("one that lost half of its power", 50, 0),
    ("thermistors off the pad", 25, fault_table.NO_HEAT),
    ("dead, or frozen", 0, fault_table.NO_HEAT),
)


def test_start(row):
    """Power has to bend the readings within 16 s; if not, once more after 32 s of rest."""
    _, gain, expected = row
    rig = resting()
    rig.gain = gain
    assert not rig.run(16 + 32 + 15, 1_000).found
    assert rig.run(2).found == expected


def test_a_start_soon_after_power_was_off_is_not_judged():
    rig = holding()
    rig.run(31, 0)
    rig.gain = 0
    assert not rig.run(17, 1_000).checking


FLAT_ROWS = (
    # name, percent, found within two checks and 25 s
    ("a weak pad", 100, 0),
    ("thermistors off the pad", 25, fault_table.NO_HEAT),
    ("dead, or frozen", 0, fault_table.NO_HEAT),
)


def test_flat(row):
    """Readings that do not rise at full power: the heat rests for 32 s, and starts again."""
    _, gain, expected = row
    assert holding(gain).run(10 + 2 * (32 + 16)).found == expected


WATCH_ROWS = (
    # name, permille, at the limit, m°C/s by itself, seconds, checked
    ("not yet", 1_000, False, 0, 24, False),
    ("flat", 1_000, False, 0, 27, True),
    ("it rises a little", 1_000, False, 60, 60, False),
    ("nearly full power", 910, False, 0, 27, True),
    ("not at full power", 880, False, 0, 60, False),
    ("all that the guard allows", 500, True, 0, 27, True),
    ("little power drowns in noise", 190, True, 0, 60, False),
)


def test_watch(row):
    _, permille, limited, mc_per_s, seconds, expected = row
    rig = CheckRig()
    rig.limited = limited
    rig.loss_mc_per_s = RATE_MC_PER_S * permille // 1_000
    rig.run(seconds, permille, mc_per_s)
    assert (rig.checks > 0) == expected


def test_a_pad_that_slows_down_by_and_by_is_not_checked():
    """It nears what its power holds with a time constant of a minute."""
    rig = CheckRig()
    rig.run(10, 1_000)
    rise = 300.0
    while rise > 40:
        rig.run(1, mc_per_s=round(rise))
        rise *= 1 - 1 / 60
    assert not rig.checks


def test_a_weak_pad_is_left_alone_longer_each_time():
    """A check 19, 38, 75 … s of power after the last one, in the end every 300 s."""
    rig = holding()
    gaps = []
    since = 0
    for _ in range(2_000):
        before = rig.checks
        rig.run(1)
        since += 1
        if rig.checks > before:
            gaps.append(since)
            since = 0
    assert gaps[1:6] == sorted(gaps[1:6]) and gaps[1] < 90
    assert all(300 <= gap <= 360 for gap in gaps[6:])
    assert not rig.found


def test_a_rise_in_between_lets_the_next_check_come_soon():
    rig = holding().run(600)
    rig.run(20, mc_per_s=150)
    before = rig.checks
    assert rig.run(120).checks > before


def test_a_leg_put_on_is_no_fault():
    """It takes the pad down by 6 °C, whenever in a check, and then the pad moves no more."""
    for begins_s in range(0, 100, 4):
        rig = holding().run(begins_s)
        rig.run(20, mc_per_s=-200).run(20, mc_per_s=-100).run(200)
        assert not rig.found, begins_s


def test_nothing_is_said_while_the_pad_moves_by_itself():
    """Readings that sink do not bend up; they are looked at until they have come to rest."""
    rig = holding(0)
    for _ in range(200):
        rig._pad_umc -= 100_000
        rig.run(1)
    assert not rig.found
    assert rig.run(240).found == fault_table.NO_HEAT


def test_a_start_that_bends_forgets_the_one_before_it():
    rig = resting()
    rig.gain = 0
    rig.run(17, 1_000)
    assert rig.checking == 3, "it bent nothing"
    rig.gain = 100
    rig.loss_mc_per_s = RATE_MC_PER_S
    rig.run(60)
    rig.gain = 0
    assert not rig.run(60).found


def stuck(seconds, permille, a_mc_per_s, b_mc_per_s, swing_mc):
    """Return whether a check has begun; the swing of a alternates every two seconds."""
    check = HeaterCheck(BEND_MC)
    a, b = NtcMonitor(0), NtcMonitor(0)
    for step in range(seconds * 10):
        a.smooth_mc = 40_500 + a_mc_per_s * step // 10 + (swing_mc if step // 20 & 1 else 0)
        b.smooth_mc = 40_500 + b_mc_per_s * step // 10
        check.step(a, b, SET_MC, permille, False)
        if check.checking in (1, 2):
            return True
    return False


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
    assert stuck(seconds, permille, a_mc_per_s, b_mc_per_s, swing_mc) == expected


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
