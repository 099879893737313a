"""The fault table.

A guard reports a word of condition bits, one word a group. A row here says what each bit
means, in the columns below. Rows stand in the order of their codes; of two faults that stop the
same, the lamp shows the first. The bits are stored with latched faults: a new fault takes the
next free bit of its group. The words for a person stand on the host, beside the
`massager faults` command.
"""

from micropython import const

from massager.core import limits

# the columns of a row
BIT = const(0)
CODE = const(1)  # its tens and units are blinked by the lamp
NAME = const(2)
STOPS = const(3)  # STOPS_*
DEBOUNCE_MS = const(4)  # how long the condition must last
STAYS = const(5)  # whether it stays until a person clears it

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
    (
        PAD_OVER_TEMP_WARNING,
        11,
        "PAD_OVER_TEMP_WARNING",
        STOPS_HEAT,
        limits.PAD_WARNING_MS,
        PASSES,
    ),
    (PAD_OVER_TEMP_TRIP, 12, "PAD_OVER_TEMP_TRIP", STOPS_ALL, 0, LATCHES),
    (NTC_A_INVALID, 13, "NTC_A_INVALID", STOPS_HEAT, limits.NTC_INVALID_MS, LATCHES),
    (NTC_B_INVALID, 14, "NTC_B_INVALID", STOPS_HEAT, limits.NTC_INVALID_MS, LATCHES),
    (NTC_SLOPE, 15, "NTC_SLOPE", STOPS_HEAT, limits.NTC_SLOPE_MS, LATCHES),
    (
        NTC_DISAGREE_WARNING,
        16,
        "NTC_DISAGREE_WARNING",
        STOPS_NOTHING,
        limits.NTC_DISAGREE_WARNING_MS,
        PASSES,
    ),
    (NTC_DISAGREE_TRIP, 17, "NTC_DISAGREE_TRIP", STOPS_HEAT, limits.NTC_DISAGREE_TRIP_MS, LATCHES),
    (NTC_STUCK, 18, "NTC_STUCK", STOPS_HEAT, 0, LATCHES),
    (NO_HEAT, 19, "NO_HEAT", STOPS_HEAT, 0, LATCHES),
    (HEATER_WELDED, 21, "HEATER_WELDED", STOPS_ALL, 0, LATCHES),
    (HIGH_SIDE_WELDED, 22, "HIGH_SIDE_WELDED", STOPS_ALL, 0, LATCHES),
    (LOW_SIDE_WELDED, 23, "LOW_SIDE_WELDED", STOPS_ALL, 0, LATCHES),
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
    (PRESSURE_WARNING, 31, "PRESSURE_WARNING", STOPS_AIR, limits.PRESSURE_WARNING_MS, PASSES),
    (PRESSURE_TRIP, 32, "PRESSURE_TRIP", STOPS_ALL, limits.PRESSURE_TRIP_MS, LATCHES),
    (PRESSURE_INVALID, 33, "PRESSURE_INVALID", STOPS_AIR, limits.PRESSURE_INVALID_MS, LATCHES),
    (PRESSURE_ZERO_OFF, 34, "PRESSURE_ZERO_OFF", STOPS_AIR, 0, LATCHES),
    (PRESSURE_FROZEN, 35, "PRESSURE_FROZEN", STOPS_AIR, 0, LATCHES),
    (PRESSURE_RISING, 36, "PRESSURE_RISING", STOPS_ALL, limits.RISING_MS, LATCHES),
    (PRESSURE_REPEATED, 37, "PRESSURE_REPEATED", STOPS_AIR, 0, LATCHES),
    (LEAK_OR_LOOSE, 41, "LEAK_OR_LOOSE", STOPS_AIR, 0, LATCHES),
    (INFLATE_TIMEOUT, 42, "INFLATE_TIMEOUT", STOPS_AIR, 0, LATCHES),
    (HOLD_TIMEOUT, 43, "HOLD_TIMEOUT", STOPS_AIR, 0, LATCHES),
    (SQUEEZED_TOO_LONG, 44, "SQUEEZED_TOO_LONG", STOPS_AIR, 0, LATCHES),
    (VENT_FAILED, 45, "VENT_FAILED", STOPS_ALL, 0, LATCHES),
    (LEAK, 46, "LEAK", STOPS_NOTHING, 0, PASSES),
    (LEAK_TOO_LONG, 47, "LEAK_TOO_LONG", STOPS_AIR, 0, LATCHES),
    (MINUTE_MISSED, 48, "MINUTE_MISSED", STOPS_NOTHING, 0, PASSES),
    (HOSE_KINKED, 61, "HOSE_KINKED", STOPS_AIR, 0, LATCHES),
    (HOSE_OFF, 62, "HOSE_OFF", STOPS_AIR, 0, LATCHES),
    (VALVE_STUCK_OPEN, 63, "VALVE_STUCK_OPEN", STOPS_AIR, 0, LATCHES),
    (VALVE_STUCK_CLOSED, 64, "VALVE_STUCK_CLOSED", STOPS_AIR, 0, LATCHES),
    (PUMP_WEAK, 65, "PUMP_WEAK", STOPS_NOTHING, 0, PASSES),
    (PUMP_OR_SENSOR_DEAD, 66, "PUMP_OR_SENSOR_DEAD", STOPS_AIR, 0, LATCHES),
    (WRAP_LOOSE, 67, "WRAP_LOOSE", STOPS_NOTHING, 0, PASSES),
    (WRAP_TIGHT, 68, "WRAP_TIGHT", STOPS_NOTHING, 0, PASSES),
    (EXHAUST_STUCK, 69, "EXHAUST_STUCK", STOPS_NOTHING, 0, PASSES),
)

# motor: condition bits
MOTOR_STALLED = const(1 << 0)
MOTOR_OVERSPEED = const(1 << 1)
TACH_LOST = const(1 << 2)
MOTOR_OVERHEATED = const(1 << 3)
MOTOR_RUNAWAY = const(1 << 4)

MOTOR = (
    (MOTOR_STALLED, 51, "MOTOR_STALLED", STOPS_MOTOR, 0, LATCHES),
    (MOTOR_OVERSPEED, 52, "MOTOR_OVERSPEED", STOPS_MOTOR, limits.MOTOR_OVERSPEED_MS, LATCHES),
    (TACH_LOST, 53, "TACH_LOST", STOPS_MOTOR, 0, LATCHES),
    (MOTOR_OVERHEATED, 54, "MOTOR_OVERHEATED", STOPS_MOTOR, 0, LATCHES),
    (MOTOR_RUNAWAY, 55, "MOTOR_RUNAWAY", STOPS_ALL, 0, LATCHES),
)

# system: condition bits
SUPPLY_LOW = const(1 << 0)
LOOP_LATE = const(1 << 1)
BUTTON_STUCK = const(1 << 2)
PROGRAM_ERROR = const(1 << 3)
MEMORY_LOST = const(1 << 4)
HEAT_LOCKED = const(1 << 5)
MEMORY_REFUSED = const(1 << 6)
MEMORY_DAMAGED = const(1 << 7)

SYSTEM = (
    (SUPPLY_LOW, 1, "SUPPLY_LOW", STOPS_SESSION, limits.SUPPLY_LOW_MS, PASSES),
    (LOOP_LATE, 2, "LOOP_LATE", STOPS_ALL, 0, LATCHES),
    (BUTTON_STUCK, 3, "BUTTON_STUCK", STOPS_NOTHING, 0, PASSES),
    (PROGRAM_ERROR, 4, "PROGRAM_ERROR", STOPS_ALL, 0, LATCHES),
    (MEMORY_LOST, 5, "MEMORY_LOST", STOPS_ALL, 0, LATCHES),
    (HEAT_LOCKED, 6, "HEAT_LOCKED", STOPS_HEAT, 0, PASSES),
    (MEMORY_REFUSED, 7, "MEMORY_REFUSED", STOPS_HEAT, 0, PASSES),
    (MEMORY_DAMAGED, 8, "MEMORY_DAMAGED", STOPS_HEAT, 0, LATCHES),
)
