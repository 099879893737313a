"""The heat's limits in plain numbers: just below nothing happens, just above it does."""

from massager.core.heat.guard import HeatGuard
from massager.core.heat.heater_check import HeaterCheck
from massager.core.heat.ntc_monitor import NtcMonitor
from massager.core.safety import fault_table
from massager.core.safety.heater_interlock import HeaterInterlock
from massager.core.signals import Outputs

SET_MC = 43_000


class Doubted:
    """The doubt, and two thermistors without noise or lag."""

    def __init__(self):
        self.doubt = HeaterCheck()
        self.a = NtcMonitor(0)
        self.b = NtcMonitor(0)

    @property
    def asking(self):
        return self.doubt.asking > 0

    def step(self, a_mc, b_mc, set_mc, permille):
        self.a.smooth_mc = a_mc
        self.b.smooth_mc = b_mc
        return self.doubt.step(self.a, self.b, set_mc, permille)


def asks(seconds, from_mc, permille, mc_per_s=0, b_mc_per_s=None, swing_mc=0):
    """Whether the heat is doubted after so long; a swing alternates every two seconds."""
    doubt = Doubted()
    for step in range(seconds * 10):
        swing = swing_mc if step // 20 & 1 else 0
        a_mc = from_mc + mc_per_s * step // 10 + swing
        b_mc = a_mc if b_mc_per_s is None else from_mc + b_mc_per_s * step // 10
        doubt.step(a_mc, b_mc, SET_MC, permille)
    return doubt.asking


COLD_ROWS = (
    # name, seconds, from m°C, permille, m°C per s, asked
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
    assert asks(seconds, from_mc, permille, mc_per_s) == expected


STUCK_ROWS = (
    # name, permille, a m°C per s, its swing, b m°C per s, seconds, asked
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
    assert asks(seconds, 40_500, permille, a_mc_per_s, b_mc_per_s, swing_mc) == expected


def in_doubt():
    doubt = Doubted()
    while not doubt.asking:
        doubt.step(30_000, 30_000, SET_MC, 1_000)
    return doubt


FORGOTTEN_ROWS = (
    # name, seconds without heat between two questions that nobody answered, told
    ("the same session", 29, True),
    ("another session", 32, False),
)


def test_forgotten(row):
    """A question that nobody answered in another session does not count."""
    _, off_s, told = row
    doubt = in_doubt()
    found = 0
    while doubt.asking:
        found |= doubt.step(30_000, 30_000, SET_MC, 0)
    for _ in range(off_s * 10):
        found |= doubt.step(30_000, 30_000, SET_MC, 0)
    assert not found
    while not doubt.asking:
        doubt.step(30_000, 30_000, SET_MC, 1_000)
    while doubt.asking:
        found |= doubt.step(30_000, 30_000, SET_MC, 0)
    assert found == (fault_table.NO_HEAT if told else 0)


ANSWER_ROWS = (
    # name, m°C further up first, fall m°C, ms, still asked
    ("no fall, not yet", 0, 0, 29_800, True),
    ("no fall", 0, 0, 30_200, False),
    ("hardly any", 0, 180, 1_000, True),
    ("enough", 0, 220, 1_000, False),
    ("the lag first", 300, 180, 1_000, True),
    ("then the fall", 300, 220, 1_000, False),
)


def test_answer(row):
    _, up_mc, fall_mc, ms, expected = row
    doubt = in_doubt()
    top_mc = 30_000 + up_mc
    doubt.step(top_mc, top_mc, SET_MC, 0)
    for _ in range(ms // 100):
        doubt.step(top_mc - fall_mc, top_mc - fall_mc, SET_MC, 0)
    assert doubt.asking == expected


AGAIN_ROWS = (("not yet", 320_000, False), ("again", 328_000, True))


def test_again(row):
    """A pad that cooled is left in peace for 300 s; then 25 s without a rise are doubted."""
    _, ms, expected = row
    doubt = in_doubt()
    for _ in range(ms // 100):
        doubt.step(29_700, 29_700, SET_MC, 1_000)
    assert doubt.asking == expected


FALLING_ROWS = (
    # name, m°C a second under power, m°C it falls when asked, live
    ("a dead pad still cools", -20, 600, False),
    ("a live one cools faster", -20, 750, True),
    ("a live one that has turned", -20, 400, True),
)


def test_falling(row):
    """What a pad loses when asked counts from what it was losing anyway."""
    name, mc_per_s, fall_mc, live = row
    doubt = Doubted()
    temp_mc = 36_000
    for step in range(252):
        temp_mc += mc_per_s // 10
        if "turned" in name and step == 240:
            temp_mc += 200
        doubt.step(temp_mc, temp_mc, SET_MC, 1_000)
    assert doubt.asking
    for _ in range(10):
        doubt.step(temp_mc - fall_mc, temp_mc - fall_mc, SET_MC, 0)
    assert doubt.asking != live


def test_the_second_doubt_without_an_answer_is_no_heat():
    doubt = Doubted()
    asked = 0
    found = 0
    while not found:
        before = doubt.asking
        found = doubt.step(30_000, 30_000, SET_MC, 1_000)
        asked += doubt.asking and not before
    assert (found, asked) == (fault_table.NO_HEAT, 2)


def test_a_rise_in_between_begins_the_count_anew():
    doubt = in_doubt()
    temp_mc = 30_000
    for step in range(900):
        temp_mc += 10 * (step > 400)
        doubt.step(temp_mc, temp_mc, SET_MC, 1_000)
    asked = 0
    found = 0
    while not found:
        before = doubt.asking
        found = doubt.step(temp_mc, temp_mc, SET_MC, 1_000)
        asked += doubt.asking and not before
    assert (found, asked) == (fault_table.NO_HEAT, 2)


def test_an_answer_in_between_begins_the_count_anew():
    doubt = in_doubt()
    for temp_mc in [30_000] * 310 + [30_000] * 255 + [29_000]:
        doubt.step(temp_mc, temp_mc, SET_MC, 1_000)
    asked = 0
    found = 0
    while not found:
        before = doubt.asking
        found = doubt.step(29_000, 29_000, SET_MC, 1_000)
        asked += doubt.asking and not before
    assert (found, asked) == (fault_table.NO_HEAT, 2)


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
