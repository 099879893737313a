"""Test the limit of the pad's power: what has held it, and a fifth more close to that."""

from massager.core.heat.power_limit import PowerLimit

SET_MC = 43_000


def run(limit, seconds, below_mc=0, permille=400, set_mc=SET_MC):
    """Let the pad read so far below its set-point at a power."""
    for _ in range(seconds * 10):
        limit.step(set_mc - below_mc, set_mc, permille)
    return limit


def held():
    """Return the limit of a pad that 400 permille have held for two minutes."""
    return run(PowerLimit(), 120)


LEARN_ROWS = (
    # name, seconds in the band, m°C below, limit afterwards in the band
    ("not yet known", 29, 0, 1_200),
    ("known", 31, 0, 480),
    ("at the edge of the band", 31, 290, 480),
    ("out of the band nothing is learnt", 31, 310, 1_200),
)


def test_learn(row):
    _, seconds, below_mc, expected = row
    assert run(run(PowerLimit(), seconds, below_mc), 1).permille == expected


FAR_ROWS = (
    # name, m°C below the set-point, limit
    ("above it", -200, 480),
    ("close", 900, 480),
    ("half-way", 2_000, 440),
    ("far: no more than held it", 3_100, 400),
    ("however far", 20_000, 400),
)


def test_far(row):
    _, below_mc, expected = row
    assert run(held(), 1, below_mc).permille == expected


FORGET_ROWS = (
    # name, seconds without power, set-point afterwards, limit there
    ("a check or a cut", 59, SET_MC, 480),
    ("the heat was off", 61, SET_MC, 1_200),
    ("a higher set-point", 0, SET_MC + 1_000, 1_200),
    ("a lower one needs no more", 0, SET_MC - 1_000, 480),
)


def test_forget(row):
    _, off_s, set_mc, expected = row
    limit = run(held(), off_s, 0, 0)
    assert run(limit, 1, 0, 400, set_mc).permille == expected


def test_less_power_that_holds_it_is_the_new_limit_and_more_is_not():
    limit = run(held(), 600, 0, 300)
    assert 355 <= limit.permille <= 365
    assert run(limit, 600, 0, 355).permille <= 365


def test_after_a_lower_set_point_warm_skin_sets_no_limit():
    """The pad needs hardly any power at first, and more later."""
    limit = run(held(), 500, 0, 100, SET_MC - 1_000)
    assert run(limit, 1, 0, 300, SET_MC - 1_000).permille == 480
    assert run(limit, 600, 0, 300, SET_MC - 1_000).permille < 370
