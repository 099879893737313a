"""Eight lights: five for the level, one for heat, one for time left, one for the state.

A fault is blinked as a countable code on the last light: tens, a pause, units. One light
is written each call, so no tick carries the whole stick.
"""

from micropython import const

from massager.core.safety import supervisor

LIGHTS = const(8)
_HEAT = const(5)
_TIME = const(6)
_STATE = const(7)
_DIM = const(6)  # of 255: enough to see in the dark, not enough to wake by
_BRIGHT = const(24)
_SLOT_STEPS = const(6)  # 6 steps of 100 ms, lit for half of them
_PAUSE_SLOTS = const(3)
_NEARLY_OVER_MS = const(300_000)


class Indicator:
    """Writes `pixels` (green, red, blue for each light) and `lamp` for a plain LED."""

    def __init__(self):
        self._step = 0

    def step(self, light, shown, outputs):
        """Write light number `light`, 0…LIGHTS-1, each ten times a second.

        `shown` is the controller: its state, session and fault code are read, not kept.
        """
        state = shown.state
        session = shown.session
        running = supervisor.CHECK <= state <= supervisor.ENDING
        green = red = blue = 0
        if light < _HEAT:
            if running and light < session.level:
                green = blue = _DIM
            elif state == supervisor.OFF and light == session.program:
                blue = _DIM
        elif light == _HEAT:
            red = _DIM if running and outputs.heater_enable else 0
        elif light == _TIME:
            blue = _DIM if running and session.left_ms > _NEARLY_OVER_MS else 0
        else:
            code = shown.faults.code
            outputs.lamp = self._blink(code) if code else running
            if outputs.lamp and code:
                red = _BRIGHT
            elif outputs.lamp:
                green = _DIM
        at = light * 3
        pixels = outputs.pixels
        pixels[at] = green
        pixels[at + 1] = red
        pixels[at + 2] = blue

    def _blink(self, code):
        """Whether the lamp is lit now: tens blinks, pause, units blinks, pause."""
        tens = code // 10
        units = code % 10
        slots = tens + units + 2 * _PAUSE_SLOTS
        self._step = (self._step + 1) % (slots * _SLOT_STEPS)
        slot = self._step // _SLOT_STEPS
        lit = slot < tens or 0 <= slot - tens - _PAUSE_SLOTS < units
        return lit and self._step % _SLOT_STEPS * 2 < _SLOT_STEPS
