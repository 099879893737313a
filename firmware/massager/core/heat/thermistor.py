"""From the voltage of an NTC divider to the temperature of the pad, by table."""

from micropython import const

from massager.core.units import clamp

STEP_SHIFT = const(13)  # one table entry every 8.192 mV
_STEP_MASK = const((1 << 13) - 1)
_PIN_MAX_UV = const(4_000_000)  # above every chip's rail
WHOLE = const(1_024)
_RAIL_OFF_MAX = const(102)  # a rail 10 % off is a broken rail or a broken divider


class Thermistor:
    """One NTC: looks its voltage up and adds its calibration.

    `table` holds milli-degrees, entry i at i * 8.192 mV, falling (see
    `massager_tools.thermistor`). A cut wire reads its cold end, a short its hot end, both
    far outside the window of the guard.
    """

    def __init__(self, table, offset_mc=0):
        self._table = table
        self._offset_mc = offset_mc
        self._last = len(table) - 2

    def temp_mc(self, pin_uv, scale=WHOLE):
        """The temperature, m°C, that the pin's voltage stands for.

        `scale` is that of `Rail`: 1/1024 of what a volt at the pin counts for.
        """
        uv = clamp(pin_uv, 0, _PIN_MAX_UV)
        if scale != WHOLE:
            uv = (uv >> 4) * scale >> 6
        index = clamp(uv >> STEP_SHIFT, 0, self._last)
        here = self._table[index]
        slope = self._table[index + 1] - here
        return here + (slope * (uv & _STEP_MASK) >> STEP_SHIFT) + self._offset_mc


class Rail:
    """The supply of the NTC dividers, where the board measures it: they scale with it."""

    def __init__(self, nominal_pin_uv):
        self._nominal = nominal_pin_uv << 4

    def scale(self, pin_uv):
        """What a volt at the NTCs counts for, in 1/1024, by the rail's own divider."""
        scale = self._nominal // max(clamp(pin_uv, 0, _PIN_MAX_UV) >> 6, 1)
        return clamp(scale, WHOLE - _RAIL_OFF_MAX, WHOLE + _RAIL_OFF_MAX)
