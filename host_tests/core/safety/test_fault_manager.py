"""Faults: debounced, latched, folded into what they stop; on both sides of the tick wrap."""

from massager.core.safety import fault_table
from massager.core.safety.fault_manager import FaultGroup, FaultManager

ROWS = (
    (1, 61, "AT_ONCE", fault_table.STOPS_HEAT, 0, fault_table.PASSES),
    (2, 62, "AFTER_A_WHILE", fault_table.STOPS_AIR, 500, fault_table.PASSES),
    (4, 63, "STAYS", fault_table.STOPS_ALL, 100, fault_table.LATCHES),
)
AT_ONCE, AFTER_A_WHILE, STAYS = 1, 2, 4
WRAP_MS = 1 << 30

# name, [(after ms, conditions)…], active at the end, latched at the end
UPDATE_ROWS = (
    ("nothing", [(0, 0), (10_000, 0)], 0, 0),
    ("no debounce", [(0, AT_ONCE)], AT_ONCE, 0),
    ("too short", [(0, AFTER_A_WHILE), (490, AFTER_A_WHILE)], 0, 0),
    ("long enough", [(0, AFTER_A_WHILE), (500, AFTER_A_WHILE)], AFTER_A_WHILE, 0),
    (
        "interrupted",
        [(0, AFTER_A_WHILE), (300, 0), (310, AFTER_A_WHILE), (700, AFTER_A_WHILE)],
        0,
        0,
    ),
    ("passes", [(0, AFTER_A_WHILE), (500, AFTER_A_WHILE), (510, 0)], 0, 0),
    ("stays", [(0, STAYS), (100, STAYS), (110, 0), (900_000, 0)], STAYS, STAYS),
    ("side by side", [(0, AT_ONCE | STAYS), (100, AT_ONCE | STAYS)], AT_ONCE | STAYS, STAYS),
    ("one after the other", [(0, STAYS), (90, STAYS | AT_ONCE), (100, STAYS)], STAYS, STAYS),
)


def feed(group, start_ms, steps):
    for after_ms, conditions in steps:
        group.update((start_ms + after_ms) % WRAP_MS, conditions)


def test_update(row):
    _, steps, active, latched = row
    for start_ms in (0, 5_000, WRAP_MS - 1, WRAP_MS - 50, WRAP_MS - 450):
        group = FaultGroup(ROWS)
        feed(group, start_ms, steps)
        assert group.active == active
        assert group.latched == latched


STOPS_ROWS = (
    ("none", 0, 0, 0),
    ("one", AT_ONCE, fault_table.STOPS_HEAT, 61),
    ("two", AT_ONCE | AFTER_A_WHILE, fault_table.STOPS_HEAT | fault_table.STOPS_AIR, 62),
    (
        "the gravest gives the code",
        AT_ONCE | STAYS,
        fault_table.STOPS_HEAT | fault_table.STOPS_ALL,
        63,
    ),
)


def test_stops(row):
    _, conditions, stops, code = row
    group = FaultGroup(ROWS)
    feed(group, 0, [(0, conditions), (1_000, conditions)])
    assert group.stops == stops
    assert group.code == code


def test_clearing_lets_go_of_what_is_over():
    group = FaultGroup(ROWS)
    feed(group, 0, [(0, STAYS), (100, STAYS), (200, 0)])
    group.clear()
    group.update(210, 0)
    assert group.active == 0 and group.stops == 0 and group.code == 0


def test_a_cause_that_lasts_comes_back_after_its_debounce():
    group = FaultGroup(ROWS)
    feed(group, 0, [(0, STAYS), (100, STAYS)])
    group.clear()
    group.update(110, STAYS)
    assert group.active == 0
    group.update(210, STAYS)
    assert group.active == STAYS


def test_memory_restores_latched_faults_only():
    group = FaultGroup(ROWS)
    group.latch(STAYS | AFTER_A_WHILE)
    assert group.active == STAYS
    group.update(0, 0)
    assert group.active == STAYS


def test_groups_add_up():
    both = FaultManager()
    both.add_up()
    assert (both.stops, both.code, both.latched) == (0, 0, False)
    both.heat.latch(fault_table.NTC_A_INVALID)
    both.air.latch(fault_table.PRESSURE_TRIP)
    both.add_up()
    assert both.stops == fault_table.STOPS_HEAT | fault_table.STOPS_ALL
    assert both.code == 32
    assert both.latched
    both.clear()
    assert (both.stops, both.code, both.latched) == (fault_table.STOPS_HEAT, 13, True)
    both.clear()
    assert (both.stops, both.code, both.latched) == (0, 0, False)
    both.clear()


CLEAR_ROWS = (
    # name, latched before, codes as they are shown and cleared
    ("one", fault_table.NTC_STUCK, (18,)),
    ("two of a kind", fault_table.NTC_B_INVALID | fault_table.NTC_A_INVALID, (13, 14)),
    (
        "the gravest first",
        fault_table.NTC_STUCK | fault_table.HEATER_WELDED | fault_table.NO_HEAT,
        (21, 18, 19),
    ),
)


def test_clear(row):
    """Clearing lets go of the fault that is shown, and of no other."""
    _, latched, codes = row
    found = FaultManager()
    found.heat.latch(latched)
    for code in codes:
        assert found.code == code and found.latched
        found.clear()
    assert found.code == 0 and not found.latched


def test_what_passes_by_itself_cannot_be_cleared():
    group = FaultGroup(ROWS)
    group.update(0, AT_ONCE)
    group.clear()
    assert group.active == AT_ONCE


TABLE_ROWS = (
    ("HEAT", fault_table.HEAT),
    ("AIR", fault_table.AIR),
    ("MOTOR", fault_table.MOTOR),
    ("SYSTEM", fault_table.SYSTEM),
)


def test_table(row):
    """Bits, rows and codes of the shipped table belong together."""
    _, rows = row
    assert len(rows) <= 29  # a word of conditions is a small integer
    codes = [row[fault_table.CODE] for row in rows]
    assert codes == sorted(codes)
    assert sorted([row[fault_table.BIT] for row in rows]) == [1 << n for n in range(len(rows))]
    for bit, code, name, stops, debounce_ms, latches in rows:
        assert getattr(fault_table, name) == bit
        assert 1 <= code <= 99 and code % 10  # both digits can be blinked and counted
        assert 0 <= stops < 32
        assert 0 <= debounce_ms <= 10_000
        assert latches in (fault_table.PASSES, fault_table.LATCHES)
        if stops & fault_table.STOPS_ALL:
            assert latches, name


def test_codes_and_names_are_unique():
    rows = fault_table.HEAT + fault_table.AIR + fault_table.MOTOR + fault_table.SYSTEM
    assert len({row[fault_table.CODE] for row in rows}) == len(rows)
    assert len({row[fault_table.NAME] for row in rows}) == len(rows)
