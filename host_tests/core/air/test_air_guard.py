"""What the air's guard sees in pressure and commands alone."""

from massager.core import limits
from massager.core.air.guard import AirGuard
from massager.core.safety import faults
from massager.core.signals import Outputs


class Watched:
    """A guard, the outputs it is shown, and everything it has found."""

    def __init__(self, start_ms=1_000):
        self.guard = AirGuard(False)
        self.outputs = Outputs()
        self.now_ms = start_ms
        self.found = 0

    def run(self, ms, pressure_pa, pump=False, chambers=0):
        self.outputs.pump_permille = 1_000 if pump else 0
        self.outputs.chambers = chambers
        for _ in range(ms // limits.TICK_MS):
            self.guard.step(self.now_ms, pressure_pa, self.outputs)
            self.found |= self.guard.conditions
            self.now_ms = (self.now_ms + limits.TICK_MS) % (1 << 30)


WRAP_ROWS = (("early", 1_000), ("across the wrap", (1 << 30) - 12_000))


def test_wrap(row):
    """A chamber seen empty alone on the manifold is proved; pumping again is then fine."""
    watched = Watched(row[1])
    watched.run(3_000, 3_000, True, 1)
    watched.run(1_000, 3_000, False, 1)
    watched.run(1_000, 3_000)
    watched.run(100, 200, False, 1)
    watched.run(100, 200, True, 1)
    assert not watched.found


def test_pumping_before_the_vent_is_proved_trips():
    watched = Watched()
    watched.run(3_000, 3_000, True, 1)
    watched.run(1_000, 3_000)
    watched.run(20, 200, True, 1)
    assert watched.found & faults.VENT_FAILED


def test_a_chamber_that_stays_full_trips():
    watched = Watched()
    watched.run(3_000, 3_000, True, 1)
    watched.run(1_000, 3_000)
    watched.run(limits.VENT_PROOF_MS + 500, 3_000, False, 1)
    assert watched.found & faults.VENT_FAILED


def test_a_sensor_that_never_moves_is_frozen():
    watched = Watched()
    watched.run(limits.FROZEN_PUMPING_MS + 1_000, 800, True, 1)
    assert watched.found & faults.PRESSURE_FROZEN


def test_pressure_that_rises_without_the_pump():
    watched = Watched()
    watched.run(3_000, 0)
    watched.run(100, limits.RISING_PA + 100)
    assert watched.found == faults.PRESSURE_RISING


def test_a_breath_shut_into_the_manifold_is_no_leg():
    watched = Watched()
    watched.run(1_000, 3_000, True, 1)
    watched.run(500, limits.PRESSURE_TRIP_PA + 100)
    assert not watched.found & faults.PRESSURE_TRIP
    watched.run(100, limits.PRESSURE_TRIP_PA + 100, False, 1)
    assert watched.found & faults.PRESSURE_TRIP
