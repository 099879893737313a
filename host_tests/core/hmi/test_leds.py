"""What the lights say, and that they never say it too brightly."""

from array import array

from massager.core.heat.dose import HeatDose
from massager.core.hmi.fault_blink import FaultBlink
from massager.core.hmi.leds import LIGHTS, Leds
from massager.core.safety import fault_table
from massager.core.safety import supervisor as s
from massager.core.session.session_record import NO_ANSWER
from massager.core.signals import Measurements, Outputs, Setpoints, Status


def evening(state=s.RUN, code=0, untouched_ms=0):
    """The status of a quiet evening."""
    measured = Measurements()
    measured.pad_temp_mc = 42_000
    setpoints = Setpoints()
    setpoints.heat_set_mc = 42_000
    status = Status(measured, setpoints, array("i"), array("i"), array("i"))
    status.state = state
    status.fault_code = code
    status.stops = fault_table.STOPS_ALL if code else 0
    status.level = 3
    status.program = 2
    status.left_ms = 1_200_000
    status.feeling = NO_ANSWER
    status.untouched_ms = untouched_ms
    return status


class Lights:
    """The lights of one status, and what has been written."""

    def __init__(self, status):
        self.status = status
        self.leds = Leds()
        self.outputs = Outputs()

    def step(self):
        """A tenth of a second, in which every light is written."""
        self.leds.step_state(self.status, self.outputs)
        for _ in range(LIGHTS - 1):
            self.leds.step(self.status, self.outputs)

    def lit(self):
        """The numbers of the lights that are on."""
        pixels = self.outputs.pixels
        return [n for n in range(LIGHTS) if max(pixels[n * 3 : n * 3 + 3])]

    def watch(self, light, seconds=4):
        """The share of the time in which a light is on, in percent."""
        on = 0
        for _ in range(seconds * 10):
            self.step()
            on += light in self.lit()
        return on * 100 // (seconds * 10)

    def brightest(self):
        return max(self.outputs.pixels)


def lights(**values):
    return Lights(evening(**values))


def test_running_shows_level_time_and_state():
    shown = lights()
    shown.step()
    assert shown.lit() == [0, 1, 2, 6, 7]
    shown.status.level = 5
    shown.step()
    assert shown.lit() == [0, 1, 2, 3, 4, 6, 7]


HEAT_ROWS = (
    # name, pad, dose, percent of the time the heat light is on
    ("warming", 38_000, 0, 50),
    ("in band", 41_200, 0, 100),
    ("noticeable dose", 42_000, 540, 100),
    ("an hour left at 42 °C", 42_000, 2_700, 100),
    ("minutes left at 43 °C", 43_000, 3_310, 50),
)


def test_heat(row):
    _, pad_mc, dose_s, percent = row
    shown = lights()
    shown.outputs.heater_enable = True
    shown.status.measured.pad_temp_mc = pad_mc
    shown.status.dose_s = dose_s
    shown.status.dose_left_min = HeatDose(dose_s).left_min(pad_mc)
    assert shown.watch(5) == percent
    green = max([shown.outputs.pixels[15] for _ in range(20) if shown.step() is None])
    assert (green > 0) == (dose_s >= 540), "amber once the dose is worth telling"


def test_no_heat_no_light():
    assert lights().watch(5) == 0


SPENT_ROWS = (
    # name, heat asked for, dose, whether it waits for a press, whether green and red flash
    ("asked for and spent", True, 3_600, False, True, True),
    ("spent", False, 3_600, False, False, False),
    ("asked for, cut for a moment", True, 0, False, False, False),
    ("waits for a press", False, 0, True, False, True),
    ("waits, and the dose is spent", False, 3_600, True, False, True),
)


def test_spent(row):
    """Heat that waits, or has a spent dose, is shown; ticks as the controller spreads them."""
    _, asked, dose_s, waits, flashes_green, flashes_red = row
    shown = lights()
    shown.status.setpoints.heat_on = asked
    shown.status.heat_waits = waits
    shown.status.dose_spent = HeatDose(dose_s).spent
    on = 0
    for turn in range(1_400):
        if turn % 10 == 5:
            shown.leds.step_state(shown.status, shown.outputs)
        elif turn % 10 in (1, 3):
            shown.leds.step(shown.status, shown.outputs)
        green, red, blue = shown.outputs.pixels[15:18]
        assert green == (red if flashes_green else 0) and not blue
        on += red > 0
    assert (100 < on < 500) == flashes_red and (on > 0) == flashes_red


def test_time_blinks_when_it_is_nearly_over():
    shown = lights()
    assert shown.watch(6) == 100
    shown.status.left_ms = 299_000
    assert shown.watch(6) == 50


GLOW_ROWS = (
    # name, state, untouched, left, stretch, brightest of 255
    ("just touched", s.RUN, 0, 1_200_000, 0, 6),
    ("settled", s.RUN, 180_000, 1_200_000, 0, 1),
    ("touched in the dark part", s.RUN, 9_000, 1_200_000, 0, 6),
    ("taper", s.ENDING, 600_000, 180_000, 0, 1),
    ("last minutes", s.ENDING, 600_000, 119_000, 0, 0),
    ("off", s.OFF, 600_000, 0, 0, 0),
    ("off, touched", s.OFF, 1_000, 0, 0, 6),
    ("stretch", s.OFF, 600_000, 0, 100_000, 6),
)


def test_glow(row):
    """Dims itself as eyes close; nothing at all in the end."""
    _, state, untouched_ms, left_ms, stretch_ms, expected = row
    shown = lights(state=state, untouched_ms=untouched_ms)
    shown.status.left_ms = left_ms
    shown.status.stretch_ms = stretch_ms
    brightest = 0
    for _ in range(40):
        shown.step()
        brightest = max(brightest, shown.brightest())
    assert brightest == expected


def test_off_shows_the_program_and_the_lock():
    shown = lights(state=s.OFF)
    shown.step()
    assert shown.lit() == [2]
    shown.status.program = 7
    shown.step()
    assert shown.lit() == [7]
    shown.status.program = 2
    shown.status.locked = True
    shown.step()
    assert shown.lit() == [2, 7]


FEELING_ROWS = ((0, 0, 0), (1, 1, 0), (5, 5, 0), (6, 5, 1), (10, 5, 5))


def test_feeling(row):
    """0…10 on five lights: amber up to five, then red over amber."""
    feeling, on, red_only = row
    shown = lights(state=s.OFF)
    shown.status.feeling = feeling
    shown.step()
    pixels = shown.outputs.pixels
    assert len(shown.lit()) == on
    assert sum([not pixels[n * 3] for n in shown.lit()]) == red_only


def count(code, lit):
    """The groups of blinks a person counts in `lit`, tenths of a second."""
    groups = []
    dark = 99
    blinks = 0
    last = False
    for now in lit:
        if now and not last:
            if dark > 12 and blinks:
                groups.append(blinks)
                blinks = 0
            blinks += 1
        dark = 0 if now else dark + 1
        last = now
    return groups


CODE_ROWS = (12, 1, 45, 99, 23)


def test_code(row):
    """A code can be counted, on the stick and on a plain LED alike."""
    shown = lights(state=s.FAULT, code=row, untouched_ms=3_000_000)
    stick = []
    lamp = []
    for _ in range(500):
        shown.step()
        stick.append(7 in shown.lit())
        lamp.append(shown.outputs.lamp)
    assert stick == lamp
    tens, units = row // 10, row % 10
    expected = [tens, units] if tens else [units]
    groups = count(row, lamp)
    assert groups[: len(expected)] == expected and len(groups) >= len(expected)
    assert shown.brightest() <= 12


NOTICE_ROWS = (
    # name, state, untouched, left, brightest of 255
    ("looked at", s.RUN, 0, 1_200_000, 6),
    ("settled", s.RUN, 180_000, 1_200_000, 1),
    ("taper", s.ENDING, 600_000, 180_000, 1),
    ("last minutes", s.ENDING, 600_000, 119_000, 0),
    ("off", s.OFF, 600_000, 0, 0),
)


def test_notice(row):
    """What stops nothing is as dim as the night."""
    _, state, untouched_ms, left_ms, expected = row
    shown = lights(state=state, code=46, untouched_ms=untouched_ms)
    shown.status.stops = fault_table.STOPS_NOTHING
    shown.status.left_ms = left_ms
    brightest = lamp = 0
    for _ in range(200):
        shown.step()
        brightest = max(brightest, shown.brightest())
        lamp += shown.outputs.lamp
    assert brightest == expected and (lamp > 0) == (expected > 0)


def test_a_code_is_complete_once_it_has_been_blinked_through():
    blink = FaultBlink()
    for _ in range((1 + 2 + 6) * 6 - 1):
        blink.step(12)
        assert not blink.complete
    blink.step(12)
    assert blink.complete
    blink.step(13)
    assert not blink.complete


LAMP_ROWS = (
    # name, state, untouched, percent of the time
    ("running", s.RUN, 0, 100),
    ("dark part", s.RUN, 200_000, 2),
    ("paused", s.PAUSE, 1_000, 50),
    ("off", s.OFF, 600_000, 0),
    ("off, touched", s.OFF, 1_000, 50),
)


def test_lamp(row):
    _, state, untouched_ms, percent = row
    shown = lights(state=state, untouched_ms=untouched_ms)
    on = 0
    for _ in range(200):
        shown.step()
        on += shown.outputs.lamp
    assert on // 2 == percent
