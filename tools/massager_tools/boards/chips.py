"""List what each pin of each chip can do: data only, the rules are in pin_rules.py.

Sources: the datasheets and hardware design guidelines of the four chips (strapping, reset
levels, ADC ranges) and MicroPython's ports/esp32 (PWM channels). Pin numbers are GPIO numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass


def _pins(text: str) -> frozenset[int]:
    """Return the pins of a text like "0-3 7 9-10"."""
    ranges = [part.partition("-") for part in text.split()]
    return frozenset(
        pin for low, _, high in ranges for pin in range(int(low), int(high or low) + 1)
    )


@dataclass(frozen=True)
class Chip:
    """The pin table of one chip."""

    name: str
    pins: frozenset[int]  # that exist
    off_module: frozenset[int]  # that exist, but on no header of a usual module
    strapping: Mapping[int, str]  # pin: what its level at reset decides
    flash: frozenset[int]
    psram: Mapping[str, frozenset[int]]  # kind of PSRAM: pins it takes beyond `flash`
    input_only: frozenset[int]  # and these have no pull resistors
    adc1: frozenset[int]
    adc2: frozenset[int]
    usb: frozenset[int]  # the interpreter's own USB console holds these
    uart0: frozenset[int]  # boot log, and the console where there is no USB
    reset_glitch: frozenset[int]  # high or toggling between reset and boot.py
    heater_gates: frozenset[int]  # the quietest pins, for the heater before anything else
    pwm_channels: int
    pwm_frequencies: int
    adc_range_mv: Mapping[int, tuple[int, int]]  # attenuation in dB: the calibrated span


CHIPS = {
    "esp32": Chip(
        name="esp32",
        pins=_pins("0-19 21-23 25-27 32-39"),
        off_module=_pins("37-38"),
        strapping={
            0: "low at reset: the chip waits for a download and nothing starts",
            2: "high at reset: the chip cannot be flashed",
            5: "sets SDIO timing and puts out a pulse at reset",
            12: "high at reset: the flash gets 1.8 V and the chip does not boot",
            15: "low at reset: the boot log is silent",
        },
        flash=_pins("6-11"),
        psram={"quad": _pins("16-17")},
        input_only=_pins("34-39"),
        adc1=_pins("32-39"),
        adc2=_pins("0 2 4 12-15 25-27"),
        usb=frozenset(),
        uart0=_pins("1 3"),
        reset_glitch=_pins("0-1 3 5 13-15"),
        heater_gates=_pins("25-27 32-33"),
        pwm_channels=16,
        pwm_frequencies=8,
        adc_range_mv={0: (100, 950), 6: (150, 1_750), 11: (150, 2_450)},
    ),
    "esp32s3": Chip(
        name="esp32s3",
        pins=_pins("0-21 26-48"),
        off_module=_pins("33-34"),
        strapping={
            0: "low at reset: the chip waits for a download and nothing starts",
            3: "chooses the JTAG port where the chip is fused to ask it",
            45: "high at reset: the flash gets 1.8 V and the chip does not boot",
            46: "high at reset: the chip cannot be flashed",
        },
        flash=_pins("26-32"),
        psram={"quad": frozenset(), "octal": _pins("33-37")},
        input_only=frozenset(),
        adc1=_pins("1-10"),
        adc2=_pins("11-20"),
        usb=_pins("19-20"),
        uart0=_pins("43-44"),
        reset_glitch=_pins("0 18-20 43-44"),
        heater_gates=_pins("4-14"),
        pwm_channels=8,
        pwm_frequencies=4,
        adc_range_mv={0: (0, 850), 6: (0, 1_600), 11: (0, 2_900)},
    ),
    "esp32c3": Chip(
        name="esp32c3",
        pins=_pins("0-21"),
        off_module=frozenset(),
        strapping={
            2: "low at reset: the chip may not start",
            8: "low at reset together with 9: the chip cannot be flashed",
            9: "low at reset: the chip waits for a download and nothing starts",
        },
        flash=_pins("11-17"),
        psram={},
        input_only=frozenset(),
        adc1=_pins("0-4"),
        adc2=_pins("5"),
        usb=_pins("18-19"),
        uart0=_pins("20-21"),
        reset_glitch=_pins("6 9 18-21"),
        heater_gates=_pins("3-4 7 10"),
        pwm_channels=6,
        pwm_frequencies=4,
        adc_range_mv={0: (0, 750), 6: (0, 1_300), 11: (0, 2_500)},
    ),
    "esp32c6": Chip(
        name="esp32c6",
        pins=_pins("0-30"),
        off_module=_pins("14"),
        strapping={
            4: "sets which SDIO clock edge counts",
            5: "sets which SDIO clock edge counts",
            8: "low at reset together with 9: the chip cannot be flashed",
            9: "low at reset: the chip waits for a download and nothing starts",
            15: "chooses the JTAG port where the chip is fused to ask it",
        },
        flash=_pins("24-30"),
        psram={},
        input_only=frozenset(),
        adc1=_pins("0-6"),
        adc2=frozenset(),
        usb=_pins("12-13"),
        uart0=_pins("16-17"),
        reset_glitch=_pins("6 9 13 16-23"),
        heater_gates=_pins("2-3 7 10-11"),
        pwm_channels=6,
        pwm_frequencies=4,
        adc_range_mv={0: (0, 1_000), 6: (0, 1_900), 11: (0, 3_300)},
    ),
}
