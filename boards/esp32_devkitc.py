"""ESP32-DevKitC V4 (ESP32-WROOM-32): the reference board, with everything but the extras.

GPIO 2, 12 and 15 stay free because they decide how the chip starts, 1 and 3 because they
are the console. Both heater gates are on pins that stay low from power-up on.
"""

BOARD = {
    "name": "esp32_devkitc",
    "title": "ESP32-DevKitC V4 (ESP32-WROOM-32)",
    "chip": "esp32",
    "psram": "none",  # on a WROVER module 16 and 17 are taken, and so tach and heartbeat move
    "roles": {
        # outputs: the safe level is the de-energised one
        "heater_enable": {"pin": 32, "safe": 0},
        "heater_pwm": {"pin": 33, "safe": 0, "pwm_hz": 100},
        "heartbeat": {"pin": 17, "safe": 0},
        "pump": {"pin": 18, "safe": 0, "pwm_hz": 20_000},
        "motor": {"pin": 23, "safe": 0, "pwm_hz": 20_000},
        "chamber_1": {"pin": 19, "safe": 0},
        "chamber_2": {"pin": 21, "safe": 0},
        "chamber_3": {"pin": 22, "safe": 0},
        "pixels": {"pin": 27, "safe": 0, "count": 8},
        # inputs
        "pad_temp_a": {"pin": 36, "attenuation_db": 6},
        "pad_temp_b": {"pin": 39, "attenuation_db": 6, "ntc_to": "rail"},
        "pressure": {"pin": 34, "attenuation_db": 6},
        "supply": {"pin": 35, "attenuation_db": 11},
        "heater_sense": {"pin": 4},
        "tach": {"pin": 16},
        "button_power": {"pin": 25, "active": 0},
        "button_up": {"pin": 26, "active": 0},
        "button_down": {
            "pin": 5,
            "active": 0,
            "accept": "its level at reset counts only for SDIO, which nothing here uses",
        },
        "button_program": {"pin": 13, "active": 0},
        "button_heat": {"pin": 14, "active": 0},
    },
    "ntc": {
        "ohm_at_25c": 10_000,
        "beta_k": 3_950,
        "pull_up_ohm": 24_000,
        "pull_down_ohm": 2_200,
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
    "tach_pulses_per_turn": 1,
}
