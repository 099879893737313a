"""How the heat's guard is asked: on which ticks, and with what the board can show."""

from massager.core.guards import Guards
from massager.core.safety import fault_table
from massager.core.signals import ABSENT, Inputs, Measurements, Outputs, Reported, Setpoints
from massager_tools.sim.bench import board


class Watched:
    """All guards, at rest, with a warm pad."""

    def __init__(self, live=ABSENT, supply_mv=12_000):
        self.measured = Measurements()
        self.measured.pad_temp_a_mc = self.measured.pad_temp_b_mc = 30_000
        self.measured.supply_mv = supply_mv
        self.inputs = Inputs()
        self.inputs.heater_sense = live
        self.outputs = Outputs()
        self.setpoints = Setpoints()
        self.setpoints.heat_set_mc = 43_000
        self.guards = Guards(self.measured, self.setpoints, board(), True)
        self.now_ms = 0

    def run(self, ticks):
        for _ in range(ticks):
            # a live converter is never without noise
            self.measured.pad_temp_a_mc ^= self.now_ms // 100 & 1
            self.measured.pad_temp_b_mc ^= self.now_ms // 100 & 1
            self.guards.step(
                self.now_ms, self.now_ms // 10 % 10, self.inputs, self.outputs, Reported()
            )
            self.now_ms += 10
        return self.guards.faults.heat.active


SENSE_ROWS = (
    # name, heater_sense, supply, enable, ticks, found
    ("live while off", 1, 12_000, False, 8, fault_table.HIGH_SIDE_WELDED),
    ("for a moment", 1, 12_000, False, 7, 0),
    ("dead with the high side on", 0, 12_000, True, 8, fault_table.LOW_SIDE_WELDED),
    ("a board that cannot see it", ABSENT, 12_000, False, 100, 0),
    ("nor can one whose supply is gone", 0, 9_000, True, 20, 0),
    (
        "a board that does not measure its supply",
        1,
        ABSENT,
        False,
        8,
        fault_table.HIGH_SIDE_WELDED,
    ),
)


def test_sense(row):
    _, live, supply_mv, enable, ticks, found = row
    watched = Watched(live, supply_mv)
    watched.outputs.heater_enable = enable
    assert watched.run(ticks) == found


def test_a_welded_switch_stays_found_between_the_ticks_that_judge_the_pad():
    watched = Watched(live=1)
    watched.run(10)
    for _ in range(30):
        assert watched.run(1) == fault_table.HIGH_SIDE_WELDED


def test_a_pad_at_the_trip_stops_everything_within_two_readings():
    watched = Watched()
    watched.run(20)
    watched.measured.pad_temp_b_mc = 47_100
    watched.run(20)
    assert watched.guards.stops & fault_table.STOPS_ALL and not watched.guards.heat_max_permille


def test_a_dead_pad_is_found_through_the_guards():
    watched = Watched()
    for _ in range(13_000):
        watched.outputs.heater_permille = min(1_000, watched.guards.heat_max_permille)
        watched.run(1)
    assert watched.guards.faults.heat.latched == fault_table.NO_HEAT


def test_a_pad_that_warms_while_off_is_found_through_the_guards():
    watched = Watched()
    watched.measured.pad_temp_a_mc = watched.measured.pad_temp_b_mc = 39_000
    watched.run(2_500)
    for step in range(30):
        watched.measured.pad_temp_a_mc = watched.measured.pad_temp_b_mc = 39_000 + 50 * step
        watched.run(100)
    assert watched.guards.faults.heat.latched == fault_table.HEATER_WELDED
