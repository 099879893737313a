"""Motor patterns: inside the range, without jumps, of the right length."""

from massager.core import limits, signals
from massager.core.motor.patterns import PATTERNS, Pattern

NUMBERS = (signals.MOTOR_STEADY, signals.MOTOR_SWELL, signals.MOTOR_PULSE, signals.MOTOR_FADE)
SET_RPMS = (limits.MOTOR_MIN_RPM,) + limits.MOTOR_LEVELS_RPM + (limits.MOTOR_MAX_RPM,)
ROUND_TICKS = 15_000  # longer than any pattern


def walk(number, set_rpm, ticks=ROUND_TICKS):
    pattern = Pattern()
    return [pattern.step(number, set_rpm) for _ in range(ticks)]


def test_every_pattern_has_its_number_and_name():
    names = tuple([row[0] for row in PATTERNS])
    assert names == ("steady", "swell", "pulse", "fade")
    assert len(NUMBERS) == len(PATTERNS)


def test_no_pattern_leaves_the_range_or_jumps():
    step_rpm = limits.MOTOR_RAMP_RPM_PER_S * limits.MOTOR_TICK_MS // 1000
    for number in NUMBERS:
        for set_rpm in SET_RPMS:
            speeds = walk(number, set_rpm)
            assert min(speeds) >= limits.MOTOR_MIN_RPM and max(speeds) <= set_rpm
            last = set_rpm
            for rpm in speeds:
                assert abs(rpm - last) <= step_rpm, (number, set_rpm)
                last = rpm


def test_the_swell_rises_and_falls_over_10_to_60_s():
    length_ms = sum([step[0] for step in PATTERNS[signals.MOTOR_SWELL][2]])
    assert 10_000 <= length_ms <= 60_000
    speeds = walk(signals.MOTOR_SWELL, 2_000, length_ms // limits.MOTOR_TICK_MS * 2)
    half = len(speeds) // 2
    assert speeds[:half] == speeds[half:]
    assert max(speeds) == 2_000 and min(speeds) < 1_200


def test_the_fade_falls_ever_more_slowly_and_stays_at_the_slowest_speed():
    speeds = walk(signals.MOTOR_FADE, 2_000)
    falls = [speeds[i] - speeds[i + 1_000] for i in range(0, 12_000, 1_000)]
    assert min(falls) >= 0
    assert falls[0] > falls[5] > falls[11]
    assert speeds[-1] == limits.MOTOR_MIN_RPM
    assert walk(signals.MOTOR_FADE, 2_000, ROUND_TICKS + 5_000)[-1] == limits.MOTOR_MIN_RPM


def test_a_change_of_pattern_starts_the_new_one():
    pattern = Pattern()
    for _ in range(500):
        pattern.step(signals.MOTOR_SWELL, 2_000)
    assert pattern.step(signals.MOTOR_PULSE, 2_000) == 2_000


def test_a_set_point_of_zero_stays_zero():
    assert set(walk(signals.MOTOR_SWELL, 0, 100)) == {0}
