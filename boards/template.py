"""Copy this to NAME.py, change it to your wiring, then: massager boards check NAME.py

Everything here is plain data: numbers, texts, tables. Nothing in this file is ever run.
"""

BOARD = {
    "name": "template",  # that of the file, without .py
    "title": "What a person calls this board",
    "chip": "esp32",  # or esp32s3, esp32c3, esp32c6
    # memory beside the flash: "none", "quad" or "octal"; it takes pins of its own
    "psram": "none",
    # who is on which GPIO; optional roles that you do not have are left out
    "roles": {
        # The heater: two switches in series, each alone able to stop the heat. Only pins that
        # stay low from power-up on will do.
        "heater_enable": {"pin": 32, "safe": 0},  # high side, on or off
        "heater_pwm": {"pin": 33, "safe": 0, "pwm_hz": 100},  # low side
        # "safe" is the level that switches the load off: 0 with a MOSFET and its pull-down
        "pump": {"pin": 18, "safe": 0, "pwm_hz": 20_000},  # 20 kHz is inaudible
        "motor": {"pin": 23, "safe": 0, "pwm_hz": 20_000},
        # two to four valves, counted from the ankle up
        "chamber_1": {"pin": 19, "safe": 0},
        "chamber_2": {"pin": 21, "safe": 0},
        # optional: exhaust, heartbeat, lamp (a plain LED), as chamber_1
        # optional: pixels, a WS2812 stick with so many lights
        "pixels": {"pin": 27, "safe": 0, "count": 8},
        # Sensors, on pins of ADC1. 6 dB reads up to about 1.7 V, 11 dB to 2.4 V, less on a C3.
        "pad_temp_a": {"pin": 36, "attenuation_db": 6},
        "pad_temp_b": {"pin": 39, "attenuation_db": 6, "ntc_to": "rail"},
        "pressure": {"pin": 34, "attenuation_db": 6},
        # optional: supply and rail, as pressure, each with its divider below
        "supply": {"pin": 35, "attenuation_db": 11},
        # optional: heater_sense and tach, digital inputs
        "tach": {"pin": 4},
        # Buttons to ground are active at 0, with the chip's own pull-up.
        # optional: button_program, button_heat
        "button_power": {"pin": 25, "active": 0},
        "button_up": {"pin": 26, "active": 0},
        "button_down": {"pin": 22, "active": 0},
    },
    # The pad's thermistors, wired in opposite senses, so that damp or a bad ground moves their
    # readings apart. "ntc_to": "ground" (or nothing): pull_up_ohm from the rail to the pin, the
    # NTC from there to ground. "rail": the NTC from the rail, pull_down_ohm to ground.
    # Instead of ohm_at_25c and beta_k: "points": ((temperature in °C, ohm), …) of the maker.
    "ntc": {
        "ohm_at_25c": 10_000,
        "beta_k": 3_950,
        "pull_up_ohm": 24_000,
        "pull_down_ohm": 1_500,
        "rail_mv": 3_300,
    },
    # zero_mv and uv_per_kpa at the pin, after any divider: the voltage without pressure, and
    # what 1 kPa adds. Optional, for the drawing: part, divider_permille (none: no divider).
    "pressure_sensor": {
        "part": "XGZP6847A 20 kPa",
        "divider_permille": 500,
        "zero_mv": 250,
        "uv_per_kpa": 100_000,
    },
    "motor": {"rpm_at_12v": 3_000},  # at full duty and 12 V with the eccentric on
    # voltage at the pin for each 1000 parts of the voltage measured: 10 kΩ under 68 kΩ
    "supply_divider": {"permille": 128},
    "tach_pulses_per_turn": 1,  # magnets on the shaft
}
