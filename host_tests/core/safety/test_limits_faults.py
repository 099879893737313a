"""Every row of the fault table, said a second time: what it stops, after how long, for how long.

A change of the table has to be made here too, on purpose. Times are milliseconds.
"""

from massager.core.safety import fault_table
from massager.core.safety.fault_manager import FaultGroup

NOTHING, HEAT, AIR, MOTOR, SESSION, ALL = 0, 1, 2, 4, 8, 16

ROW_ROWS = (
    # name, group, what it stops, after ms, whether a person has to clear it
    ("PAD_OVER_TEMP_WARNING", "HEAT", HEAT, 3_000, False),
    ("PAD_OVER_TEMP_TRIP", "HEAT", ALL, 0, True),
    ("NTC_A_INVALID", "HEAT", HEAT, 150, True),
    ("NTC_B_INVALID", "HEAT", HEAT, 150, True),
    ("NTC_SLOPE", "HEAT", HEAT, 150, True),
    ("NTC_DISAGREE_WARNING", "HEAT", NOTHING, 10_000, False),
    ("NTC_DISAGREE_TRIP", "HEAT", HEAT, 5_000, True),
    ("NTC_STUCK", "HEAT", HEAT, 0, True),
    ("NO_HEAT", "HEAT", HEAT, 0, True),
    ("HEATER_WELDED", "HEAT", ALL, 0, True),
    ("HIGH_SIDE_WELDED", "HEAT", ALL, 0, True),
    ("LOW_SIDE_WELDED", "HEAT", ALL, 0, True),
    ("PRESSURE_WARNING", "AIR", AIR, 500, False),
    ("PRESSURE_TRIP", "AIR", ALL, 100, True),
    ("PRESSURE_INVALID", "AIR", AIR, 30, True),
    ("PRESSURE_ZERO_OFF", "AIR", AIR, 0, True),
    ("PRESSURE_FROZEN", "AIR", AIR, 0, True),
    ("PRESSURE_RISING", "AIR", ALL, 1_000, True),
    ("LEAK_OR_LOOSE", "AIR", AIR, 0, True),
    ("INFLATE_TIMEOUT", "AIR", AIR, 0, True),
    ("HOLD_TIMEOUT", "AIR", AIR, 0, True),
    ("SQUEEZED_TOO_LONG", "AIR", AIR, 0, True),
    ("VENT_FAILED", "AIR", ALL, 0, True),
    ("LEAK", "AIR", NOTHING, 0, False),
    ("LEAK_TOO_LONG", "AIR", AIR, 0, True),
    ("MINUTE_MISSED", "AIR", NOTHING, 0, False),
    ("PRESSURE_REPEATED", "AIR", AIR, 0, True),
    ("HOSE_KINKED", "AIR", AIR, 0, True),
    ("HOSE_OFF", "AIR", AIR, 0, True),
    ("VALVE_STUCK_OPEN", "AIR", AIR, 0, True),
    ("VALVE_STUCK_CLOSED", "AIR", AIR, 0, True),
    ("PUMP_WEAK", "AIR", NOTHING, 0, False),
    ("PUMP_OR_SENSOR_DEAD", "AIR", AIR, 0, True),
    ("WRAP_LOOSE", "AIR", NOTHING, 0, False),
    ("WRAP_TIGHT", "AIR", NOTHING, 0, False),
    ("EXHAUST_STUCK", "AIR", NOTHING, 0, False),
    ("MOTOR_STALLED", "MOTOR", MOTOR, 0, True),
    ("MOTOR_OVERSPEED", "MOTOR", MOTOR, 1_000, True),
    ("TACH_LOST", "MOTOR", MOTOR, 0, True),
    ("MOTOR_OVERHEATED", "MOTOR", MOTOR, 0, True),
    ("MOTOR_RUNAWAY", "MOTOR", ALL, 0, True),
    ("SUPPLY_LOW", "SYSTEM", SESSION, 500, False),
    ("LOOP_LATE", "SYSTEM", ALL, 0, True),
    ("BUTTON_STUCK", "SYSTEM", NOTHING, 0, False),
    ("PROGRAM_ERROR", "SYSTEM", ALL, 0, True),
    ("MEMORY_LOST", "SYSTEM", ALL, 0, True),
    ("HEAT_LOCKED", "SYSTEM", HEAT, 0, False),
    ("MEMORY_REFUSED", "SYSTEM", HEAT, 0, False),
    ("MEMORY_DAMAGED", "SYSTEM", HEAT, 0, True),
)


def test_row(row):
    name, group_name, stops, after_ms, stays = row
    rows = getattr(fault_table, group_name)
    bit = getattr(fault_table, name)
    (code,) = [one[fault_table.CODE] for one in rows if one[fault_table.NAME] == name]
    group = FaultGroup(rows)
    group.update(1_000, bit)
    if after_ms:
        group.update(1_000 + after_ms - 1, bit)
        assert not group.active and not group.stops
        group.update(1_000 + after_ms, bit)
    assert group.active == bit
    assert group.stops == stops
    assert group.code == code
    group.update(1_001 + after_ms, 0)
    assert group.active == (bit if stays else 0)
    assert group.latched == (bit if stays else 0)
    group.clear()
    assert not group.active


def test_what_a_person_has_to_clear_stops_something():
    # so the controller asks for what stops only
    for _, _, stops, _, stays in ROW_ROWS:
        assert stops != NOTHING or not stays


def test_every_row_is_named_here():
    listed = {(name, group) for name, group, _, _, _ in ROW_ROWS}
    for group in ("HEAT", "AIR", "MOTOR", "SYSTEM"):
        for row in getattr(fault_table, group):
            assert (row[fault_table.NAME], group) in listed
