"""From the voltage of an NTC divider to the temperature of the pad, by table."""

from micropython import const

from massager.core.units import clamp

STEP_SHIFT = const(13)  # one table entry every 8.192 mV
_STEP_MASK = const((1 << 13) - 1)
_PIN_MAX_UV = const(4_000_000)  # above every chip's rail
WHOLE = const(1_024)
_RAIL_OFF_MAX = const(102)  # a rail 10 % off is a broken rail or a broken divider


class Thermistor:
    """One NTC: averages the readings of ten ticks, looks them up, adds its calibration.

    `table` holds milli-degrees, entry i at i * 8.192 mV, falling (see
    `massager_tools.thermistor`). A cut wire reads its cold end, a short its hot end, both
    far outside the window of the guard.
    """

    def __init__(self, table, offset_mc=0):
        self._table = table
        self._offset_mc = offset_mc
        self._last = len(table) - 2
        self._sum_uv = 0
        self._count = 0

    def add(self, pin_uv):
        """Take one reading of the pin, µV."""
        self._sum_uv += pin_uv if 0 <= pin_uv <= _PIN_MAX_UV else clamp(pin_uv, 0, _PIN_MAX_UV)
        self._count += 1

    def convert(self, scale=WHOLE):
        """The temperature, m°C, of the readings since the last call (at least one).

        `scale` is `Rail.scale`: 1/1024 of what a volt at the pin counts for.
        """
        uv = self._sum_uv // self._count
        self._sum_uv = 0
        self._count = 0
        if scale != WHOLE:
            uv = (uv >> 4) * scale >> 6
        index = clamp(uv >> STEP_SHIFT, 0, self._last)
        here = self._table[index]
        slope = self._table[index + 1] - here
        return here + (slope * (uv & _STEP_MASK) >> STEP_SHIFT) + self._offset_mc


class Rail:
    """The supply of the NTC dividers, where the board measures it: they scale with it."""

    def __init__(self, nominal_pin_uv):
        self.scale = WHOLE
        self._nominal = nominal_pin_uv << 4
        self._sum_uv = 0
        self._count = 0

    def add(self, pin_uv):
        """Take one reading of the rail's own divider, µV."""
        self._sum_uv += pin_uv if 0 <= pin_uv <= _PIN_MAX_UV else clamp(pin_uv, 0, _PIN_MAX_UV)
        self._count += 1

    def convert(self):
        """Make `scale` of the readings since the last call (at least one)."""
        uv = self._sum_uv // self._count
        self._sum_uv = 0
        self._count = 0
        scale = self._nominal // max(uv >> 6, 1)
        self.scale = clamp(scale, WHOLE - _RAIL_OFF_MAX, WHOLE + _RAIL_OFF_MAX)
