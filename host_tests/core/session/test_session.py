"""A program walked through: start low, rise, freeze, fade, end; heat and its times."""

from massager.core import limits
from massager.core.session import program_format, programs
from massager.core.session.session import Session
from massager.core.signals import (
    EVENT_BOOST_HEAT,
    EVENT_CYCLE_HEAT,
    EVENT_FREEZE,
    EVENT_LEVEL_DOWN,
    EVENT_LEVEL_UP,
    EVENT_NEXT_PROGRAM,
    EVENT_POWER_EDGE,
    EVENT_RELIEF,
    EVENT_SKIP,
    MOTOR_SWELL,
    PATTERN_SQUEEZE,
    PATTERN_WAVE,
    Setpoints,
    Settings,
)

PROGRAMS: tuple = programs.PROGRAMS
NAMES = [program[program_format.NAME] for program in PROGRAMS]


class Evening:
    """A session with its targets and what it remembers."""

    def __init__(self, name="evening", settings=None, own=()):
        self.settings = settings or Settings()
        self.setpoints = Setpoints()
        self.session = Session(self.setpoints, self.settings, own)
        if name is not None:
            self.settings.program = self.session.program = NAMES.index(name)
            self.session.start()

    def run(self, minutes):
        """Let so many minutes pass."""
        for _ in range(int(minutes * 600)):
            if self.session.over:
                return
            self.session.step()
            self.session.update_setpoints()


PROGRAM_ROWS = (
    # name, minutes, heat level, level reached, air, motor
    ("evening", 30, 0, 2, True, True),
    ("presleep", 12, 0, 2, False, True),
    ("warm", 20, 2, 3, True, False),
    ("intermittent", 60, 0, 5, True, False),
    ("recovery", 20, 0, 1, True, True),
    ("relief", 12, 0, 1, False, True),
    ("manual", 30, 0, 1, True, True),
)


def test_program(row):
    """On a new device: starts at level 1, reaches its level, ends after its minutes."""
    name, minutes, heat_level, level, air, motor = row
    evening = Evening(name)
    evening.run(0.1)
    session = evening.session
    assert session.intensity.value == (1 if name != "relief" else level)
    assert session.heat.level == heat_level
    assert evening.setpoints.air_on == air and evening.setpoints.motor_on == motor
    evening.run(minutes - 5)
    assert session.intensity.value == level and not session.intensity.ramping
    evening.run(4.8)
    assert (session.tapering, session.over, evening.setpoints.heat_on) == (True, False, False)
    evening.run(0.2)
    setpoints = evening.setpoints
    assert (session.over, session.completed) == (True, True)
    assert (setpoints.air_on, setpoints.motor_on, setpoints.heat_on) == (False, False, False)


def test_every_program_has_a_row_and_ends_softly():
    assert [row[0] for row in PROGRAM_ROWS] == NAMES
    for program in PROGRAMS:
        fades = [phase[program_format.FADES] for phase in program[program_format.PHASES]]
        assert fades == [False] * (len(fades) - 1) + [True], program[program_format.NAME]
        assert program[program_format.PHASES][-1][program_format.MINUTES] >= 3
    assert NAMES[programs.RELIEF] == "relief"


def test_intermittent_is_as_in_the_trial():
    evening = Evening("intermittent")
    evening.run(10)
    setpoints = evening.setpoints
    assert setpoints.pattern == PATTERN_SQUEEZE
    assert setpoints.pressure_set_pa == 3_920  # 29.4 mmHg
    assert (setpoints.hold_ms, setpoints.hold_ms + setpoints.rest_ms) == (5_000, 60_000)


def test_it_rises_to_the_remembered_level_a_minute_a_level():
    settings = Settings()
    settings.comfort_levels[0] = 4
    evening = Evening(settings=settings)
    levels = []
    for _ in range(6):
        evening.run(0.5)
        levels.append(evening.session.intensity.value)
        evening.run(0.5)
    assert levels == [1, 2, 3, 4, 4, 4]


ADJUST_ROWS = (
    # name, minutes into the program, events, level, remembered
    ("freeze", 2.5, (EVENT_FREEZE,), 3, 3),
    ("freeze at once", 0.1, (EVENT_FREEZE,), 1, 1),
    ("up", 5, (EVENT_LEVEL_UP,), 5, 5),
    ("down", 5, (EVENT_LEVEL_DOWN, EVENT_LEVEL_DOWN), 2, 2),
    ("up beyond", 5, (EVENT_LEVEL_UP,) * 9, 5, 5),
    ("down beyond", 5, (EVENT_LEVEL_DOWN,) * 9, 1, 1),
)


def test_adjust(row):
    """What the person does is kept for the next time, and for relief."""
    _, minutes, events, level, remembered = row
    settings = Settings()
    settings.comfort_levels[0] = 4
    evening = Evening(settings=settings)
    evening.run(minutes)
    for event in events:
        evening.session.adjust(event)
    evening.run(6)
    assert evening.session.intensity.value == level
    assert settings.comfort_levels[0] == settings.last_level == remembered


def test_relief_goes_quickly_to_the_last_comfortable_level():
    settings = Settings()
    evening = Evening(settings=settings)
    evening.run(5)
    evening.session.adjust(EVENT_LEVEL_UP)
    evening.run(1.1)
    evening.session.stop()
    evening.session.choose(EVENT_RELIEF)
    evening.session.start()
    evening.run(0.01)
    assert evening.session.program == programs.RELIEF and evening.session.intensity.value == 1
    evening.run(0.15)
    assert evening.session.intensity.value == 3
    assert evening.setpoints.motor_pattern == MOTOR_SWELL and not evening.setpoints.air_on
    evening.session.stop()
    assert evening.session.program == 0, "power starts the usual program again"


def test_skip_goes_on_to_the_taper():
    evening = Evening()
    evening.run(3)
    evening.session.adjust(EVENT_SKIP)
    evening.run(0.1)
    session = evening.session
    assert session.tapering and session.skipped and not session.intensity.ramping
    assert session.left_ms <= 4 * 60_000
    evening.run(4)
    assert session.over


def test_a_taper_glides_to_the_softest():
    settings = Settings()
    settings.comfort_levels[0] = 5
    evening = Evening(settings=settings)
    evening.run(26)
    last_pa = limits.PRESSURE_LEVELS_PA[4]
    last_rpm = limits.MOTOR_LEVELS_RPM[4]
    for _ in range(39):
        evening.run(0.1)
        setpoints = evening.setpoints
        assert 0 <= last_pa - setpoints.pressure_set_pa <= 120
        assert 0 <= last_rpm - setpoints.motor_set_rpm <= 80
        last_pa = setpoints.pressure_set_pa
        last_rpm = setpoints.motor_set_rpm
    assert evening.setpoints.rest_ms == limits.REST_SET_MAX_MS, "no squeeze begins any more"
    assert last_pa < limits.PRESSURE_SET_MIN_PA + 100
    assert last_rpm < limits.MOTOR_MIN_RPM + 50


def test_a_pause_starts_low_again_and_keeps_the_time():
    evening = Evening()
    evening.run(5)
    left_ms = evening.session.left_ms
    for _ in range(100):
        evening.session.wait()
    assert evening.session.left_ms == left_ms and not evening.session.over
    evening.session.resume()
    assert evening.session.intensity.value == 1 and evening.session.intensity.ramping
    for _ in range(limits.PAUSE_MAX_MS // 100):
        evening.session.wait()
    assert evening.session.over


def test_heat_cycles_and_is_remembered():
    evening = Evening()
    evening.run(1)
    seen = []
    for _ in range(5):
        evening.session.adjust(EVENT_CYCLE_HEAT)
        evening.run(0.01)
        seen.append(evening.setpoints.heat_set_mc if evening.setpoints.heat_on else 0)
    assert seen == [41_000, 42_000, 43_000, 0, 41_000]
    evening.session.stop()
    evening.session.start()
    evening.session.adjust(EVENT_CYCLE_HEAT)
    evening.run(0.1)
    assert evening.setpoints.heat_on and evening.setpoints.heat_set_mc == 41_000


ATTENDED_ROWS = (
    # name, event some minutes into the warm program, heat set-point after it (0: none)
    ("nobody there", 0, 0),
    ("the edge of power", EVENT_POWER_EDGE, 0),
    ("a level", EVENT_LEVEL_DOWN, 42_000),
    ("freeze", EVENT_FREEZE, 42_000),
    ("heat brings what waits", EVENT_CYCLE_HEAT, 42_000),
    ("boost", EVENT_BOOST_HEAT, 44_500),
)


def test_attended(row):
    """A start that nobody meant warms nobody: heat waits for another press."""
    _, event, set_mc = row
    evening = Evening("warm")
    evening.run(3)
    assert not evening.setpoints.heat_on
    if event:
        evening.session.adjust(event)
    evening.run(0.1)
    assert (evening.setpoints.heat_set_mc if evening.setpoints.heat_on else 0) == set_mc


REMEMBERED_ROWS = (
    # name, events, minutes felt, level of the next night (it was 2)
    ("a knee on up", (EVENT_LEVEL_UP,) * 3, 0.5, 2),
    ("felt for a minute", (EVENT_LEVEL_UP,), 1.1, 3),
    ("never more than one above", (EVENT_LEVEL_UP,) * 3, 5, 3),
    ("gentler at once", (EVENT_LEVEL_DOWN,), 0.1, 1),
    ("up and down again", (EVENT_LEVEL_UP, EVENT_LEVEL_UP, EVENT_LEVEL_DOWN), 0.5, 2),
)


def test_remembered(row):
    _, events, minutes, level = row
    evening = Evening()
    evening.run(3)
    for event in events:
        evening.session.adjust(event)
    evening.run(minutes)
    evening.session.stop()
    evening.session.start()
    evening.run(10)
    assert evening.session.intensity.value == level


RAMP_ROWS = (("at once", 0, 4), ("an hour", 3_600_000, 2), ("as asked", 3_000, 4))


def test_ramp(row):
    """However fast or slow a program asks to rise, the core holds it inside its limits."""
    _, ramp_ms, level = row
    phases = (program_format.phase(30, PATTERN_WAVE),)
    evening = Evening(None, own=(("own", 0, 4, ramp_ms, False, phases),))
    evening.session.program = len(PROGRAMS)
    evening.session.start()
    evening.run(0.01)
    assert evening.session.intensity.value == 1, "no level is passed over"
    evening.run(11)
    assert evening.session.intensity.value == level


def warm_minutes(evening, minutes):
    """How many of the coming minutes heat is asked for."""
    steps = 0
    for _ in range(int(minutes * 600)):
        evening.session.step()
        evening.session.update_setpoints()
        steps += evening.setpoints.heat_on
    return steps / 600


def test_heat_ends_after_its_default_and_a_person_gets_some_more():
    evening = Evening("intermittent")
    evening.session.adjust(EVENT_CYCLE_HEAT)
    assert abs(warm_minutes(evening, 25) - 20) < 0.1
    assert evening.session.heat.level == 0
    evening.session.adjust(EVENT_CYCLE_HEAT)
    assert abs(warm_minutes(evening, 15) - 10) < 0.1
    evening.session.adjust(EVENT_CYCLE_HEAT)
    assert warm_minutes(evening, 5) == 0, "30 min a session are the ceiling"


def test_boost_is_short_falls_back_and_cannot_be_had_twice():
    evening = Evening("manual")
    evening.session.adjust(EVENT_BOOST_HEAT)
    evening.run(9.9)
    assert evening.setpoints.heat_set_mc == limits.HEAT_BOOST_MC
    evening.run(0.2)
    assert evening.setpoints.heat_set_mc == limits.HEAT_LEVELS_MC[0]
    evening.session.adjust(EVENT_BOOST_HEAT)
    evening.run(0.1)
    assert evening.setpoints.heat_set_mc == limits.HEAT_LEVELS_MC[0]
    assert evening.settings.heat_level == 0, "a boost is never remembered"


def test_program_button_steps_through_all_and_round():
    own = (("mine", 0, 2, 60_000, False, (program_format.phase(5, PATTERN_WAVE, fades=True),)),)
    evening = Evening(None, own=own)
    seen = []
    for _ in range(len(NAMES) + 1):
        evening.session.choose(EVENT_NEXT_PROGRAM)
        seen.append(evening.session.program)
    assert seen == list(range(1, len(NAMES) + 1)) + [0]
    assert evening.settings.program == 0


def test_a_program_that_is_gone_falls_back_to_the_first():
    settings = Settings()
    settings.program = 12
    assert Evening(None, settings=settings).session.program == 0


STRETCH_ROWS = (("evening", True), ("presleep", False), ("recovery", True), ("relief", False))


def test_stretch(row):
    """A light for 2–3 min, after a program that has it, and not after a stop."""
    name, reminds = row
    evening = Evening(name)
    evening.run(60)
    assert (evening.session.stretch_ms > 0) == reminds
    for _ in range(limits.STRETCH_MS // 100):
        evening.session.rest()
    assert evening.session.stretch_ms == 0
    evening.session.start()
    evening.run(1)
    evening.session.stop()
    assert evening.session.stretch_ms == 0


def test_an_hour_is_the_end_whatever_a_program_says():
    own = (
        (
            "long",
            0,
            1,
            1,
            False,
            tuple([program_format.phase(40, PATTERN_WAVE) for _ in range(5)]),
        ),
    )
    evening = Evening(None, own=own)
    evening.session.program = len(NAMES)
    evening.session.start()
    evening.run(59.9)
    assert not evening.session.over
    evening.run(0.2)
    assert evening.session.over
