"""The heat's limits in plain numbers: just below nothing happens, just above it does."""

from massager.core.heat.doubt import HeatDoubt
from massager.core.heat.guard import HeatGuard
from massager.core.safety import faults
from massager.core.safety.switches import HeaterSwitches
from massager.core.signals import Measured, Outputs

SET_MC = 43_000


def asks(seconds, from_mc, permille, mc_per_s=0, swing_mc=0, b_mc_per_s=None):
    """Whether the heat is doubted after so long; a swing alternates every two seconds."""
    doubt = HeatDoubt()
    for step in range(seconds * 10):
        swing = swing_mc if step // 20 & 1 else 0
        a_mc = from_mc + mc_per_s * step // 10 + swing
        b_mc = a_mc if b_mc_per_s is None else from_mc + b_mc_per_s * step // 10
        doubt.step(a_mc, b_mc, SET_MC, permille)
    return doubt.asking


ASKS_ROWS = (
    # name, seconds, from m°C, permille, m°C per s, swing, asked
    ("a slow rise, not yet", 59, 30_000, 1_000, 30, 0, False),
    ("a slow rise", 61, 30_000, 1_000, 30, 0, True),
    ("a rise", 75, 30_000, 1_000, 36, 0, False),
    ("not at full power", 75, 30_000, 880, 30, 0, False),
    ("nearly full power", 61, 30_000, 910, 30, 0, True),
    ("near the set-point", 75, 40_060, 1_000, 0, 150, False),
    ("far from it", 61, 39_840, 1_000, 0, 150, True),
    ("still, not yet", 29, 40_900, 510, 0, 0, False),
    ("still", 31, 40_900, 510, 0, 0, True),
    ("still, near the set-point", 60, 41_100, 510, 0, 0, False),
    ("still, at little power", 60, 40_900, 490, 0, 0, False),
    ("hardly moving", 31, 40_800, 510, 0, 90, True),
    ("moving", 60, 40_800, 510, 0, 110, False),
)


def test_asks(row):
    _, seconds, from_mc, permille, mc_per_s, swing_mc, expected = row
    assert asks(seconds, from_mc, permille, mc_per_s, swing_mc) == expected


ONE_ROWS = (("b stands still", 50, 0), ("a stands still", 0, 50))


def test_one(row):
    _, a_mc_per_s, b_mc_per_s = row
    assert asks(31, 30_000, 510, a_mc_per_s, 0, b_mc_per_s)


ANSWER_ROWS = (
    # name, fall m°C, ms, still asked
    ("no fall, not yet", 0, 29_800, True),
    ("no fall", 0, 30_200, False),
    ("hardly any", 180, 1_000, True),
    ("enough", 220, 1_000, False),
)


def test_answer(row):
    _, fall_mc, ms, expected = row
    doubt = HeatDoubt()
    while not doubt.asking:
        doubt.step(40_900, 40_900, SET_MC, 510)
    for _ in range(ms // 100):
        doubt.step(40_900 - fall_mc, 40_900 - fall_mc, SET_MC, 510)
    assert doubt.asking == expected


AGAIN_ROWS = (("not yet", 320_000, False), ("again", 335_000, True))


def test_again(row):
    """An answer holds for 300 s; then 30 s of standing still are doubted once more."""
    _, ms, expected = row
    doubt = HeatDoubt()
    while not doubt.asking:
        doubt.step(40_900, 40_900, SET_MC, 510)
    for _ in range(ms // 100):
        doubt.step(40_600, 40_600, SET_MC, 510)
    assert doubt.asking == expected


def test_the_second_doubt_without_an_answer_is_no_heat():
    doubt = HeatDoubt()
    asked = 0
    found = 0
    while not found:
        before = doubt.asking
        found = doubt.step(40_900, 40_900, SET_MC, 510)
        asked += doubt.asking and not before
    assert (found, asked) == (faults.NO_HEAT, 2)


class Pad:
    """The guard, and what it has raised."""

    def __init__(self):
        self.guard = HeatGuard()
        self.measured = Measured()
        self.raised = 0
        self.temp_mc = 39_000

    def run(self, ms, mc_per_s=0, permille=0, set_mc=SET_MC):
        """Let `ms` pass while the pad warms by `mc_per_s`."""
        from_mc = self.temp_mc
        for step in range(1, ms // 100 + 1):
            self.temp_mc = from_mc + mc_per_s * step // 10
            self.measured.pad_temp_a_mc = self.measured.pad_temp_b_mc = self.temp_mc
            self.guard.step(self.measured, set_mc, permille)
            self.raised |= self.guard.conditions
        return self


SLOPE_ROWS = (("steep", 1_900, False), ("too steep", 2_100, True), ("falling", -2_100, True))


def test_slope(row):
    _, mc_per_s, expected = row
    pad = Pad().run(3_000).run(2_500, mc_per_s)
    assert bool(pad.raised & faults.NTC_SLOPE) == expected


WELDED_ROWS = (
    # name, ms off and steady, then m°C per s for ms, whether it counts as welded
    ("hardly warmer", 30_000, 90, 10_000, False),
    ("warmer", 30_000, 112, 10_000, True),
    ("stored heat, soon after", 17_000, 1_500, 1_000, False),
    ("too late for stored heat", 21_500, 1_150, 1_000, True),
    ("slowly", 30_000, 15, 100_000, False),
    ("less slowly", 30_000, 20, 100_000, True),
)


def test_welded(row):
    _, off_ms, mc_per_s, ms, expected = row
    pad = Pad().run(1_000, 0, 1_000).run(off_ms).run(ms, mc_per_s).run(15_000)
    assert bool(pad.raised & faults.HEATER_WELDED) == expected


WARM_ROWS = (("a warm leg", 36_700, False), ("no leg", 37_300, True))


def test_warm(row):
    """Whatever rises to less than 38 °C may be a leg."""
    _, from_mc, expected = row
    pad = Pad()
    pad.temp_mc = from_mc
    pad.run(30_000).run(8_000, 150).run(3_000)
    assert bool(pad.raised & faults.HEATER_WELDED) == expected


AHEAD_ROWS = (
    # name, m°C at the end of a rise of 0.4 °C/s, whether the heat is cut
    ("will end below", 42_020, False),
    ("will run over", 42_180, True),
)


def test_ahead(row):
    _, at_mc, expected = row
    pad = Pad()
    pad.temp_mc = at_mc - 4_000
    pad.run(10_000, 400)
    assert pad.guard.cut == expected


SENSE_ROWS = (
    # name, live, enable, ticks, raised
    ("live for a moment", 1, False, 3, 0),
    ("live", 1, False, 4, faults.HIGH_SIDE_WELDED),
    ("dead for a moment", 0, True, 3, 0),
    ("dead", 0, True, 4, faults.LOW_SIDE_WELDED),
)


def test_sense(row):
    _, live, enable, ticks, expected = row
    guard = HeatGuard()
    found = 0
    for _ in range(ticks):
        found = guard.sense(live, enable, 0)
    assert found == expected


def test_the_high_side_is_alone_for_fifteen_ticks():
    switches = HeaterSwitches()
    outputs = Outputs()
    alone = 0
    switches.apply(500, outputs)
    while not outputs.heater_permille:
        assert outputs.heater_enable
        alone += 1
        switches.apply(500, outputs)
    assert alone == 15
