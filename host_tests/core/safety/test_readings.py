"""What is kept of the moment in which a fault latched."""

from massager.core.safety import faults, readings, supervisor
from massager.core.safety.latches import Faults
from massager.core.safety.readings import Readings
from massager.core.signals import READINGS_FIELDS, Measured, Outputs, Settings


class Keeping:
    """Faults, what was measured, and what is kept of them."""

    def __init__(self):
        self.settings = Settings()
        self.readings = Readings(self.settings)
        self.faults = Faults()
        self.measured = Measured()
        self.outputs = Outputs()
        self.now_ms = 0

    def raise_heat(self, condition):
        self.now_ms += 1_000
        self.faults.heat.update(self.now_ms, condition)
        self.note()

    def note(self):
        groups = self.faults.groups
        self.readings.step(supervisor.RUN, groups, self.measured, self.outputs)

    def codes(self):
        return [
            self.settings.readings[at] for at in range(0, 4 * READINGS_FIELDS, READINGS_FIELDS)
        ]


def test_the_readings_of_the_moment_are_kept():
    keeping = Keeping()
    measured = keeping.measured
    measured.pad_temp_a_mc, measured.pad_temp_b_mc = 47_100, 46_900
    measured.pressure_pa, measured.supply_mv, measured.motor_rpm = 3_900, 11_800, 1_390
    keeping.outputs.chambers, keeping.outputs.heater_permille = 5, 700
    keeping.raise_heat(faults.PAD_OVER_TEMP_TRIP)
    measured.pad_temp_a_mc = 30_000
    keeping.note()
    kept = list(keeping.settings.readings[:READINGS_FIELDS])
    assert kept == [12, supervisor.RUN, 47_100, 46_900, 3_900, 11_800, 1_390, 5, 700]
    assert len(readings.FIELDS) == READINGS_FIELDS


def test_the_newest_comes_first_and_the_fifth_is_forgotten():
    keeping = Keeping()
    raised = 0
    for condition in (
        faults.PAD_OVER_TEMP_TRIP,
        faults.NTC_STUCK,
        faults.NO_HEAT,
        faults.HEATER_WELDED,
        faults.HIGH_SIDE_WELDED,
    ):
        raised |= condition
        keeping.raise_heat(raised)
    assert keeping.codes() == [22, 21, 19, 18]


def held(keeping):
    return keeping.readings.holding, keeping.settings.latched[0]


def test_holding_ends_when_the_last_latch_is_let_go_and_the_word_is_kept():
    keeping = Keeping()
    keeping.raise_heat(faults.NO_HEAT)
    assert held(keeping) == (True, faults.NO_HEAT)
    keeping.faults.clear()
    keeping.note()
    assert held(keeping) == (False, 0)
    keeping.raise_heat(faults.NO_HEAT)
    assert keeping.codes()[:2] == [19, 19], "the same fault again is a new one"
