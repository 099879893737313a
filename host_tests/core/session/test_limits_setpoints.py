"""The most that a program may ask of the air, in plain numbers."""

from massager.core.air.patterns import stage_hold_ms, stage_set_pa
from massager.core.session.program_format import phase
from massager.core.session.setpoints import ask, begin
from massager.core.signals import PATTERN_RIPPLE, PATTERN_WAVE, Setpoints

ASKED_ROWS = (
    # name, attribute, what the program says, what comes of it
    ("gradient", "gradient_permille", 900, 250),
    ("more pressure in one chamber", "boost_permille", 5_000, 1_200),
    ("less pressure in one chamber", "boost_permille", 500, 1_000),
    ("a longer hold in one chamber", "boost_ms", 60_000, 5_000),
    ("hold", "hold_ms", 60_000, 15_000),
    ("no rest", "rest_ms", 0, 2_000),
    ("pressure", "pressure_pa", 9_000, 5_333),
)


def test_asked(row):
    _, name, value, expected = row
    setpoints = Setpoints()
    asked = phase(10, PATTERN_WAVE, **{name: value})
    begin(setpoints, asked)
    ask(setpoints, asked, 5, 600_000)
    kept = "pressure_set_pa" if name == "pressure_pa" else name
    assert getattr(setpoints, kept) == expected


def wild():
    """Setpoints that no session lets through."""
    setpoints = Setpoints()
    setpoints.pressure_set_pa = 4_000
    setpoints.gradient_permille = setpoints.boost_permille = 9_000
    setpoints.boost_ms = 60_000
    setpoints.boost_chamber = 1
    return setpoints


def test_the_air_holds_wild_wishes_inside_the_same_limits():
    setpoints = wild()
    assert stage_set_pa(setpoints, PATTERN_RIPPLE, 0) == 4_800
    assert stage_set_pa(setpoints, PATTERN_RIPPLE, 2) == 2_000
    assert stage_hold_ms(setpoints, PATTERN_RIPPLE, 0, False) == 10_000
