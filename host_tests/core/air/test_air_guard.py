"""The air guard, given pressure and commands alone."""

from massager.core import limits
from massager.core.air.guard import AirGuard
from massager.core.safety import fault_table
from massager.core.signals import Outputs


class GuardBench:
    """A guard, the outputs it gets, and all conditions it has raised."""

    def __init__(self, start_ms=1_000):
        self.guard = AirGuard(False)
        self.outputs = Outputs()
        self.now_ms = start_ms
        self.raised = 0

    def run(self, ms, pressure_pa, pump=False, chambers=0):
        self.outputs.pump_permille = 1_000 if pump else 0
        self.outputs.chambers = chambers
        for _ in range(ms // limits.TICK_MS):
            tick = self.now_ms // limits.TICK_MS % limits.SLOW_TICKS
            self.guard.step(self.now_ms, tick, pressure_pa, self.outputs)
            self.raised |= self.guard.conditions
            self.now_ms = (self.now_ms + limits.TICK_MS) % (1 << 30)


WRAP_ROWS = (("early", 1_000), ("across the wrap", (1 << 30) - 12_000))


def test_wrap(row):
    """A chamber measured empty alone on the manifold is verified; pumping is allowed again."""
    bench = GuardBench(row[1])
    bench.run(3_000, 3_000, True, 1)
    bench.run(1_000, 3_000, False, 1)
    bench.run(1_000, 3_000)
    bench.run(100, 200, False, 1)
    bench.run(100, 200, True, 1)
    assert not bench.raised


def test_pumping_before_the_vent_is_verified_trips():
    bench = GuardBench()
    bench.run(3_000, 3_000, True, 1)
    bench.run(1_000, 3_000)
    bench.run(20, 200, True, 1)
    assert bench.raised & fault_table.VENT_FAILED


def test_a_chamber_that_stays_full_trips():
    bench = GuardBench()
    bench.run(3_000, 3_000, True, 1)
    bench.run(1_000, 3_000)
    bench.run(limits.VENT_PROOF_MS + 500, 3_000, False, 1)
    assert bench.raised & fault_table.VENT_FAILED


def test_a_sensor_that_never_moves_is_frozen():
    bench = GuardBench()
    bench.run(limits.FROZEN_PUMPING_MS + 1_000, 800, True, 1)
    assert bench.raised & fault_table.PRESSURE_FROZEN


def test_pressure_that_rises_without_the_pump():
    bench = GuardBench()
    bench.run(3_000, 0)
    bench.run(100, limits.RISING_PA + 100)
    assert bench.raised == fault_table.PRESSURE_RISING


def test_pressure_trapped_in_the_closed_manifold_is_no_trip():
    bench = GuardBench()
    bench.run(1_000, 3_000, True, 1)
    bench.run(500, limits.PRESSURE_TRIP_PA + 100)
    assert not bench.raised & fault_table.PRESSURE_TRIP
    bench.run(100, limits.PRESSURE_TRIP_PA + 100, False, 1)
    assert bench.raised & fault_table.PRESSURE_TRIP


TIMEOUT_ROWS = (
    # name, inputs as (ms, pressure, pump, chambers), the only fault raised
    ("no sign of pressure", ((30_500, 300, True, 1),), fault_table.LEAK_OR_LOOSE),
    ("no sign in two chambers", ((60_500, 300, True, 3),), fault_table.LEAK_OR_LOOSE),
    ("fill", ((20_000, 700, True, 1), (20_500, 1_000, True, 1)), fault_table.INFLATE_TIMEOUT),
    ("pump against closed valves", ((2_100, 3_000, True, 0),), fault_table.INFLATE_TIMEOUT),
    ("hold", ((3_000, 3_000, True, 1), (20_500, 3_000, False, 1)), fault_table.HOLD_TIMEOUT),
    (
        "leak compensated for too long",
        ((3_000, 3_000, True, 1), (1_000, 3_000, False, 1), (7_200, 3_000, True, 1)),
        fault_table.LEAK_TOO_LONG,
    ),
    ("sensor far below", ((50, -700, False, 0),), fault_table.PRESSURE_INVALID),
    ("sensor far above", ((50, 9_400, True, 1),), fault_table.PRESSURE_INVALID),
    ("over-pressure", ((50, 6_100, True, 1),), fault_table.PRESSURE_WARNING),
)


def test_timeout(row):
    bench = GuardBench()
    for ms, pressure_pa, pump, chambers in row[1]:
        bench.run(ms, pressure_pa, pump, chambers)
    _, _, fault = row
    beside = fault_table.PRESSURE_WARNING | fault_table.PRESSURE_TRIP | fault_table.PRESSURE_FROZEN
    assert bench.raised & ~beside == fault & ~beside
    assert bench.raised & fault


IN_TIME_ROWS = (
    # the same, a little shorter
    ("no sign of pressure", ((29_500, 300, True, 1),)),
    ("no sign in two chambers", ((59_500, 300, True, 3),)),
    ("fill", ((20_000, 700, True, 1), (19_500, 1_000, True, 1))),
    ("pump against closed valves", ((1_900, 3_000, True, 0),)),
    ("hold", ((3_000, 3_000, True, 1), (19_500, 3_000, False, 1))),
    ("leak", ((3_000, 3_000, True, 1), (1_000, 3_000, False, 1), (6_800, 3_000, True, 1))),
    (
        "leg that presses during the standby",
        (
            (900, 700, True, 1),
            (900, 1_500, False, 1),
            (300, 700, False, 1),
            (9_000, 900, True, 1),
        ),
    ),
    (
        "fill after a leg has pressed",
        ((500, 700, True, 1), (1_000, 1_500, False, 1), (22_000, 2_500, True, 1)),
    ),
    (
        "leak compensated after the longest fill",
        (
            (20_000, 700, True, 1),
            (19_500, 3_000, True, 1),
            (500, 3_000, False, 1),
            (3_000, 3_000, True, 1),
        ),
    ),
    ("sensor low", ((50, -600, False, 0),)),
    ("pressure", ((50, 5_900, True, 1),)),
)


def test_in_time(row):
    bench = GuardBench()
    for ms, pressure_pa, pump, chambers in row[1]:
        bench.run(ms, pressure_pa, pump, chambers)
    assert not bench.raised & ~fault_table.PRESSURE_FROZEN


def test_squeezed_too_long():
    """Hold after hold without a release below 10 mmHg."""
    bench = GuardBench()
    for mask in (1, 3, 7, 15):
        bench.run(7_000, 2_500, True, mask)
        bench.run(15_000, 2_500, False, mask)
        assert not bench.raised & fault_table.SQUEEZED_TOO_LONG
    bench.run(3_000, 2_500, False, 15)
    assert bench.raised & fault_table.SQUEEZED_TOO_LONG


def test_two_chambers_open_together_verify_nothing():
    """Two chambers open together give one reading: neither is verified."""
    bench = GuardBench()
    bench.run(3_000, 3_000, True, 3)
    bench.run(1_000, 3_000)
    bench.run(500, 200, False, 3)
    bench.run(20, 200, True, 1)
    assert bench.raised & fault_table.VENT_FAILED


def test_each_over_pressure_is_timed_from_its_own_start():
    """Released valves end it, even where the pressure stays in the manifold."""
    bench = GuardBench()
    for _ in range(limits.PRESSURE_WARNINGS_MAX):
        assert not bench.raised & fault_table.PRESSURE_REPEATED
        bench.run(limits.PRESSURE_WARNING_MS, limits.PRESSURE_WARNING_PA, False, 1)
        bench.run(50, limits.PRESSURE_WARNING_PA)
    assert bench.raised & fault_table.PRESSURE_REPEATED
