"""The speed regulator: accuracy, soft start, soft stop, missing sensors."""

from host_tests.core.motor.motor_bench import LINE, MotorBench
from massager.core import limits, signals
from massager.core.motor.speed import MotorSpeed
from massager.core.signals import Measurements

HOLD_ROWS = (
    # name, set rpm, mV lost to the load, supply mV
    ("slowest", 600, 600, 12_000),
    ("slowest under load", 600, 2_500, 12_000),
    ("middle", 1_400, 600, 12_000),
    ("middle under load", 1_400, 3_000, 12_000),
    ("middle on a weak supply", 1_400, 1_500, 10_600),
    ("fastest", 2_400, 1_500, 12_600),
)


def test_hold(row):
    _, set_rpm, load_mv, supply_mv = row
    bench = MotorBench()
    bench.load_mv = load_mv
    bench.supply_mv = supply_mv
    bench.run(10_000, set_rpm)
    worst = 0
    for _ in range(300):
        bench.tick(set_rpm)
        worst = max(worst, abs(bench.rpm - set_rpm))
    assert worst * 100 <= set_rpm, worst
    assert not bench.faults.active and not bench.rested_ms


def test_a_load_step_is_compensated():
    bench = MotorBench()
    bench.run(8_000)
    free_permille = bench.permille
    bench.load_mv += 800
    bench.run(600)
    assert abs(bench.rpm - 1_400) <= 14
    assert bench.permille > free_permille + 40


def test_the_set_point_ramps_within_its_limit():
    bench = MotorBench()
    bench.run(1_500, 2_000)
    last = bench.speed.ramp_rpm
    assert last > 0
    for set_rpm in (2_000, 800, 2_400):
        for _ in range(400):
            bench.tick(set_rpm)
            step = abs(bench.speed.ramp_rpm - last)
            assert step * 1000 <= limits.MOTOR_RAMP_RPM_PER_S * limits.MOTOR_TICK_MS
            last = bench.speed.ramp_rpm
        assert last == set_rpm


def test_the_kick_grows_until_the_shaft_moves_and_no_further():
    bench = MotorBench()
    bench.load_mv = 3_000
    seen = []
    while bench.speed.ramp_rpm == 0:
        bench.tick()
        seen.append(bench.permille)
    assert 250 < max(seen) <= limits.MOTOR_KICK_MAX_MV // 12 + 1
    assert len(seen) < 100
    bench.run(4_000)
    assert abs(bench.rpm - 1_400) <= 14


def test_full_duty_does_not_wind_up():
    bench = MotorBench()
    bench.run(8_000, 2_400)
    bench.load_mv = 6_000
    bench.run(10_000, 2_400)
    assert bench.permille == 1_000
    bench.load_mv = 600
    bench.run(1_500, 2_400)
    assert abs(bench.rpm - 2_400) <= 48


def test_a_shaft_that_stops_with_the_drive_at_zero_is_started_again():
    """As after false edges that showed far too much speed."""
    bench = MotorBench()
    bench.run(8_000)
    bench.speed._correction_rpm = -3_000
    bench.tach_lost = True
    bench.run(1_500)
    assert bench.permille == 0
    bench.tach_lost = False
    bench.run(4_000)
    assert abs(bench.rpm - 1_400) <= 28


def test_it_stops_within_the_limit_and_starts_softly_again():
    bench = MotorBench()
    bench.run(8_000, 2_400)
    bench.on = False
    bench.run(limits.MOTOR_STOP_MS)
    assert bench.permille == 0
    bench.on = True
    bench.tick()
    assert 0 < bench.permille < 100


def test_off_is_immediate():
    bench = MotorBench()
    bench.run(8_000)
    bench.speed.off()
    assert bench.speed.permille == 0 and bench.speed.ramp_rpm == 0


def open_loop_permille(supply_mv, set_rpm=1_400, ticks=1_000):
    speed = MotorSpeed(LINE)
    measured = Measurements()
    measured.supply_mv = supply_mv
    total = 0
    for tick in range(ticks):
        speed.step(signals.MOTOR_STEADY, set_rpm, measured)
        total += speed.permille if tick >= ticks - 100 else 0
    return total // 100


def test_without_a_tach_the_load_line_and_the_supply_give_the_duty():
    expected_mv = LINE["load_mv"] + 1_400 * (12_000 - LINE["load_mv"]) // LINE["rpm_at_12v"]
    for supply_mv in (10_600, 12_000, 13_000):
        assert abs(open_loop_permille(supply_mv) * supply_mv // 1000 - expected_mv) < 30
    assert open_loop_permille(signals.ABSENT) == open_loop_permille(12_000)


def test_one_wrong_edge_changes_the_drive_only_a_little():
    bench = MotorBench()
    bench.run(8_000)
    before = bench.permille
    bench.measured.motor_updates += 1
    bench.measured.motor_rpm = 10_000
    bench.speed.step(signals.MOTOR_STEADY, 1_400, bench.measured)
    assert before - bench.speed.permille < 300
