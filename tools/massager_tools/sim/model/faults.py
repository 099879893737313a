"""Every fault of the model in one table: name -> what happens -> effect on the model.

A row of `FAULTS` is (words, part, attribute, index, value): while the fault is on, that
attribute of that part of the plant (or the list entry `index` of it) has that value.
"""

from . import air, buttons, console, heat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CHAMBERS_MAX = 4

_NTCS = (("a", 0), ("b", 1))
_SPIKY = (
    ("ntc_a", "pad_temp_a", "thermistor A"),
    ("ntc_b", "pad_temp_b", "thermistor B"),
    ("pressure", "pressure", "the pressure sensor"),
)
_NTC_FAULTS = (
    ("open", heat.OPEN, "is broken or unplugged"),
    ("short", heat.SHORT, "is shorted"),
    ("frozen", heat.FROZEN, "keeps its last reading"),
    ("detached", heat.DETACHED, "has come off the pad"),
    ("drifting", heat.DRIFTS_UP, "reads 3 °C more each minute"),
    ("drifting_down", heat.DRIFTS_DOWN, "reads 3 °C less each minute"),
)
_PER_CHAMBER: "tuple[Any, ...]" = (
    ("hose_kinked", "the hose of chamber {n} is kinked", "hose_openness", 0.02),
    ("hose_loose", "the hose of chamber {n} has slipped off", "extra_leak_mm", 4.0),
    ("chamber_leak", "chamber {n} leaks", "extra_leak_mm", 0.8),
    (
        "valve_stuck_open",
        "the valve of chamber {n} stays open to the manifold and cannot vent",
        "valve_faults",
        air.STUCK_ON,
    ),
    (
        "valve_stuck_closed",
        "the valve of chamber {n} never opens to the manifold: the chamber stays vented",
        "valve_faults",
        air.STUCK_OFF,
    ),
)


def _table() -> "dict[str, Any]":
    table: dict[str, Any] = {
        "low_side_welded": (
            "the low-side heater switch conducts permanently",
            "heat",
            "low_side_welded",
            None,
            True,
        ),
        "low_side_induced": (
            "the low-side heater switch conducts while pump or motor runs",
            "heat",
            "low_side_induced",
            None,
            True,
        ),
        "high_side_welded": (
            "the high-side heater switch conducts permanently",
            "heat",
            "high_side_welded",
            None,
            True,
        ),
        "pad_open": ("the pad's wire is broken", "heat", "pad_open", None, True),
        "blanket": ("a blanket lies over the pad", "heat", "blanket", None, True),
        "pump_dead": ("the pump moves no air", "air", "pump_strength", None, 0.0),
        "pump_weak": ("the pump moves a third of its air", "air", "pump_strength", None, 0.33),
        "pump_stuck_on": (
            "the pump's switch conducts permanently",
            "air",
            "pump_stuck_on",
            None,
            True,
        ),
        "wrap_loose": (
            "the wrap has come loose: every chamber takes half as much air again",
            "air",
            "slack_factor",
            None,
            1.6,
        ),
        "wrap_tight": (
            "the wrap is tight: every chamber has less than half its slack",
            "air",
            "slack_factor",
            None,
            0.4,
        ),
        "exhaust_stuck_open": (
            "the exhaust valve never closes",
            "air",
            "exhaust_fault",
            None,
            air.STUCK_OFF,
        ),
        "exhaust_stuck_closed": (
            "the exhaust valve never opens",
            "air",
            "exhaust_fault",
            None,
            air.STUCK_ON,
        ),
        "pressure_open": (
            "the pressure sensor's wire is broken",
            "air",
            "sensor_fault",
            None,
            air.SENSOR_OPEN,
        ),
        "pressure_short": (
            "the pressure sensor's output is shorted to its supply",
            "air",
            "sensor_fault",
            None,
            air.SENSOR_SHORT,
        ),
        "pressure_frozen": (
            "the pressure sensor keeps its last reading",
            "air",
            "sensor_fault",
            None,
            air.SENSOR_FROZEN,
        ),
        "motor_stalled": ("the motor's shaft is blocked", "motor", "stalled", None, True),
        "motor_switch_shorted": (
            "the motor's switch conducts permanently",
            "motor",
            "switch_shorted",
            None,
            True,
        ),
        "tach_sparks": (
            "every edge of the tach comes twice",
            "motor",
            "tach_sparks",
            None,
            True,
        ),
        "tach_slow_edges": (
            "half of the tach's rising edges trigger as falling ones",
            "motor",
            "tach_wrong_edges",
            None,
            0.5,
        ),
        "tach_low_edges": (
            "half of the tach's rising edges trigger as falling ones, with the pin still low",
            "motor",
            "tach_low_edges",
            None,
            0.5,
        ),
        "tach_noise": (
            "the tach's wire picks up 500 pulses a second (or `value`)",
            "motor",
            "tach_noise_hz",
            None,
            500,
        ),
        "adc_failing": ("one of 100 reads of the converter fails", "adc", "failing", None, 100),
        "adc_uncalibrated": (
            "the chip has no calibration fuses",
            "adc",
            "uncalibrated",
            None,
            True,
        ),
        "adc_low_top": (
            "the converter's range ends as low as the data sheet allows",
            "adc",
            "low_top",
            None,
            True,
        ),
        "console_stalled": (
            "a program on the computer holds the console open and does not read",
            "console",
            "reader",
            None,
            console.STALLED,
        ),
        "console_closed": (
            "nobody has the console open",
            "console",
            "reader",
            None,
            console.CLOSED,
        ),
        "console_pauses": (
            "who reads the console pauses for one second of every five",
            "console",
            "reader",
            None,
            console.PAUSES,
        ),
        "interrupts_lost": (
            "every Ctrl-C comes while a callback runs, and is lost",
            "console",
            "interrupts_lost",
            None,
            True,
        ),
        "nvs_broken": ("the flash store cannot be opened", "chip", "nvs_broken", None, True),
        "nvs_full": ("the flash store has no room", "chip", "nvs_full", None, True),
        "nvs_slow": (
            "writing the flash store takes 300 ms longer (or `value` ms)",
            "chip",
            "nvs_slow_ms",
            None,
            300,
        ),
        "pixels_spoilt": (
            "one of 4 frames to the light stick is garbled",
            "chip",
            "pixels_spoilt",
            None,
            4,
        ),
        "tach_lost": ("the tach gives no edges", "motor", "tach_lost", None, True),
        "brown_out": ("the 12 V supply sags far down", "supply", "brown_out", None, True),
        "tick_overrun": (
            "once a second the chip is busy for 60 ms (or `value` ms)",
            "chip",
            "overrun_ms",
            None,
            60,
        ),
        "chip_hangs": ("the program never returns from one call", "chip", "hangs", None, True),
        "adc_frozen": (
            "the converter stands still: every analog input keeps its value",
            "chip",
            "adc_frozen",
            None,
            True,
        ),
        "ntc_a_leak": (
            "damp leaks from the heater's conductor to the wire of thermistor A (`value` Ω)",
            "ntc_circuit",
            "leak_ohm",
            0,
            200_000.0,
        ),
        "ntc_b_leak": (
            "damp leaks from the heater's conductor to the wire of thermistor B (`value` Ω)",
            "ntc_circuit",
            "leak_ohm",
            1,
            200_000.0,
        ),
        "ntc_ground_bad": (
            "the common ground wire of the thermistors has 700 Ω (or `value`)",
            "ntc_circuit",
            "ground_ohm",
            None,
            700.0,
        ),
        "ntc_wires_touch": (
            "the signal wires of the two thermistors touch",
            "ntc_circuit",
            "touching",
            None,
            True,
        ),
        "ntc_beta_wrong": (
            "the soldered NTCs have a B value of 3380, not 3950 (or `value`, as a share)",
            "heat",
            "ntc_beta_factor",
            None,
            3380 / 3950,
        ),
        "pad_folded": (
            "a third of the pad lies on itself, away from both thermistors",
            "heat",
            "folded",
            None,
            0.33,
        ),
        "flash_fails": ("nothing can be written to the flash", "chip", "flash_fails", None, True),
    }
    for letter, index in _NTCS:
        for name, value, words in _NTC_FAULTS:
            table["ntc_" + letter + "_" + name] = (
                "thermistor " + letter.upper() + " " + words,
                "heat",
                "ntc_faults",
                index,
                value,
            )
    for short, role, part in _SPIKY:
        for level, words in (("high", "full scale"), ("low", "the floor")):
            table[short + "_spikes_" + level] = (
                "one of 20 samples of " + part + " is at " + words,
                "adc",
                level,
                role,
                20,
            )
    for number in range(1, CHAMBERS_MAX + 1):
        for name, words, attribute, value in _PER_CHAMBER:
            table[name + "_" + str(number)] = (
                words.replace("{n}", str(number)),
                "air",
                attribute,
                number - 1,
                value,
            )
    for name in buttons.NAMES:
        table["button_" + name + "_stuck"] = (
            "the button " + name + " stays pressed",
            "buttons",
            "stuck",
            name,
            True,
        )
        table["button_" + name + "_induced"] = (
            "once a second noise closes the button " + name + " for a single sample",
            "buttons",
            "induced",
            name,
            1_000,
        )
        table["button_" + name + "_chatter"] = (
            "the button " + name + " chatters for 0.4 s at each press and release",
            "buttons",
            "chatter",
            name,
            True,
        )
    return table


FAULTS = _table()
"""name -> (words, part, attribute, index, value)."""
