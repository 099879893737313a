"""ESP32-C3 SuperMini (native USB): thirteen pins, the bare minimum for three chambers.

Dropped: light stick, tach, supply, heater_sense, exhaust, heartbeat and two buttons. Without
lights a fault shows only on the serial line, and the motor runs open loop. A chip with more
pins is the better choice where there is one.

Chambers 2 and 3 take the UART pins; the console is on USB. The pins that have to be high
for the chip to start are the buttons', which their pull-ups hold high unless one is pressed.
Nothing is driven then: every gate has its pull-down, and letting go and plugging in again helps.
"""

BOARD = {
    "name": "esp32c3_three_chambers",
    "title": "ESP32-C3 SuperMini, three chambers",
    "chip": "esp32c3",
    "roles": {
        # outputs: the safe level is the de-energised one
        "heater_enable": {"pin": 7, "safe": 0},
        "heater_pwm": {"pin": 10, "safe": 0, "pwm_hz": 100},
        "pump": {"pin": 4, "safe": 0, "pwm_hz": 20_000},
        "motor": {"pin": 5, "safe": 0, "pwm_hz": 20_000},
        "chamber_1": {"pin": 6, "safe": 0},
        "chamber_2": {
            "pin": 20,
            "safe": 0,
            "accept": "an input at reset, pulled up weakly; the gate's 10 kΩ pull-down wins",
        },
        "chamber_3": {
            "pin": 21,
            "safe": 0,
            "accept": "the boot log makes this valve click while the pump is off",
        },
        # inputs
        "pad_temp_a": {"pin": 0, "attenuation_db": 6},
        "pad_temp_b": {"pin": 1, "attenuation_db": 6, "ntc_to": "rail"},
        "pressure": {"pin": 3, "attenuation_db": 6},
        "button_power": {
            "pin": 2,
            "active": 0,
            "accept": "high unless pressed, with a 10 kΩ pull-up; do not press while plugging in",
        },
        "button_up": {
            "pin": 9,
            "active": 0,
            "accept": "the BOOT button by design: pressed while plugging in, the chip waits",
        },
        # down and not up, as holding down at power-up asks for SERVICE and has to start the chip
        "button_down": {
            "pin": 8,
            "active": 0,
            "accept": "counts only while 9 is low, and that is pulled up",
        },
    },
    # 47 kΩ keeps the cold end below the 1.3 V that this chip measures at 6 dB
    "ntc": {
        "ohm_at_25c": 10_000,
        "beta_k": 3_950,
        "pull_up_ohm": 47_000,
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
}
