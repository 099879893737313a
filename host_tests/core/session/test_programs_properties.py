"""No program, however it is written, leads out of limits.py."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from host_tests.support.small_ints import load_checked_core
from massager.core import limits, signals
from massager.core.session.session import Session

CHECKED = load_checked_core()

ANY = st.one_of(st.integers(-100, 10_000), st.integers(-(1 << 29), (1 << 29) - 1))
PHASES = st.lists(
    st.tuples(ANY, st.booleans(), *[ANY] * 10).map(tuple), min_size=1, max_size=8
).map(tuple)
PROGRAMS = st.tuples(st.just("wild"), ANY, ANY, st.integers(0, 1 << 29), st.booleans(), PHASES)
EVENTS = st.lists(
    st.sampled_from(
        [
            0,
            signals.EVENT_LEVEL_UP,
            signals.EVENT_LEVEL_DOWN,
            signals.EVENT_CYCLE_HEAT,
            signals.EVENT_BOOST_HEAT,
            signals.EVENT_FREEZE,
            signals.EVENT_SKIP,
        ]
    ),
    max_size=8,
)


def within_limits(setpoints: Any) -> bool:
    heat = not setpoints.heat_on or (
        limits.HEAT_SET_MIN_MC <= setpoints.heat_set_mc <= limits.HEAT_SET_MAX_MC
    )
    air = not setpoints.air_on or (
        limits.PRESSURE_SET_MIN_PA <= setpoints.pressure_set_pa <= limits.PRESSURE_SET_MAX_PA
        and signals.PATTERN_WAVE <= setpoints.pattern <= signals.PATTERN_FOOT_FIRST
        and 0 <= setpoints.hold_ms <= limits.HOLD_SET_MAX_MS
        and limits.REST_SET_MIN_MS <= setpoints.rest_ms <= limits.REST_SET_MAX_MS
        and 0 <= setpoints.gradient_permille <= limits.GRADIENT_SET_MAX_PERMILLE
        and 1_000 <= setpoints.boost_permille <= limits.BOOST_SET_MAX_PERMILLE
        and 0 <= setpoints.boost_ms <= limits.BOOST_SET_MAX_MS
        and 0 <= setpoints.boost_chamber <= 4
    )
    motor = not setpoints.motor_on or (
        limits.MOTOR_MIN_RPM <= setpoints.motor_set_rpm <= limits.MOTOR_MAX_RPM
        and signals.MOTOR_STEADY <= setpoints.motor_pattern <= signals.MOTOR_FADE
    )
    return heat and air and motor


@settings(max_examples=200)
@given(PROGRAMS, EVENTS, st.integers(1, 30))
def test_random_programs_stay_inside_the_limits(program, events, gap_steps):
    """Any numbers in any place, any presses; every value computed on the way is small, too."""
    setpoints = CHECKED.module("signals").Setpoints()
    remembered = CHECKED.module("signals").Settings()
    session = CHECKED.module("session.session").Session(setpoints, remembered, (program,))
    session.program = len(session.programs) - 1
    session.start()
    assert session.left_ms <= limits.SESSION_MAX_MS
    for event in [*events, 0, 0]:
        for _ in range(gap_steps):
            if session.over:
                break
            session.step()
            session.update_setpoints()
            assert within_limits(setpoints)
            assert 1 <= session.intensity.value <= 5
        if not session.over:
            session.adjust(event)


@settings(max_examples=25)
@given(PROGRAMS)
def test_random_programs_end_when_they_said_they_would(program):
    setpoints = signals.Setpoints()
    session = Session(setpoints, signals.Settings(), (program,))
    session.program = len(session.programs) - 1
    session.start()
    left_ms = session.left_ms
    while not session.over:
        session.step()
        session.update_setpoints()
        left_ms -= 100
        assert within_limits(setpoints)
    assert -100 <= left_ms <= 0
    assert not (setpoints.heat_on or setpoints.air_on or setpoints.motor_on)
