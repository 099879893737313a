"""A mean without spikes: what a wild reading, and what a new level of the pin does to it."""

from massager.core.sensing import PinMean

LEVEL = 900_000
HIGH = 2_300_000
LOW = 0
SPIKE_UV = 100_000


def group(*wild):
    """Ten readings, the last of them `wild`."""
    return [LEVEL] * (10 - len(wild)) + list(wild)


def means(groups):
    mean = PinMean()
    found = []
    for readings in groups:
        for reading in readings:
            mean.add(reading)
        found.append(mean.take())
    return found


# name, groups of ten readings, the means of the last of them
GROUP_ROWS = (
    ("nothing wild", [group(), group()], [LEVEL, LEVEL]),
    ("noise is averaged", [group(), [LEVEL, LEVEL + 10_000] * 5], [LEVEL + 5_000]),
    ("one spike", [group(), group(HIGH)], [LEVEL]),
    ("four spikes, of both kinds", [group(), group(HIGH, LOW, LOW, HIGH)], [LEVEL]),
    ("half of them wild, once", [group(), group(*[HIGH] * 5), group()], [LEVEL, LEVEL]),
    ("a spike first of all", [[HIGH] + [LEVEL] * 9, group()], [LEVEL, LEVEL]),
    ("a spike before the first mean", [[LEVEL] * 4 + [LOW] + [LEVEL] * 5], [LEVEL]),
    ("a step", [group(), [HIGH] * 10, [HIGH] * 10], [LEVEL, HIGH]),
    ("a step in the middle", [group(), group(*[HIGH] * 6), [HIGH] * 10], [LEVEL, HIGH]),
    ("there and back", [group(), [LOW] * 10, group(), [LOW] * 10], [LEVEL, LEVEL, LEVEL]),
    ("a slow rise is followed", [[LEVEL + 5_000 * n] * 10 for n in range(40)], [LEVEL + 195_000]),
    ("one reading a time", [[LEVEL], [LEVEL + 50_000], [HIGH], [HIGH]], [LEVEL + 50_000, HIGH]),
)


def test_group(row):
    _, groups, expected = row
    assert means(groups)[-len(expected) :] == expected


# name, distance of three of ten readings from the mean before, whether they count
SPIKE_ROWS = (
    ("as far as a spike may not be", SPIKE_UV, True),
    ("farther", SPIKE_UV + 1, False),
    ("lower", -SPIKE_UV, True),
    ("lower and farther", -SPIKE_UV - 1, False),
)


def test_spike(row):
    _, off_uv, counts = row
    (mean,) = means([group(), group(*[LEVEL + off_uv] * 3)])[1:]
    assert mean == (LEVEL * 10 + off_uv * 3) // 10 if counts else mean == LEVEL
