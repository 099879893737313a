"""The motor guard: which faults it raises, how fast, and what it tolerates."""

from host_tests.core.motor.motor_bench import MotorBench
from massager.core import limits
from massager.core.motor.thermal_model import MotorThermalModel
from massager.core.safety import fault_table

WRAP_MS = 1 << 30


def running(set_rpm=1_400, now_ms=0):
    bench = MotorBench(now_ms=now_ms)
    bench.run(8_000, set_rpm)
    assert not bench.faults.active and not bench.rested_ms
    return bench


STALL_ROWS = (
    # name, what breaks, running, fault
    ("blocked at rest", "blocked", False, fault_table.MOTOR_STALLED),
    ("blocked while turning", "blocked", True, fault_table.MOTOR_STALLED),
    ("tach lost at rest", "tach_lost", False, fault_table.TACH_LOST),
    ("tach lost while turning", "tach_lost", True, fault_table.TACH_LOST),
)


def test_stall(row):
    """Two rests, each with another start; then the right fault latches."""
    _, breaks, turning, fault = row
    bench = running() if turning else MotorBench()
    setattr(bench, breaks, True)
    rests = 0
    for _ in range(800):
        was = bench.permille
        bench.tick()
        rests += was > 0 and bench.permille == 0
    assert rests == limits.MOTOR_RETRIES + 1
    assert bench.faults.latched == fault
    assert bench.faults.stops == fault_table.STOPS_MOTOR


WRONG_SPEED_ROWS = (
    # name, edges for 100 true ones, set rpm, load mV, fault within 10 s, 0: none
    ("true", 100, 1_400, 600, 0),
    ("true, loaded", 100, 700, 3_000, 0),
    ("true, fastest without load", 100, 2_400, 200, 0),
    ("half of them", 50, 2_000, 600, fault_table.MOTOR_OVERHEATED),
)


def test_wrong_speed(row):
    """A measured speed that the drive cannot cause stops the motor within 10 s."""
    _, percent, set_rpm, load_mv, fault = row
    bench = running(set_rpm)
    bench.load_mv = load_mv
    bench.tach_percent = percent
    bench.run(10_000, set_rpm)
    assert bench.faults.latched == fault


def test_a_foot_that_blocks_briefly_costs_one_rest():
    bench = running()
    bench.blocked = True
    bench.run(1_000)
    assert bench.permille == 0
    bench.blocked = False
    bench.run(8_000)
    assert abs(bench.rpm - 1_400) <= 14
    assert not bench.faults.active


def test_a_blocked_shaft_is_driven_no_longer_than_the_limit():
    bench = running(2_000)
    bench.blocked = True
    driven = 0
    while bench.permille:
        bench.tick(2_000)
        driven += limits.TICK_MS
    assert driven <= limits.MOTOR_STALL_MS + 50


def test_a_stall_at_low_duty_is_cut_within_its_own_limit():
    bench = running(600)
    bench.blocked = True
    driven = 0
    while bench.permille:
        bench.tick(600)
        driven += limits.TICK_MS
    assert limits.MOTOR_STALL_MS < driven <= limits.MOTOR_STALL_LOW_MS + 50


def test_overspeed_stops_and_the_shorted_switch_trips_everything():
    bench = running(1_000)
    bench.shorted = True
    bench.run(2_500, 1_000)
    assert bench.faults.latched & fault_table.MOTOR_OVERSPEED
    assert bench.permille == 0
    bench.run(limits.MOTOR_RUNAWAY_MS + 1_000, 1_000)
    assert bench.faults.latched & fault_table.MOTOR_RUNAWAY
    assert bench.faults.stops & fault_table.STOPS_ALL


def test_a_runaway_from_rest_is_found():
    bench = MotorBench()
    bench.on = False
    bench.run(1_000)
    bench.shorted = True
    bench.run(limits.MOTOR_RUNAWAY_MS + 2_000, 2_400)
    assert bench.faults.latched & fault_table.MOTOR_RUNAWAY
    assert bench.faults.stops & fault_table.STOPS_ALL


def test_coasting_is_no_runaway():
    """A heavy eccentric may take ten seconds to stop, but its speed falls all the time."""
    bench = MotorBench()
    rpm = bench.measured.motor_rpm = 2_400
    bench.measured.motor_edges = 1
    bench.guard.step(0, bench.measured, 2_400, 500)
    for _ in range(100):
        rpm -= rpm // 20
        bench.measured.motor_rpm = rpm
        for _ in range(5):
            bench.now_ms += limits.MOTOR_TICK_MS
            bench.guard.step(bench.now_ms, bench.measured, 2_400, 0)
        assert not bench.guard.conditions


SLOWING_ROWS = (
    # name, rpm lost in three seconds of 2,000, whether it is a runaway
    ("a 25th", 80, True),
    ("a 12th", 165, False),
)


def test_slowing(row):
    _, lost_rpm, found = row
    bench = MotorBench()
    bench.measured.motor_edges = 1
    seen = False
    for step in range(200):
        bench.measured.motor_rpm = 2_000 - lost_rpm * step // 150
        bench.guard.step(step * limits.MOTOR_TICK_MS, bench.measured, 2_000, 0)
        seen = seen or bool(bench.guard.conditions & fault_table.MOTOR_RUNAWAY)
    assert seen == found


def test_a_level_down_is_no_overspeed():
    bench = running(2_400)
    bench.run(8_000, 800)
    assert not bench.faults.active


HEAT_ROWS = (
    # name, rpm, duty, seconds, too hot
    ("usual load", 1_400, 600, 3_600, False),
    ("just below the limit", 0, limits.MOTOR_HEAT_MV * 98 // 1_200, 3_600, False),
    ("twice the heat", 0, limits.MOTOR_HEAT_MV * 142 // 1_200, 60, False),
    ("twice the heat for long", 0, limits.MOTOR_HEAT_MV * 142 // 1_200, 140, True),
)


def test_heat(row):
    _, rpm, permille, seconds, hot = row
    heat = MotorThermalModel({"rpm_at_12v": 3_000})
    for _ in range(seconds * 10):
        heat.step(rpm, 12_000, permille // 10 if permille > 1_000 else permille)
    assert heat.too_hot == hot


def test_a_higher_supply_heats_sooner():
    """Blocked at full duty, the limit is reached after 21 s on 15 V, after 34 s on 12 V."""
    heat = MotorThermalModel({"rpm_at_12v": 3_000})
    steps = 0
    while not heat.too_hot and steps < 1_000:
        heat.step(0, 15_000, 1_000)
        steps += 1
    assert 190 < steps < 230


def test_the_model_cools_down():
    heat = MotorThermalModel({"rpm_at_12v": 3_000})
    for _ in range(3_000):
        heat.step(0, 12_000, 700)
    assert heat.too_hot
    for _ in range(limits.MOTOR_HEAT_S * 10):
        heat.step(0, 12_000, 0)
    assert not heat.too_hot


def test_without_a_tach_no_fault_is_raised():
    bench = MotorBench(has_tach=False)
    bench.blocked = True
    bench.run(20_000)
    assert not bench.guard.conditions and not bench.guard.cut


def test_the_wrap_of_the_clock_changes_nothing():
    def trace(now_ms):
        bench = running(now_ms=now_ms)
        bench.blocked = True
        permilles = []
        for _ in range(700):
            bench.tick()
            permilles.append((bench.permille, bench.faults.latched))
        return permilles

    plain = trace(0)
    for wrap_after_ms in (8_000, 8_300, 9_000, 11_000, 13_500):
        assert trace(WRAP_MS - wrap_after_ms) == plain, wrap_after_ms
