"""From a phase of a program and a level to what is asked of the regulators, inside limits.py."""

from micropython import const

from massager.core import limits
from massager.core.session import form
from massager.core.signals import MOTOR_FADE, PATTERN_FOOT_FIRST
from massager.core.units import clamp

_CHAMBERS_MAX = const(4)
_WHOLE = const(1_000)
_LAST_REST_MS = const(50_000)  # a rest that begins before this is over, a longer one outlasts it


def begin(targets, phase):
    """A phase begins: write what stays as it is to its end. `ask` has to follow."""
    pattern = phase[form.PATTERN]
    motor = phase[form.MOTOR]
    targets.air_on = pattern >= 0
    targets.pattern = clamp(pattern, 0, PATTERN_FOOT_FIRST)
    targets.hold_ms = clamp(phase[form.HOLD_MS], 0, limits.HOLD_SET_MAX_MS)
    targets.rest_ms = clamp(phase[form.REST_MS], limits.REST_SET_MIN_MS, limits.REST_SET_MAX_MS)
    targets.gently = phase[form.FADES]
    targets.gradient_permille = clamp(
        phase[form.GRADIENT_PERMILLE], 0, limits.GRADIENT_SET_MAX_PERMILLE
    )
    targets.boost_chamber = clamp(phase[form.BOOST_CHAMBER], 0, _CHAMBERS_MAX)
    targets.boost_permille = clamp(
        phase[form.BOOST_PERMILLE], _WHOLE, limits.BOOST_SET_MAX_PERMILLE
    )
    targets.boost_ms = clamp(phase[form.BOOST_MS], 0, limits.BOOST_SET_MAX_MS)
    targets.motor_on = motor >= 0
    targets.motor_pattern = clamp(motor, 0, MOTOR_FADE)


def ask(targets, phase, level, left_ms):
    """Write pressure and speed for `level` 1…5 with `left_ms` of the session to come.

    A fading phase glides over its own length to the lowest pressure and speed there are.
    """
    share = _WHOLE
    if phase[form.FADES]:
        share = clamp(left_ms // (clamp(phase[form.MINUTES], 1, form.MINUTES_MAX) * 60), 0, _WHOLE)
        if left_ms <= _LAST_REST_MS:
            targets.rest_ms = limits.REST_SET_MAX_MS  # the last squeeze has been
    low = limits.PRESSURE_SET_MIN_PA
    top = clamp(phase[form.PRESSURE_PA], low, limits.PRESSURE_SET_MAX_PA)
    targets.pressure_set_pa = _strength(top, low, limits.PRESSURE_LEVELS_PA, level, share)
    low = limits.MOTOR_MIN_RPM
    top = clamp(phase[form.SPEED_RPM], low, limits.MOTOR_MAX_RPM)
    targets.motor_set_rpm = _strength(top, low, limits.MOTOR_LEVELS_RPM, level, share)


def _strength(top, low, levels, level, share):
    """`top` as much lower as the usual level is below the highest; of what is above `low`,
    `share` thousandths."""
    wanted = top * levels[clamp(level, 1, form.LEVELS) - 1] // levels[form.LEVELS - 1]
    return low + (wanted - low) * share // _WHOLE if wanted > low else low
