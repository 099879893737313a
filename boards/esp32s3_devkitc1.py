"""ESP32-S3-DevKitC-1: every role there is, with four chambers.

Pins 33 to 38 and 48 stay free: memory on some modules, the light of the board on others.
"""

BOARD = {
    "name": "esp32s3_devkitc1",
    "title": "ESP32-S3-DevKitC-1 (ESP32-S3-WROOM-1)",
    "chip": "esp32s3",
    "roles": {
        # outputs: the safe level is the de-energised one
        "heater_enable": {"pin": 4, "safe": 0},
        "heater_pwm": {"pin": 5, "safe": 0, "pwm_hz": 100},
        "heartbeat": {"pin": 16, "safe": 0},
        "pump": {"pin": 6, "safe": 0, "pwm_hz": 20_000},
        "motor": {"pin": 7, "safe": 0, "pwm_hz": 20_000},
        "chamber_1": {"pin": 11, "safe": 0},
        "chamber_2": {"pin": 12, "safe": 0},
        "chamber_3": {"pin": 13, "safe": 0},
        "chamber_4": {"pin": 14, "safe": 0},
        "exhaust": {"pin": 15, "safe": 0},
        "pixels": {"pin": 21, "safe": 0, "count": 8},
        # inputs
        "pad_temp_a": {"pin": 1, "attenuation_db": 6},
        "pad_temp_b": {"pin": 2, "attenuation_db": 6, "ntc_to": "rail"},
        "pressure": {"pin": 8, "attenuation_db": 6},
        "supply": {"pin": 9, "attenuation_db": 11},
        "rail": {"pin": 10, "attenuation_db": 6},
        "heater_sense": {"pin": 18},
        "tach": {"pin": 17},
        "button_power": {"pin": 39, "active": 0},
        "button_up": {"pin": 40, "active": 0},
        "button_down": {"pin": 41, "active": 0},
        "button_program": {"pin": 42, "active": 0},
        "button_heat": {"pin": 47, "active": 0},
    },
    # 30 kΩ keeps the cold end below the 1.6 V that this chip measures at 6 dB
    "ntc": {
        "ohm_at_25c": 10_000,
        "beta_k": 3_950,
        "pull_up_ohm": 30_000,
        "pull_down_ohm": 1_500,
        "rail_mv": 3_300,
    },
    # 0–20 kPa as 0.5–4.5 V at 5 V supply, halved by its divider
    "pressure_sensor": {
        "part": "XGZP6847A 20 kPa",
        "divider_permille": 500,
        "zero_mv": 250,
        "uv_per_kpa": 100_000,
    },
    "motor": {"rpm_at_12v": 3_000},  # at full duty and 12 V with the eccentric on
    "supply_divider": {"permille": 128},  # 10 kΩ to ground under 68 kΩ
    "rail_divider": {"permille": 400},  # 10 kΩ to ground under 15 kΩ
    "tach_pulses_per_turn": 1,
}
