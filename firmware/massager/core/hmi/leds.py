"""Eight lights, or one: the state of the device, readable in the dark.

Lights 1–5 show the level (the feeling while it is being entered, the program while
nothing runs), 6 the heat, 7 the time left, 8 the state. A fault is blinked as a countable
code on the last light: tens, a pause, units. One light is written at a time, so no tick
carries the whole stick.
"""

from micropython import const

from massager.core import limits
from massager.core.hmi.fault_blink import FaultBlink
from massager.core.safety import supervisor
from massager.core.signals import Outputs, Status

LIGHTS = const(8)
_LEVEL = const(5)  # so many lights for the level
_HEAT = const(5)
_TIME = const(6)
_STATE = const(7)

# of 255
_DIM = const(6)  # enough to read in the dark, not enough to wake by
_DARK = const(1)
_ALARM = const(12)

_SLOW_STEPS = const(20)
_SPENT_STEPS = const(4)  # lit of the slow ones; a light's turn comes every three or four
_WINK_STEPS = const(50)  # a plain LED in the dark part: a tenth of a second every five
_PERIOD_STEPS = const(100)
_LOOKING_MS = const(10_000)  # after a press somebody looks
_SETTLED_MS = const(180_000)  # untouched for this long: eyes are closing
_GONE_MS = const(120_000)  # the last minutes are without any light
_NEARLY_OVER_MS = const(300_000)
_IN_BAND_MC = const(1_000)
_HEAT_NEARLY_OVER_MIN = const(5)
_HALF_FEELING = const(5)


class Leds:
    """Write `pixels` (green, red, blue for each light) and `lamp` for a plain LED."""

    def __init__(self) -> None:
        self._code = FaultBlink()
        self._time = 0
        self._slow = False  # goes on and off, every two seconds
        self._glow = 0
        self._light = 0

    def step_state(self, status: Status, outputs: Outputs) -> bool:
        """Write the last light and the lamp, and advance the rhythms by 100 ms.

        Return whether the code of the fault in force has been blinked from beginning to end.
        """
        time = self._time = (self._time + 1) % _PERIOD_STEPS
        slow = self._slow = time % _SLOW_STEPS * 2 < _SLOW_STEPS
        glow = self._glow = _glow(status)
        state = status.state
        code = status.fault_code
        lit = self._code.step(code)
        green = red = blue = 0
        if code:
            # what stops nothing can wait: no more light for it than the night allows
            red = _ALARM if status.stops else glow
            if not lit:
                red = 0
            lit = red > 0
        elif not glow:
            lit = False
        elif status.locked and status.untouched_ms < _LOOKING_MS:
            red = green = glow
            lit = time & 1 == 0
        elif state == supervisor.PAUSE:
            red = green = glow if slow else 0
            lit = slow
        elif state != supervisor.OFF:
            green = glow
            lit = glow > _DARK or time % _WINK_STEPS == 0
        else:
            blue = glow if status.program & (LIGHTS - 1) == _STATE else 0
            lit = slow or status.feeling <= limits.FEELING_MAX
        outputs.lamp = lit
        _write(outputs.pixels, _STATE, green, red, blue)
        return self._code.complete

    def step(self, status: Status, outputs: Outputs) -> None:
        """Write the next of the other lights; each has its turn in seven calls."""
        light = self._light
        self._light = light + 1 if light + 1 < _STATE else 0
        glow = self._glow
        if not glow:
            _write(outputs.pixels, light, 0, 0, 0)
        elif status.state == supervisor.OFF or status.state == supervisor.FAULT:
            self._show_rest(status, light, glow, outputs.pixels)
        elif light == _HEAT:
            self._show_heat(status, glow, outputs)
        else:
            on = status.left_ms > _NEARLY_OVER_MS or self._slow
            green = 0
            if light < _LEVEL:
                on = light < status.level
                green = glow
            _write(outputs.pixels, light, green if on else 0, 0, glow if on else 0)

    def _show_rest(self, status: Status, light: int, glow: int, pixels: bytearray) -> None:
        """Write one light while nothing runs: the feeling, the stretching or the program."""
        green = red = blue = 0
        feeling = status.feeling
        if feeling <= limits.FEELING_MAX:
            if light < _LEVEL and light < feeling:
                red = glow
                green = glow if light >= feeling - _HALF_FEELING else 0
        elif status.stretch_ms > 0:
            if light < _LEVEL and self._slow:
                green = red = blue = glow
        elif light == status.program & (LIGHTS - 1):
            blue = glow
        _write(pixels, light, green, red, blue)

    def _show_heat(self, status: Status, glow: int, outputs: Outputs) -> None:
        """Write the heat's light: red, steady once warm; amber from DOSE_TELL_CEM43_S on, blinking
        near the dose's end; a short blink when heat is set and the dose is spent (amber), or the
        heat waits for a press (red)."""
        temp_mc = status.measured.pad_temp_mc
        green = red = 0
        if outputs.heater_enable:
            is_noticeable = status.dose_s >= limits.DOSE_TELL_CEM43_S
            steady = temp_mc >= status.setpoints.heat_set_mc - _IN_BAND_MC
            if is_noticeable and status.dose_left_min < _HEAT_NEARLY_OVER_MIN:
                steady = False
            if steady or self._slow:
                red = glow
                green = glow if is_noticeable else 0
        elif self._time % _SLOW_STEPS < _SPENT_STEPS:
            if status.heat_waits:
                red = glow
            elif status.dose_spent and status.setpoints.heat_on:
                green = red = glow
        _write(outputs.pixels, _HEAT, green, red, 0)


def _glow(status: Status) -> int:
    """Return how bright the lights may be now, of 255."""
    untouched_ms = status.untouched_ms
    if untouched_ms < _LOOKING_MS:
        return _DIM
    state = status.state
    if state == supervisor.OFF or state == supervisor.STOPPING or state == supervisor.FAULT:
        return _DIM if status.stretch_ms > 0 else 0
    if state == supervisor.ENDING:
        return _DARK if status.left_ms > _GONE_MS else 0
    return _DIM if untouched_ms < _SETTLED_MS else _DARK


def _write(pixels: bytearray, light: int, green: int, red: int, blue: int) -> None:
    at = light * 3
    pixels[at] = green
    pixels[at + 1] = red
    pixels[at + 2] = blue
