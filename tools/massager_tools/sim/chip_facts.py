"""Facts of the real chips for the virtual one. Host only; `boards.chips` has the pins.

Sources: ESP-IDF 5 (ADC calibration, LEDC timers, PCNT units, timer groups), MicroPython's
ports/esp32, and platform.md for the calibrated errors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from massager_tools.boards import ntc_table
from massager_tools.boards.chips import CHIPS

_ATTENUATIONS_DB = (0, 2.5, 6, 11)  # in the order of machine.ADC.ATTN_…

# the board tables leave out 2.5 dB, which no board may use; span, mV
_RANGE_2_5_DB = {
    "esp32": (100, 1_250),
    "esp32s3": (0, 1_100),
    "esp32c3": (0, 1_050),
    "esp32c6": (0, 1_300),
}
# readings end here, mV: below, an ESP32 sees nothing; above, the converter is full
_FLOOR_MV = {"esp32": (75, 90, 105, 142)}
_FULL_MV = {
    "esp32": (1_100, 1_470, 2_200, 3_150),
    "esp32s3": (950, 1_250, 1_750, 3_100),
    "esp32c3": (820, 1_150, 1_450, 2_800),
    "esp32c6": (1_100, 1_450, 2_000, 3_300),
}
# error left after the factory calibration, mV
_ERROR_MV = {
    "esp32": (23, 30, 40, 60),
    "esp32s3": (5, 6, 10, 50),
    "esp32c3": (10, 10, 10, 35),
    "esp32c6": (12, 17, 23, 40),
}
_NOISE_MV = {"esp32": 2.0, "esp32s3": 1.0, "esp32c3": 1.0, "esp32c6": 1.0}
_PCNT_UNITS = {"esp32": 8, "esp32s3": 4, "esp32c3": 0, "esp32c6": 4}
_TIMERS = {"esp32": 4, "esp32s3": 4, "esp32c3": 2, "esp32c6": 2}
_PWM_BITS = {"esp32": 20, "esp32s3": 14, "esp32c3": 14, "esp32c6": 20}
_CPU_MHZ = {
    "esp32": (20, 40, 80, 160, 240),
    "esp32s3": (20, 40, 80, 160, 240),
    "esp32c3": (20, 40, 80, 160),
    "esp32c6": (20, 40, 80, 160),
}


def chip_facts(name: str) -> dict[str, Any]:
    """Return the table of the chip `name`, of plain values for JSON."""
    chip = CHIPS[name]
    spans = {float(db): span for db, span in chip.adc_range_mv.items()}
    spans[2.5] = _RANGE_2_5_DB[name]
    floors = _FLOOR_MV.get(name, (0, 0, 0, 0))
    ranges = [
        (floors[index], spans[db][1], _FULL_MV[name][index], _ERROR_MV[name][index])
        for index, db in enumerate(_ATTENUATIONS_DB)
    ]
    return {
        "pins": sorted(chip.pins - chip.flash),
        "input_only": sorted(chip.input_only),
        "adc_pins": sorted(chip.adc1 | chip.adc2),
        "reset_glitch": sorted(chip.reset_glitch - chip.input_only),
        "pwm_channels": chip.pwm_channels,
        "pwm_frequencies": chip.pwm_frequencies,
        "pwm_bits": _PWM_BITS[name],
        "pcnt_units": _PCNT_UNITS[name],
        "timers": _TIMERS[name],
        "cpu_mhz": _CPU_MHZ[name],
        "adc_ranges": ranges,  # (floor, calibrated to, full, error), mV, by attenuation
        "adc_noise_mv": _NOISE_MV[name],
    }


def ntc_line(ntc: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return the thermistor of a board as `model.thermistor` takes it."""
    temps_c = [point[0] for point in ntc["points"]] if "points" in ntc else [-40.0, 130.0]
    return [
        (1.0 / (temp_c + ntc_table.ZERO_C_K), math.log(ntc_table.ohm_at(ntc, temp_c)))
        for temp_c in temps_c
    ]
