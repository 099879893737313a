"""Limits of time, supply and buttons in plain numbers, on the whole controller."""

from massager.core.safety import supervisor as s
from massager.core.signals import BUTTON_HEAT, BUTTON_POWER, BUTTON_UP
from massager_tools.sim.bench import Bench, running

START_ROWS = (
    # name, ms that power is down, whether that starts
    ("a brush", 100, False),
    ("nearly", 250, False),
    ("just not", 270, False),
    ("just", 330, True),
    ("a press", 400, True),
    ("a slow press", 1_900, True),
    ("the slowest", 1_940, True),
    ("too slow", 2_080, False),
    ("leaning on it", 2_500, False),
    ("holding it", 5_000, False),
)


def test_start(row):
    _, ms, expected = row
    bench = Bench()
    bench.run(1_000)
    bench.press(BUTTON_POWER, ms)
    bench.run(300)
    assert bench.state == (s.CHECK if expected else s.OFF)


LATE_ROWS = (
    # name, ms late, counted, state
    ("a little", 45, 0, s.RUN),
    ("late", 55, 1, s.RUN),
    ("very late", 470, 1, s.RUN),
    ("far too late", 530, 1, s.FAULT),
)


def test_late(row):
    _, late_ms, counted, state = row
    bench = running()
    bench.inputs.late_ms = late_ms
    bench.tick()
    bench.inputs.late_ms = 0
    bench.tick()
    assert (bench.controller.guards.late_ticks, bench.state) == (counted, state)


SUPPLY_ROWS = (
    # name, mV, for ms, state
    ("sags", 10_600, 5_000, s.RUN),
    ("dips", 10_400, 450, s.RUN),
    ("is too low", 10_400, 650, s.PAUSE),
)


def test_supply(row):
    _, supply_mv, ms, state = row
    bench = running()
    bench.plant.supply_mv = supply_mv
    bench.run(ms)
    assert bench.state == state


STUCK_ROWS = (("long", 14_500, 0), ("stuck", 15_500, 3))


def test_stuck(row):
    _, ms, code = row
    bench = Bench()
    bench.run(100)
    bench.inputs.buttons = BUTTON_UP
    bench.run(ms)
    assert bench.controller.faults.code == code


CLEAR_ROWS = (
    # name, ms of the hold, ms until the press after it ends, state
    ("not long enough", 2_900, 1_000, s.FAULT),
    ("long enough", 3_200, 1_000, s.OFF),
    ("in time", 3_200, 4_800, s.OFF),
    ("too late", 3_200, 5_200, s.FAULT),
    ("stuck", 15_500, 1_000, s.FAULT),
)


def test_clear(row):
    _, ms, after_ms, state = row
    bench = running()
    bench.inputs.late_ms = 600
    bench.tick()
    bench.inputs.late_ms = 0
    bench.run(20_000)  # its code has been shown by then
    assert bench.state == s.FAULT
    bench.press(BUTTON_POWER, ms)
    assert bench.state == s.FAULT, "the hold alone clears nothing"
    bench.run(after_ms - 900)  # the debounce before and both parts of the press are the rest
    bench.press(BUTTON_POWER)
    assert bench.state == state


PAUSE_ROWS = (("may be resumed", 290_000, s.PAUSE), ("is over", 312_000, s.OFF))


def test_pause(row):
    _, ms, state = row
    bench = running()
    bench.plant.supply_mv = 10_000
    bench.run(ms)
    assert bench.state == state


DEBOUNCE_ROWS = (("a spark", 20, 2), ("a touch", 80, 3))


def test_debounce(row):
    """Counted in levels: up by one, or not."""
    _, ms, level = row
    bench = running()
    bench.press(BUTTON_UP, 200)  # the first one stops the level's own rise
    bench.press(BUTTON_UP, 200)
    before = bench.controller.session.intensity.value
    bench.press(BUTTON_UP, ms)
    assert bench.controller.session.intensity.value - before + 2 == level


HEAT_SET_ROWS = (("one", 1, 41_000), ("two", 2, 42_000), ("three", 3, 43_000))


def test_heat_set(row):
    _, presses, set_mc = row
    bench = running()
    bench.run(1_000)
    for _ in range(presses):
        bench.press(BUTTON_HEAT, 200)
    bench.run(300)
    assert bench.controller.setpoints.heat_on and bench.controller.setpoints.heat_set_mc == set_mc


def test_the_boost_lasts_ten_minutes():
    bench = running()
    bench.run(1_000)
    bench.press(BUTTON_HEAT, 2_500)
    bench.run(590_000)
    assert bench.controller.setpoints.heat_set_mc == 44_500
    bench.run(15_000)
    assert bench.controller.setpoints.heat_set_mc == 41_000


def test_the_heat_ends_after_twenty_minutes():
    bench = running()
    bench.run(1_000)
    bench.press(BUTTON_HEAT, 200)
    bench.run(1_180_000)
    assert bench.controller.setpoints.heat_on
    bench.run(30_000)
    assert not bench.controller.setpoints.heat_on


def test_late_now_and_then_is_made_up_for():
    """Lost time is forgotten by as much as 2 ms in each tick that comes in time."""
    bench = running()
    for _ in range(20):
        bench.inputs.late_ms = 150
        bench.tick()
        bench.inputs.late_ms = 0
        bench.run(1_500)
    assert bench.state == s.RUN
