"""Eight lights, or one: what a person in the dark needs to know, and no more light than that.

Lights 1–5 show the level (the feeling while it is being entered, the program while
nothing runs), 6 the heat, 7 the time left, 8 the state. A fault is blinked as a countable
code on the last light: tens, a pause, units. One light is written at a time, so no tick
carries the whole stick.
"""

from micropython import const

from massager.core import limits
from massager.core.panel.blink import Blink
from massager.core.safety import supervisor

LIGHTS = const(8)
_LEVEL = const(5)  # so many lights for the level
_HEAT = const(5)
_TIME = const(6)
_STATE = const(7)

# of 255
_DIM = const(6)  # enough to read in the dark, not enough to wake by
_DARK = const(1)
_ALARM = const(12)

_LOOKING_MS = const(10_000)  # after a press somebody looks
_SETTLED_MS = const(180_000)  # untouched for this long: eyes are closing
_GONE_MS = const(120_000)  # the last minutes are without any light
_NEARLY_OVER_MS = const(300_000)
_IN_BAND_MC = const(1_000)
_HEAT_NEARLY_OVER_MIN = const(5)
_HALF_FEELING = const(5)


class Indicator:
    """Writes `pixels` (green, red, blue for each light) and `lamp` for a plain LED.

    `shown` is the controller: it is read, not kept. `code_shown` is true once the code of
    the fault in force has been blinked from beginning to end.
    """

    def __init__(self):
        self._blink = Blink()
        self._glow = 0
        self._light = 0

    @property
    def code_shown(self):
        """Whether a person has had the chance to count the code in force."""
        return self._blink.complete

    def step_state(self, shown, outputs):
        """Ten times a second: the rhythms, the last light and the lamp."""
        glow = self._glow = _glow(shown)
        blink = self._blink
        state = shown.state
        code = shown.faults.code
        blink.step(code)
        panel = shown.dialogue.panel
        outputs.lamp = self._lamp(shown, glow)
        green = red = blue = 0
        if code:
            red = _ALARM if blink.lit else 0
        elif panel.locked and panel.untouched_ms < _LOOKING_MS:
            red = green = _DIM
        elif state == supervisor.PAUSE:
            red = green = glow if blink.slow else 0
        elif state != supervisor.OFF:
            green = glow
        elif shown.session.program & (LIGHTS - 1) == _STATE:
            blue = glow
        _write(outputs.pixels, _STATE, green, red, blue)

    def step(self, shown, outputs):
        """The next of the other lights; each comes round in seven calls."""
        light = self._light
        self._light = light + 1 if light + 1 < _STATE else 0
        glow = self._glow
        green = red = blue = 0
        if not glow:
            pass
        elif shown.state == supervisor.OFF or shown.state == supervisor.FAULT:
            feeling = shown.dialogue.tally.asking
            if feeling <= limits.FEELING_MAX:
                if light < _LEVEL and light < feeling:
                    red = glow
                    green = glow if light >= feeling - _HALF_FEELING else 0
            elif shown.session.stretch_ms > 0:
                if light < _LEVEL and self._blink.slow:
                    green = red = blue = glow
            elif light == shown.session.program & (LIGHTS - 1):
                blue = glow
        elif light < _LEVEL:
            if light < shown.session.level:
                green = blue = glow
        elif light == _HEAT:
            if outputs.heater_enable:
                red = glow if self._is_warm(shown) or self._blink.slow else 0
                if shown.dose.seconds >= limits.DOSE_TELL_CEM43_S:
                    green = red
                    left_min = shown.dose.left_min(shown.measured.pad_temp_mc)
                    if left_min < _HEAT_NEARLY_OVER_MIN and not self._blink.slow:
                        green = red = 0
        elif shown.session.left_ms > _NEARLY_OVER_MS or self._blink.slow:
            blue = glow
        _write(outputs.pixels, light, green, red, blue)

    @staticmethod
    def _is_warm(shown):
        return shown.measured.pad_temp_mc >= shown.targets.heat_set_mc - _IN_BAND_MC

    def _lamp(self, shown, glow):
        """The one light of a board without a stick: on or off, it cannot be dim."""
        blink = self._blink
        if shown.faults.code:
            return blink.lit
        if not glow:
            return False
        if shown.state == supervisor.OFF:
            return blink.slow or shown.dialogue.tally.asking <= limits.FEELING_MAX
        if shown.dialogue.panel.locked and shown.dialogue.panel.untouched_ms < _LOOKING_MS:
            return blink.fast
        if shown.state == supervisor.PAUSE:
            return blink.slow
        return glow > _DARK or blink.wink


def _glow(shown):
    """How bright the lights may be now, of 255."""
    untouched_ms = shown.dialogue.panel.untouched_ms
    if untouched_ms < _LOOKING_MS:
        return _DIM
    state = shown.state
    session = shown.session
    if state == supervisor.OFF or state == supervisor.STOPPING or state == supervisor.FAULT:
        return _DIM if session.stretch_ms > 0 else 0
    if state == supervisor.ENDING:
        return _DARK if session.left_ms > _GONE_MS else 0
    return _DIM if untouched_ms < _SETTLED_MS else _DARK


def _write(pixels, light, green, red, blue):
    at = light * 3
    pixels[at] = green
    pixels[at + 1] = red
    pixels[at + 2] = blue
