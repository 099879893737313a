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
from massager_tools.errors import UsageError

NEWEST = "1.29.0"
_OLDEST = (1, 23)
_PWM_MAX_HZ = 40_000_000
_PWM_MAX_1_24_HZ = 2_400
"""1.24 takes no more on S2, S3, C3 and C6: it asks for more duty bits than are left."""

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
_CONSOLE = {"esp32": "uart", "esp32s3": "tinyusb", "esp32c3": "usb_jtag", "esp32c6": "usb_jtag"}
CONSOLES = tuple(sorted(set(_CONSOLE.values())))
_CPU_MHZ = {
    "esp32": (20, 40, 80, 160, 240),
    "esp32s3": (20, 40, 80, 160, 240),
    "esp32c3": (20, 40, 80, 160),
    "esp32c6": (20, 40, 80, 160),
}


def chip_facts(name: str, version: str = NEWEST, console: str | None = None) -> dict[str, Any]:
    """Return the table of the chip `name` with MicroPython `version`: plain values, for JSON.

    `console` is one of CONSOLES; the chip's own unless given. UsageError when it is no version
    that the virtual chip knows.
    """
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
        "adc_fuses": name == "esp32",  # calibration that some of these chips came without
        "version": _version(version),
        "pwm_max_hz": _pwm_max_hz(name, version),
        "console": console or _CONSOLE[name],
        "build": name.upper(),
        "machine": _machine(name, version),
    }


def _version(text: str) -> list[int]:
    """Return the numbers of a version. UsageError when it is none from 1.23 to 1.29."""
    parts = text.split(".")
    if not all(part.isdigit() for part in parts):
        raise UsageError(f"{text!r} is no version of MicroPython; give one like {NEWEST}")
    numbers = [int(part) for part in [*parts, "0", "0"][:3]]
    if not _OLDEST <= tuple(numbers) < (1, 30):
        raise UsageError(f"the virtual chip knows MicroPython 1.23 to 1.29, not {text}")
    return numbers


def _machine(name: str, version: str) -> str:
    """Return `sys.implementation._machine`; from 1.29 on the chip's name has a hyphen."""
    build = name.upper()
    hyphened = "-".join(("ESP32", name[5:].upper())).rstrip("-")
    chip = hyphened if _version(version) >= [1, 29] else build
    return f"Generic {build} module with {chip}"


def _pwm_max_hz(name: str, version: str) -> int:
    return _PWM_MAX_1_24_HZ if name != "esp32" and version[:4] == "1.24" else _PWM_MAX_HZ


def ntc_line(ntc: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return the thermistor of a board as `model.thermistor` takes it."""
    temps_c = [point[0] for point in ntc["points"]] if "points" in ntc else [-40.0, 130.0]
    return [
        (1.0 / (temp_c + ntc_table.ZERO_C_K), math.log(ntc_table.ohm_at(ntc, temp_c)))
        for temp_c in temps_c
    ]
