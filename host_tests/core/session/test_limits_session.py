"""What a program may ask, in plain numbers: more than that is never asked of a regulator."""

from massager.core.session import program_format
from massager.core.session.intensity import Intensity
from massager.core.session.setpoints import ask, begin
from massager.core.signals import BUTTON_POWER, EVENT_LEVEL_UP, Setpoints, Settings
from massager_tools.sim.bench import Bench

PRESSURE_ROWS = (
    # name, Pa that a program asks for at level 5, level, Pa asked of the air
    ("usual", 4_000, 5, 4_000),
    ("usual, gentlest", 4_000, 1, 2_666),
    ("40 mmHg", 5_333, 5, 5_333),
    ("more than that", 6_000, 5, 5_333),
    ("far more", 60_000, 5, 5_333),
    ("more, gentlest", 6_000, 1, 3_554),
    ("10 mmHg", 1_333, 5, 1_333),
    ("less than that", 1_000, 5, 1_333),
    ("less, gentlest", 1_333, 1, 1_333),
)


def test_pressure(row):
    _, asked_pa, level, expected_pa = row
    setpoints = Setpoints()
    ask(setpoints, program_format.phase(10, 0, pressure_pa=asked_pa), level, 600_000)
    assert setpoints.pressure_set_pa == expected_pa


REST_ROWS = (
    ("as asked", 4_000, 4_000),
    ("short", 2_000, 2_000),
    ("too short", 1_900, 2_000),
    ("none", 0, 2_000),
    ("long", 55_000, 55_000),
    ("too long", 56_000, 55_000),
)


def test_rest(row):
    _, asked_ms, expected_ms = row
    setpoints = Setpoints()
    begin(setpoints, program_format.phase(10, 0, rest_ms=asked_ms))
    assert setpoints.rest_ms == expected_ms


FELT_ROWS = (
    # name, ms at the higher level, level that the next session rises to (it was 2)
    ("not long enough", 58_000, 2),
    ("long enough", 62_000, 3),
)


def test_felt(row):
    _, ms, level = row
    session = Bench().controller.session
    session.start()
    while session.intensity.ramping:
        session.step()
    session.adjust(EVENT_LEVEL_UP)
    for _ in range(ms // 100):
        session.step()
    session.stop()
    session.start()
    while session.intensity.ramping:
        session.step()
    assert session.intensity.value == level


RAMP_ROWS = (
    # name, ms a level that a program asks for, ms a level that it gets
    ("at once", 0, 1_000),
    ("faster than a level is felt", 900, 1_000),
    ("fast", 1_500, 1_500),
    ("slow", 600_000, 600_000),
    ("too slow", 700_000, 600_000),
)


def test_ramp(row):
    """The core holds a program's ramp inside its limits, whatever checked the program before."""
    _, asked_ms, expected_ms = row
    intensity = Intensity(Settings())
    intensity.start(0, ("own", 0, 5, asked_ms, False, ()))
    ms = 0
    while intensity.value == 1:
        intensity.step()
        ms += 100
    assert ms == expected_ms


STRETCH_ROWS = (("still reminds", 149_000, True), ("has reminded", 151_000, False))


def test_stretch(row):
    """Two minutes and a half from the end of the evening on."""
    _, ms, reminds = row
    bench = Bench()
    session = bench.controller.session
    session.start()
    while not session.over:
        session.step()
    for _ in range(ms // 100):
        session.rest()
    assert (session.stretch_ms > 0) == reminds


ZERO_ROWS = (
    # name, ms at rest before the program, Pa that the sensor shows at rest, whether it is learnt
    ("not long enough", 52_000, 200, False),
    ("long enough", 66_000, 200, True),
    ("as far off as it may drift", 66_000, 255, True),
    ("farther", 66_000, 400, False),
)


def test_zero(row):
    """The sensor's zero is learnt where the wrap's weight pressed the air out for a minute."""
    _, rest_ms, shown_pa, learnt = row
    bench = Bench(start_ms=0)
    read = bench.plant.read

    def read_off(inputs):
        read(inputs)
        inputs.pressure_uv += shown_pa * 100

    bench.plant.read = read_off  # type: ignore[method-assign]
    bench.run(rest_ms)
    bench.press(BUTTON_POWER)
    bench.run(15_000)
    measured = bench.controller.measured
    assert abs(measured.pressure_guard_pa - measured.pressure_pa - shown_pa * learnt) <= 20
    assert not bench.settings.pressure_offset_uv
