"""From a phase of a program and a level to what is asked of the regulators, inside limits.py."""

from massager.core import limits
from massager.core.session import form
from massager.core.signals import MOTOR_FADE, PATTERN_FOOT_FIRST
from massager.core.units import clamp

_CHAMBERS_MAX = 4
_LAST_REST_MS = 50_000  # a rest that begins before this is over, a longer one outlasts the end


def ask(targets, phase, level, left_ms):
    """Write the air and motor parts of `targets`.

    `level` is 1…5; a fading phase glides over its own length, which ends with `left_ms`,
    to the lowest pressure and the lowest speed there are.
    """
    fades = phase[form.FADES]
    length_s = clamp(phase[form.MINUTES], 1, form.MINUTES_MAX) * 60
    left_s = clamp(left_ms // 1000, 0, length_s)
    pattern = phase[form.PATTERN]
    targets.air_on = pattern >= 0
    if targets.air_on:
        targets.pattern = min(pattern, PATTERN_FOOT_FIRST)
        low = limits.PRESSURE_SET_MIN_PA
        high = limits.PRESSURE_SET_MAX_PA
        pressure_pa = clamp(phase[form.PRESSURE_PA], low, high)
        pressure_pa = _at_level(pressure_pa, limits.PRESSURE_LEVELS_PA, level)
        pressure_pa = max(pressure_pa, low)
        if fades:
            pressure_pa = low + (pressure_pa - low) * left_s // length_s
        targets.pressure_set_pa = pressure_pa
        targets.hold_ms = clamp(phase[form.HOLD_MS], 0, limits.HOLD_SET_MAX_MS)
        rest_ms = phase[form.REST_MS]
        if fades and left_ms <= _LAST_REST_MS:
            rest_ms = limits.REST_SET_MAX_MS  # the last squeeze has been: it ends by itself
        targets.rest_ms = clamp(rest_ms, limits.REST_SET_MIN_MS, limits.REST_SET_MAX_MS)
        targets.gradient_permille = clamp(
            phase[form.GRADIENT_PERMILLE], 0, limits.GRADIENT_SET_MAX_PERMILLE
        )
        targets.boost_chamber = clamp(phase[form.BOOST_CHAMBER], 0, _CHAMBERS_MAX)
        targets.boost_permille = clamp(
            phase[form.BOOST_PERMILLE], 1_000, limits.BOOST_SET_MAX_PERMILLE
        )
        targets.boost_ms = clamp(phase[form.BOOST_MS], 0, limits.BOOST_SET_MAX_MS)
    motor = phase[form.MOTOR]
    targets.motor_on = motor >= 0
    if targets.motor_on:
        targets.motor_pattern = min(motor, MOTOR_FADE)
        low = limits.MOTOR_MIN_RPM
        speed_rpm = clamp(phase[form.SPEED_RPM], low, limits.MOTOR_MAX_RPM)
        speed_rpm = max(_at_level(speed_rpm, limits.MOTOR_LEVELS_RPM, level), low)
        if fades:
            speed_rpm = low + (speed_rpm - low) * left_s // length_s
        targets.motor_set_rpm = speed_rpm


def _at_level(at_top, levels, level):
    """`at_top` scaled as the usual levels are scaled to their highest."""
    return at_top * levels[clamp(level, 1, len(levels)) - 1] // levels[-1]
