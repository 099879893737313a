"""From what the pins read to units."""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio
import math

_KELVIN = 273.15
ZERO_UV = 250_000
MMHG_PER_UV = 7.50062e-5
_PRESSURE_MS = 20
_PRESSURES_A_PAD = 5


def celsius(microvolts):
    """The thermistor's temperature, None outside the electrical window."""
    volts = microvolts / 1e6
    if not 0.05 < volts < 3.25:
        return None
    ohms = 24_000 * volts / (3.3 - volts)
    return 1 / (1 / 298.15 + math.log(ohms / 10_000) / 3_950) - _KELVIN


async def read(m):
    """Where there are no guards: what the jobs need of the guards' readings."""
    row = m.row
    m.pad_valid = True
    while True:
        m.pad_a_c = celsius(row.pad_a_uv) or 99.0
        m.pad_b_c = celsius(row.pad_b_uv) or 99.0
        m.pad_c = max(m.pad_a_c, m.pad_b_c)
        for _ in range(_PRESSURES_A_PAD):
            m.mmhg = (row.pressure_uv - ZERO_UV) * MMHG_PER_UV
            await asyncio.sleep_ms(_PRESSURE_MS)
