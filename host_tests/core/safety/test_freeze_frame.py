"""What is kept of the moment in which a fault latched: in which order, how many, how long."""

from massager.core.safety.freeze_frame import FreezeFrames
from massager.core.signals import Measurements, Outputs, Settings

CODES = ((1, 12, "A"), (2, 13, "B"), (4, 14, "C"))
FIELDS = 9


class Group:
    """A folder's faults."""

    def __init__(self):
        self.rows = CODES
        self.latched = 0


class Kept:
    """FreezeFrames of two groups, and what they are given."""

    def __init__(self):
        self.settings = Settings()
        self.freeze_frames = FreezeFrames(self.settings)
        self.groups = (Group(), Group())
        self.measured = Measurements()
        self.outputs = Outputs()

    def step(self, state=2):
        self.freeze_frames.step(state, self.groups, self.measured, self.outputs)  # type: ignore[arg-type]

    def row(self, index):
        return list(self.settings.freeze_frames[index * FIELDS : (index + 1) * FIELDS])

    def codes(self):
        return [self.row(index)[0] for index in range(4)]


def test_every_number_stands_in_its_place():
    kept = Kept()
    kept.measured.pad_temp_a_mc = 41_000
    kept.measured.pad_temp_b_mc = 42_000
    kept.measured.pressure_pa = 3_000
    kept.measured.supply_mv = 11_900
    kept.measured.motor_rpm = 1_400
    kept.outputs.chambers = 5
    kept.outputs.heater_permille = 700
    kept.groups[0].latched = 1
    kept.step(3)
    assert kept.row(0) == [12, 3, 41_000, 42_000, 3_000, 11_900, 1_400, 5, 700]
    assert kept.row(1) == [0] * FIELDS


LATCHED_ROWS = (
    # name, the words of one group after each other, the codes kept, newest first
    ("nothing", (0, 0), [0, 0, 0, 0]),
    ("one", (1,), [12, 0, 0, 0]),
    ("one that stays", (1, 1, 1), [12, 0, 0, 0]),
    ("a later row", (4,), [14, 0, 0, 0]),
    ("two at once", (5,), [14, 12, 0, 0]),
    ("one after the other", (2, 3), [12, 13, 0, 0]),
    ("cleared and back", (1, 0, 1), [12, 12, 0, 0]),
    ("more than there is room for", (1, 0, 2, 0, 4, 0, 2, 0, 1), [12, 13, 14, 13]),
)


def test_latched(row):
    _, words, codes = row
    for group in (0, 1):
        kept = Kept()
        for word in words:
            kept.groups[group].latched = word
            kept.step()
        assert kept.codes() == codes
        assert kept.settings.latched[group] == words[-1]
        assert kept.settings.latched[1 - group] == 0
        assert kept.freeze_frames.holding == (words[-1] != 0)


def test_it_asks_to_be_called_until_it_has_seen_that_nothing_is_latched():
    kept = Kept()
    assert kept.freeze_frames.holding
    kept.step()
    assert not kept.freeze_frames.holding
