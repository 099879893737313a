"""Test the regulator on a coarse integer pad that lags as a real one does."""

from massager.core import limits
from massager.core.heat.regulator import HeatRegulator

STEPS_PER_S = 10


class Pad:
    """Heats by `rate` m°C/s at full power, cools towards 25 °C, read 8 s late; in 1/1024."""

    def __init__(self, rate_mc_per_s, temp_mc=25_000):
        self._rate = rate_mc_per_s
        self._pad = temp_mc << 10
        self._sensor = temp_mc << 10

    @property
    def true_mc(self):
        return self._pad >> 10

    @property
    def read_mc(self):
        return self._sensor >> 10

    def step(self, permille):
        self._pad += self._rate * permille * 1024 // 1000 // STEPS_PER_S
        self._pad -= (self._pad - (25_000 << 10)) // (120 * STEPS_PER_S)
        self._sensor += (self._pad - self._sensor) // (8 * STEPS_PER_S)


def regulate(regulator, pad, set_mc, seconds, cut=False):
    """Run closed-loop and return the extremes of the true temperature."""
    least_mc = most_mc = pad.true_mc
    for _ in range(seconds * STEPS_PER_S):
        permille = regulator.permille if regulator.enable and not cut else 0
        pad.step(permille)
        regulator.follow(pad.read_mc, permille)
        regulator.step(set_mc)
        least_mc = min(least_mc, pad.true_mc)
        most_mc = max(most_mc, pad.true_mc)
    return least_mc, most_mc


PAD_ROWS = (
    # name, m°C per s at full power
    ("7 W", 170),
    ("12 W", 250),
    ("24 W", 500),
)


def test_pad(row):
    """Full power until the hand-over, no overshoot, then still."""
    _, rate = row
    pad = Pad(rate)
    regulator = HeatRegulator()
    at_full_mc = 0
    for _ in range(600 * STEPS_PER_S):
        permille = regulator.permille if regulator.enable else 0
        pad.step(permille)
        regulator.follow(pad.read_mc, permille)
        regulator.step(42_000)
        if regulator.permille < 1000 and not at_full_mc:
            at_full_mc = pad.true_mc
        assert pad.true_mc < 42_000 + limits.HEAT_LEAD_MAX_MC + 100
    assert at_full_mc > 40_500
    least_mc, most_mc = regulate(regulator, pad, 42_000, 300)
    assert most_mc - least_mc < 100 and abs(pad.true_mc - 42_000) < 150


STEP_ROWS = (
    # name, from, to, m°C
    ("up", 41_000, 43_000),
    ("down", 43_000, 41_000),
    ("to boost", 42_000, 44_500),
)


def test_step(row):
    _, from_mc, to_mc = row
    pad = Pad(400)
    regulator = HeatRegulator()
    regulate(regulator, pad, from_mc, 600)
    least_mc, most_mc = regulate(regulator, pad, to_mc, 200)
    assert most_mc <= max(from_mc, to_mc) + limits.HEAT_LEAD_MAX_MC + 100
    assert least_mc >= min(from_mc, to_mc) - 300
    assert abs(pad.true_mc - to_mc) < 150


def test_a_cut_winds_nothing_up():
    pad = Pad(400)
    regulator = HeatRegulator()
    regulate(regulator, pad, 42_000, 600)
    regulate(regulator, pad, 42_000, 60, cut=True)
    assert pad.true_mc < 38_000
    _, most_mc = regulate(regulator, pad, 42_000, 300)
    assert most_mc < 42_000 + limits.HEAT_LEAD_MAX_MC + 100


def test_off_is_immediate_and_the_observer_goes_on():
    pad = Pad(400)
    regulator = HeatRegulator()
    regulate(regulator, pad, 42_000, 600)
    regulator.off()
    assert not regulator.enable and regulator.permille == 0
    for _ in range(120 * STEPS_PER_S):
        pad.step(0)
        regulator.follow(pad.read_mc, 0)
    assert abs((regulator._pad >> 10) - pad.true_mc) < 200


RANGE_ROWS = (
    # name, set-point, m°C that the pad reaches
    ("above the highest set-point", 60_000, 45_000),
    ("below the lowest set-point", 30_000, 40_000),
)


def test_range(row):
    """Whatever the set-point, the pad is held between the two limits."""
    _, set_mc, held_mc = row
    pad = Pad(400)
    regulate(HeatRegulator(), pad, set_mc, 600)
    assert abs(pad.true_mc - held_mc) < 150
