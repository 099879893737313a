"""Each air fault is named correctly, on a leg whose fills have been learnt."""

from host_tests.core.air.air_bench import AirBench, plant_with
from host_tests.support.clone import clone
from massager.core import limits
from massager.core.air.sequencer import FILL, HOLD, REST, VENT
from massager.core.safety import fault_table
from massager.core.signals import PATTERN_FOOT_FIRST, PATTERN_RIPPLE, PATTERN_WAVE
from massager_tools.sim.model.air import SENSOR_FROZEN, SENSOR_OPEN, STUCK_OFF, STUCK_ON

_LEARNT: dict = {}


def learnt(pattern=PATTERN_WAVE, **more):
    """Return a bench after three good cycles, in the rest; made once, and a copy each time."""
    wanted = repr((pattern, sorted(more.items())))
    if wanted not in _LEARNT:
        _LEARNT[wanted] = _learn(pattern, **more)
    return clone(_LEARNT[wanted])


def _learn(pattern, **more):
    bench = AirBench(pattern, **more)
    bench.setpoints.rest_ms = 10_000
    assert bench.cycle(3) and bench.until(REST, 20)
    bench.run(1.2)  # the pump's last air may raise the pressure for a second
    assert not bench.names
    return bench


def broken(attribute, value):
    """Return what sets a value of the plant, of a list that of the second chamber."""

    def apply(bench):
        if isinstance(getattr(bench.plant, attribute), list):
            getattr(bench.plant, attribute)[1] = value
        else:
            setattr(bench.plant, attribute, value)

    return apply


NAME_ROWS = (
    # name, what breaks in the rest, first fault raised
    ("kinked hose", broken("hose_openness", 0.02), "HOSE_KINKED"),
    ("hose off", broken("extra_leak_mm", 4.0), "HOSE_OFF"),
    ("leak", broken("extra_leak_mm", 0.8), "LEAK"),
    ("valve that never opens", broken("valve_faults", STUCK_OFF), "VALVE_STUCK_CLOSED"),
    ("valve stuck on the manifold", broken("valve_faults", STUCK_ON), "VALVE_STUCK_OPEN"),
    ("weak pump", broken("pump_strength", 0.33), "PUMP_WEAK"),
    ("dead pump", broken("pump_strength", 0.0), "PUMP_OR_SENSOR_DEAD"),
    ("pump that cannot be stopped", broken("pump_stuck_on", True), "PRESSURE_RISING"),
    ("sensor open", broken("sensor_fault", SENSOR_OPEN), "PRESSURE_INVALID"),
    ("sensor frozen", broken("sensor_fault", SENSOR_FROZEN), "PUMP_OR_SENSOR_DEAD"),
)


def test_name(row):
    bench = learnt()
    row[1](bench)
    assert bench.until_named() == row[2]
    bench.run(12)
    assert bench.peak_pa < 60 * 133


COASTS_LONG = {"pump_stop_s": 0.15, "manifold_ml": 40.0}


def test_a_valve_that_stays_shut_before_a_pump_that_coasts_long_is_no_over_pressure():
    """The manifold alone fills at once: the other chambers take its air before it trips."""
    bench = learnt(PATTERN_FOOT_FIRST, plant=plant_with(COASTS_LONG))
    bench.plant.valve_faults[0] = STUCK_OFF
    highest_pa = 0
    while not bench.names:
        bench.tick()
        highest_pa = max(highest_pa, bench.plant.manifold_pa)
    assert bench.names == ["VALVE_STUCK_CLOSED"]
    assert highest_pa < limits.PRESSURE_TRIP_PA


STUCK_ON_ROWS = (("no exhaust", False), ("exhaust", True))


def test_stuck_on(row):
    """A pump whose switch welds as it stops is detected in the line test."""
    bench = AirBench(has_exhaust=row[1])
    assert bench.cycle(3)
    bench.plant.pump_stuck_on = True
    assert bench.until_named(5) == "PRESSURE_RISING"
    bench.run(10)
    assert bench.group.stops & fault_table.STOPS_ALL
    assert max(bench.plant.chamber_pa) < limits.VENTED_PA


WELDS_ROWS = (
    # name, volume of the manifold in mL, strength of the pump as a share
    ("wide manifold", 60.0, 0.7),
    ("wide manifold, weak pump", 60.0, 0.5),
    ("very wide manifold", 90.0, 1.0),
)


def test_welds(row):
    """A pump switch that welds in a hold is detected by the first line test, before a chamber
    fills again, although the exhaust is open until then."""
    _, manifold_ml, strength = row
    bench = AirBench(
        PATTERN_RIPPLE, 3, has_exhaust=True, plant=plant_with({"manifold_ml": manifold_ml})
    )
    bench.plant.pump_strength = strength
    assert bench.cycle(3) and bench.until(HOLD)
    bench.run(0.5)
    bench.names.clear()
    bench.plant.pump_stuck_on = True
    assert bench.until(VENT)
    bench.run(1)
    bench.peak_pa = 0.0
    bench.run(4)
    assert bench.names == ["PRESSURE_RISING"]
    assert bench.peak_pa < limits.SQUEEZED_PA


WRAP_ROWS = (("looser", 2.0, "WRAP_LOOSE"), ("tighter", 0.4, "WRAP_TIGHT"))


def test_wrap(row):
    """A leg wrapped anew is compared with what was learnt, in the next session."""
    settings = learnt().settings
    bench = AirBench(settings=settings)
    bench.plant.slack_factor = row[1]
    assert bench.until_named(60) == row[2]
    assert not bench.group.stops


def test_a_wrap_too_loose_for_a_fill_is_named():
    """More air than a fill may take is also more than was learnt."""
    bench = AirBench(settings=learnt().settings)
    bench.plant.slack_factor = 9.0
    assert bench.until_named(100) == "WRAP_LOOSE"


def test_a_wrap_is_not_compared_in_mid_session():
    """More air in later cycles is a leg that moves, or a slip too small to distinguish."""
    bench = learnt()
    bench.setpoints.rest_ms = 25_000
    bench.plant.slack_factor = 1.6
    assert bench.cycle(4)
    assert not bench.names


def test_a_pressure_far_above_the_set_point_ends_a_hold_before_it_is_an_over_pressure():
    """As when a valve drops out in a hold, with the pump still coasting into the manifold."""
    bench = learnt()
    bench.setpoints.pressure_set_pa = limits.PRESSURE_LEVELS_PA[-1]
    assert bench.cycle(2) and bench.until(HOLD, stage=1)
    for push_pa in range(0, 2_800, 100):
        bench.push_pa = push_pa
        bench.run(0.05)
    bench.run(1)
    assert bench.air.phase == VENT
    assert not bench.names


def test_a_kink_that_traps_air_is_no_closed_valve():
    """A closed valve lets no air out; a kink does, slowly, if only against a leak."""
    leaky = {"manifold_leak_mm": 0.15, "manifold_ml": 15.0}
    for pattern, more in ((PATTERN_WAVE, {}), (PATTERN_RIPPLE, {}), (PATTERN_FOOT_FIRST, leaky)):
        bench = learnt(pattern, plant=plant_with(more))
        assert bench.until(HOLD, stage=1)
        bench.run(1)
        bench.plant.hose_openness[1] = 0.02
        assert bench.until_named() == "HOSE_KINKED"


LEAKS_ROWS = (
    # name, which of five cycles leak, whether LEAK is raised
    ("twice", (1, 1, 0, 1, 1), False),
    ("three times", (0, 1, 1, 1, 0), True),
    ("every other time", (1, 0, 1, 0, 1), False),
)


def test_leaks(row):
    """A leak shows in three cycles in a row; a leg that moves does not."""
    _, cycles, expected = row
    bench = learnt()
    for leaks in cycles:
        assert bench.until(HOLD, stage=1)
        bench.plant.extra_leak_mm[1] = 0.8 * leaks
        assert bench.until(VENT)
        bench.plant.extra_leak_mm[1] = 0.0
        assert bench.until(REST)
    assert ("LEAK" in bench.names) == expected


SOUND_ROWS = (("two", 2, False), ("four", 4, False), ("with exhaust", 2, True))


def test_sound(row):
    bench = AirBench(chambers=row[1], has_exhaust=row[2])
    assert bench.cycle(4)
    assert not bench.names


def test_an_exhaust_that_stays_shut_is_a_notice_only():
    bench = learnt(has_exhaust=True)
    bench.plant.exhaust_fault = STUCK_ON
    assert bench.until_named() == "EXHAUST_STUCK"
    assert not bench.group.stops


def test_a_notice_ends_with_a_good_cycle():
    bench = learnt()
    bench.plant.pump_strength = 0.33
    assert bench.until_named() == "PUMP_WEAK"
    bench.plant.pump_strength = 1.0
    assert bench.cycle(2) and bench.until(REST, 20)
    assert not bench.air.diagnosis.conditions & fault_table.PUMP_WEAK


SPIKE_ROWS = (
    # name, ticks from one wrong reading to the next, µV then
    ("1 in 20 at full scale", 20, 3_150_000),
    ("1 in 20 at zero", 20, 0),
    ("1 in 10 at full scale", 10, 3_150_000),
    ("1 in 7 at zero", 7, 0),
)


def test_spike(row):
    """Single wrong readings of the sensor end no cycle and raise no fault."""
    _, ticks, uv = row
    bench = AirBench()
    bench.spike_every = ticks
    bench.spike_uv = uv
    assert bench.cycle(3)
    assert not bench.names
    assert max(bench.plant.chamber_pa) < 30 * 133


LEG_ROWS = (
    # name, phase in which the leg moves, mmHg, seconds
    ("push in the fill", FILL, 10, 0.6),
    ("sag in the fill", FILL, -10, 0.6),
    ("push in the hold", HOLD, 10, 0.6),
    ("sag in the hold", HOLD, -10, 0.6),
    ("new position in the hold", HOLD, 10, 3.0),
    ("new position sagging in the hold", HOLD, -10, 3.0),
)


def test_leg(row):
    """A leg that moves by 10 mmHg stops nothing, in any of four cycles."""
    _, phase, height_mmhg, seconds = row
    for pattern in (PATTERN_WAVE, PATTERN_RIPPLE):
        bench = learnt(pattern)
        for _ in range(4):
            assert bench.until(phase)
            bench.run(1)
            bench.push_pa = height_mmhg * 133
            bench.run(seconds)
            bench.push_pa = 0
            assert bench.cycle(1)
        assert not bench.group.stops, bench.names


PRESS_ROWS = (
    # name, slack, when in the vent, for how long, in seconds
    ("on a fuller wrap", 4.0, 2.5, 8),
    ("early", 6.0, 1.0, 5),
    ("late", 6.0, 2.5, 8),
    ("until a chamber is tested again", 6.0, 1.7, 6.5),
    ("until the guard can hardly verify it empty", 6.0, 2.0, 3.4),
)


def test_press(row):
    """A leg that presses on chambers while they vent is no kink and no stuck valve."""
    _, slack, after_s, seconds = row
    bench = learnt()
    bench.plant.slack_factor = slack
    assert bench.cycle(1, 200) and bench.until(VENT)
    bench.run(after_s)
    bench.push_pa = 10 * 133
    bench.run(seconds)
    bench.push_pa = 0
    bench.cycle(1, 200)
    assert not bench.group.stops, bench.names


def test_a_fill_without_any_pressure_is_abandoned():
    """A wrap that takes air for ever is named and stopped within the limit."""
    bench = AirBench()
    bench.plant.slack_factor = 50.0
    assert bench.until(FILL, 30)
    began_ms = bench.now_ms
    bench.until_named(150)
    assert bench.group.stops & fault_table.STOPS_AIR
    assert bench.names[0] in ("HOSE_OFF", "LEAK_OR_LOOSE")
    assert bench.now_ms - began_ms < 3 * limits.INFLATE_SIGN_MS
