"""The fault table.

A guard reports a word of condition bits, one word a group. A row here says what each bit
means: its code (tens and units are blinked by the lamp), its name, what it stops, how long
the condition must last, and whether it stays until a person clears it. What to tell the
person in plain words lives on the host, beside the `massager faults` command.
"""

from micropython import const

from massager.core import limits

STOPS_NOTHING = const(0)
STOPS_HEAT = const(1)
STOPS_AIR = const(2)
STOPS_MOTOR = const(4)
STOPS_SESSION = const(8)  # pauses; a person may resume once the cause is gone
STOPS_ALL = const(16)  # state FAULT

PASSES = False  # clears itself with its cause
LATCHES = True  # stays, through power-off too, until a person holds power

# heat: condition bits
PAD_OVER_TEMP_WARNING = const(1 << 0)
PAD_OVER_TEMP_TRIP = const(1 << 1)
NTC_A_INVALID = const(1 << 2)
NTC_B_INVALID = const(1 << 3)
NTC_SLOPE = const(1 << 4)
NTC_DISAGREE_WARNING = const(1 << 5)
NTC_DISAGREE_TRIP = const(1 << 6)
NTC_STUCK = const(1 << 7)
NO_HEAT = const(1 << 8)
HEATER_WELDED = const(1 << 9)
HIGH_SIDE_WELDED = const(1 << 10)
LOW_SIDE_WELDED = const(1 << 11)

HEAT = (
    (11, "PAD_OVER_TEMP_WARNING", STOPS_HEAT, limits.PAD_WARNING_MS, PASSES),
    (12, "PAD_OVER_TEMP_TRIP", STOPS_ALL, 0, LATCHES),
    (13, "NTC_A_INVALID", STOPS_HEAT, limits.NTC_INVALID_MS, LATCHES),
    (14, "NTC_B_INVALID", STOPS_HEAT, limits.NTC_INVALID_MS, LATCHES),
    (15, "NTC_SLOPE", STOPS_HEAT, limits.NTC_SLOPE_MS, LATCHES),
    (16, "NTC_DISAGREE_WARNING", STOPS_NOTHING, limits.NTC_DISAGREE_WARNING_MS, PASSES),
    (17, "NTC_DISAGREE_TRIP", STOPS_HEAT, limits.NTC_DISAGREE_TRIP_MS, LATCHES),
    (18, "NTC_STUCK", STOPS_HEAT, 0, LATCHES),
    (19, "NO_HEAT", STOPS_HEAT, 0, LATCHES),
    (21, "HEATER_WELDED", STOPS_ALL, 0, LATCHES),
    (22, "HIGH_SIDE_WELDED", STOPS_ALL, 0, LATCHES),
    (23, "LOW_SIDE_WELDED", STOPS_ALL, 0, LATCHES),
)

# air: condition bits
PRESSURE_WARNING = const(1 << 0)
PRESSURE_TRIP = const(1 << 1)
PRESSURE_INVALID = const(1 << 2)
PRESSURE_ZERO_OFF = const(1 << 3)
LEAK_OR_LOOSE = const(1 << 4)
INFLATE_TIMEOUT = const(1 << 5)
HOLD_TIMEOUT = const(1 << 6)
SQUEEZED_TOO_LONG = const(1 << 7)
VENT_FAILED = const(1 << 8)
PRESSURE_FROZEN = const(1 << 9)
PRESSURE_RISING = const(1 << 10)
LEAK = const(1 << 11)
LEAK_TOO_LONG = const(1 << 12)
HOSE_KINKED = const(1 << 13)
HOSE_OFF = const(1 << 14)
VALVE_STUCK_OPEN = const(1 << 15)
VALVE_STUCK_CLOSED = const(1 << 16)
PUMP_WEAK = const(1 << 17)
PUMP_OR_SENSOR_DEAD = const(1 << 18)
WRAP_LOOSE = const(1 << 19)
WRAP_TIGHT = const(1 << 20)
EXHAUST_STUCK = const(1 << 21)
MINUTE_MISSED = const(1 << 22)
PRESSURE_REPEATED = const(1 << 23)

AIR = (
    (31, "PRESSURE_WARNING", STOPS_AIR, limits.PRESSURE_WARNING_MS, PASSES),
    (32, "PRESSURE_TRIP", STOPS_ALL, limits.PRESSURE_TRIP_MS, LATCHES),
    (33, "PRESSURE_INVALID", STOPS_AIR, limits.PRESSURE_INVALID_MS, LATCHES),
    (34, "PRESSURE_ZERO_OFF", STOPS_AIR, 0, LATCHES),
    (41, "LEAK_OR_LOOSE", STOPS_AIR, 0, LATCHES),
    (42, "INFLATE_TIMEOUT", STOPS_AIR, 0, LATCHES),
    (43, "HOLD_TIMEOUT", STOPS_AIR, 0, LATCHES),
    (44, "SQUEEZED_TOO_LONG", STOPS_AIR, 0, LATCHES),
    (45, "VENT_FAILED", STOPS_ALL, 0, LATCHES),
    (35, "PRESSURE_FROZEN", STOPS_AIR, 0, LATCHES),
    (36, "PRESSURE_RISING", STOPS_ALL, limits.RISING_MS, LATCHES),
    (46, "LEAK", STOPS_NOTHING, 0, PASSES),
    (47, "LEAK_TOO_LONG", STOPS_AIR, 0, LATCHES),
    (61, "HOSE_KINKED", STOPS_AIR, 0, LATCHES),
    (62, "HOSE_OFF", STOPS_AIR, 0, LATCHES),
    (63, "VALVE_STUCK_OPEN", STOPS_AIR, 0, LATCHES),
    (64, "VALVE_STUCK_CLOSED", STOPS_AIR, 0, LATCHES),
    (65, "PUMP_WEAK", STOPS_NOTHING, 0, PASSES),
    (66, "PUMP_OR_SENSOR_DEAD", STOPS_AIR, 0, LATCHES),
    (67, "WRAP_LOOSE", STOPS_NOTHING, 0, PASSES),
    (68, "WRAP_TIGHT", STOPS_NOTHING, 0, PASSES),
    (69, "EXHAUST_STUCK", STOPS_NOTHING, 0, PASSES),
    (48, "MINUTE_MISSED", STOPS_NOTHING, 0, PASSES),
    (37, "PRESSURE_REPEATED", STOPS_AIR, 0, LATCHES),
)

# motor: condition bits
MOTOR_STALLED = const(1 << 0)
MOTOR_OVERSPEED = const(1 << 1)
TACH_LOST = const(1 << 2)
MOTOR_OVERHEATED = const(1 << 3)
MOTOR_RUNAWAY = const(1 << 4)

MOTOR = (
    (51, "MOTOR_STALLED", STOPS_MOTOR, 0, LATCHES),
    (52, "MOTOR_OVERSPEED", STOPS_MOTOR, limits.MOTOR_OVERSPEED_MS, LATCHES),
    (53, "TACH_LOST", STOPS_MOTOR, 0, LATCHES),
    (54, "MOTOR_OVERHEATED", STOPS_MOTOR, 0, LATCHES),
    (55, "MOTOR_RUNAWAY", STOPS_ALL, 0, LATCHES),
)

# system: condition bits
SUPPLY_LOW = const(1 << 0)
LOOP_LATE = const(1 << 1)
BUTTON_STUCK = const(1 << 2)
PROGRAM_ERROR = const(1 << 3)
MEMORY_LOST = const(1 << 4)
HEAT_LOCKED = const(1 << 5)

SYSTEM = (
    (1, "SUPPLY_LOW", STOPS_SESSION, limits.SUPPLY_LOW_MS, PASSES),
    (2, "LOOP_LATE", STOPS_ALL, 0, LATCHES),
    (3, "BUTTON_STUCK", STOPS_NOTHING, 0, PASSES),
    (4, "PROGRAM_ERROR", STOPS_ALL, 0, LATCHES),
    (5, "MEMORY_LOST", STOPS_ALL, 0, LATCHES),
    (6, "HEAT_LOCKED", STOPS_HEAT, 0, PASSES),
)
