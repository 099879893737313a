"""ESP32-C6-DevKitC-1: three chambers, light stick, three buttons.

The C6 has fourteen pins without a second duty. What goes on strapping pins here are inputs
that the start of the chip does not care about, each with the reason. Both USB sockets serve.
"""

BOARD = {
    "name": "esp32c6_devkitc1",
    "title": "ESP32-C6-DevKitC-1 (ESP32-C6-WROOM-1)",
    "chip": "esp32c6",
    "roles": {
        # outputs: the safe level is the de-energised one
        "heater_enable": {"pin": 10, "safe": 0},
        "heater_pwm": {"pin": 11, "safe": 0, "pwm_hz": 100},
        "pump": {"pin": 7, "safe": 0, "pwm_hz": 20_000},
        "motor": {"pin": 3, "safe": 0, "pwm_hz": 20_000},
        # weak pull-ups hold 18 to 23 at reset; the gates' 10 kΩ pull-downs win
        "chamber_1": {"pin": 18, "safe": 0},
        "chamber_2": {"pin": 19, "safe": 0},
        "chamber_3": {"pin": 20, "safe": 0},
        "pixels": {"pin": 6, "safe": 0, "count": 8},
        # inputs
        "pad_temp_a": {"pin": 0, "attenuation_db": 6},
        "pad_temp_b": {"pin": 1, "attenuation_db": 6, "ntc_to": "rail"},
        "pressure": {"pin": 2, "attenuation_db": 6},
        "supply": {
            "pin": 4,
            "attenuation_db": 6,
            "accept": "only SDIO, which nothing here uses, looks at its level",
        },
        "heater_sense": {
            "pin": 5,
            "accept": "only SDIO, which nothing here uses, looks at its level",
        },
        "tach": {
            "pin": 15,
            "accept": "its level counts only on a chip fused for an external JTAG probe",
        },
        "button_power": {"pin": 21, "active": 0},
        "button_up": {"pin": 22, "active": 0},
        "button_down": {"pin": 23, "active": 0},
    },
    "ntc": {
        "ohm_at_25c": 10_000,
        "beta_k": 3_950,
        "pull_up_ohm": 24_000,
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
    "supply_divider": {"permille": 118},  # 10 kΩ to ground under 75 kΩ
    "tach_pulses_per_turn": 1,
}
