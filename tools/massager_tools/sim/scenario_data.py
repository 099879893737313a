"""The scenarios, as data: what a person does, and what has to be true. Judged by scenarios.py.

A step is (second, event or None, expectation or None): the expectation holds just before
the event. `always` holds in every row. Expectations are Python over the names of a row
(`record.columns`, telemetry as `fw_…`), the states and the bits of `energised`.
"""

_POWER = {"do": "press", "button": "power", "for_ms": 500}
_UP = {"do": "press", "button": "up", "for_ms": 150}
_DOWN = {"do": "press", "button": "down", "for_ms": 150}
_HEAT = {"do": "press", "button": "heat", "for_ms": 150}
_PROGRAM = {"do": "press", "button": "program", "for_ms": 150}

_AT_REST = "energised == 0 and motor_rpm == 0 and chamber_max_pa < 1067"

_INVARIANTS = (
    "pad_max_mc <= 45000",
    "chamber_max_pa <= 6000",  # 45 mmHg
    "energised == 0 or fw_state in (CHECK, RUN, ENDING, STOPPING)",
    "boots == 1",
)

SCENARIOS = {
    "evening": {
        "title": "the evening program in full, with more pressure and heat on the way",
        "until_s": 1830,
        "steps": (
            (1, _POWER, "fw_state == OFF and energised == 0"),
            (5, None, "fw_state == RUN and fw_program == 0"),
            (120, _UP, "fw_level == 2"),
            (180, _HEAT, "fw_level == 3 and fw_heat_set_mc == 0"),
            (182, _HEAT, "fw_heat_set_mc == 41000"),
            (600, None, "41000 <= ntc_a_mc <= 43000 and motor_rpm > 600"),
            (900, _DOWN, "fw_heat_set_mc == 42000 and fw_cycles > 5"),
            (902, None, "fw_level == 2"),
            (1700, None, "fw_state == ENDING and heater_duty_permille == 0"),
            (1829, None, "fw_state == OFF and fw_fault == 0 and " + _AT_REST),
        ),
        "always": (*_INVARIANTS, "fw_fault == 0"),
    },
    "warm": {
        "title": "warm compression in full: chosen with the program button, no motor",
        "until_s": 1230,
        "steps": (
            (1, _PROGRAM, "fw_state == OFF"),
            (2, _PROGRAM, "fw_program == 1"),
            (3, _POWER, "fw_program == 2"),
            (6, _HEAT, "fw_state == RUN and fw_heat_set_mc == 0"),
            (8, None, "fw_heat_set_mc == 42000"),
            (600, None, "41000 <= ntc_a_mc <= 43000 and motor_rpm == 0 and fw_cycles > 3"),
            (1229, None, "fw_state == OFF and fw_fault == 0 and " + _AT_REST),
        ),
        "always": (*_INVARIANTS, "fw_fault == 0"),
    },
    "stop": {
        "title": "power pressed in mid-squeeze: all energy is gone at once",
        "until_s": 110,
        "steps": (
            (1, _POWER, None),
            (30, _HEAT, "fw_state == RUN"),
            (90, _POWER, "energised != 0 and motor_rpm > 300"),
            (90.3, None, "pump_duty_permille == 0 and valves == 0 and heater_enable == 0"),
            (91.2, None, "motor_duty_permille == 0 and fw_state in (STOPPING, OFF)"),
            (100, None, "fw_state == OFF and " + _AT_REST),
        ),
        "always": (*_INVARIANTS, "fw_fault == 0"),
    },
    "power_cut": {
        "title": "the mains fails for three seconds: nothing starts again by itself",
        "until_s": 80,
        "steps": (
            (1, _POWER, None),
            (60, {"do": "power_cut", "for_ms": 3000}, "fw_state == RUN and energised != 0"),
            (61, None, "energised == 0"),
            (75, None, "boots == 2 and fw_state == OFF and " + _AT_REST),
        ),
        "always": ("pad_max_mc <= 45000", "t_ms < 60100 or energised == 0"),
    },
}
