"""Setpoints of the regulators from a program's phase and a level, inside limits.py."""

from micropython import const

from massager.core import limits
from massager.core.session import program_format
from massager.core.signals import MOTOR_FADE, PATTERN_FOOT_FIRST, Setpoints
from massager.core.units import clamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CHAMBERS_MAX = const(4)
_WHOLE = const(1_000)
_LAST_REST_MS = const(50_000)  # a rest that begins before this is over, a longer one outlasts it


def begin(setpoints: Setpoints, phase: "tuple[Any, ...]") -> None:
    """Write the setpoints that stay constant through a phase. `ask` has to follow."""
    pattern = phase[program_format.PATTERN]
    motor = phase[program_format.MOTOR]
    setpoints.air_on = pattern >= 0
    setpoints.pattern = clamp(pattern, 0, PATTERN_FOOT_FIRST)
    setpoints.hold_ms = clamp(phase[program_format.HOLD_MS], 0, limits.HOLD_SET_MAX_MS)
    setpoints.rest_ms = clamp(
        phase[program_format.REST_MS], limits.REST_SET_MIN_MS, limits.REST_SET_MAX_MS
    )
    setpoints.quiet = phase[program_format.FADES]
    setpoints.gradient_permille = clamp(
        phase[program_format.GRADIENT_PERMILLE], 0, limits.GRADIENT_SET_MAX_PERMILLE
    )
    setpoints.boost_chamber = clamp(phase[program_format.BOOST_CHAMBER], 0, _CHAMBERS_MAX)
    setpoints.boost_permille = clamp(
        phase[program_format.BOOST_PERMILLE], _WHOLE, limits.BOOST_SET_MAX_PERMILLE
    )
    setpoints.boost_ms = clamp(phase[program_format.BOOST_MS], 0, limits.BOOST_SET_MAX_MS)
    setpoints.motor_on = motor >= 0
    setpoints.motor_pattern = clamp(motor, 0, MOTOR_FADE)


def ask(setpoints: Setpoints, phase: "tuple[Any, ...]", level: int, left_ms: int) -> None:
    """Write pressure and speed for `level` 1…5 with `left_ms` of the session to come.

    A fading phase glides over its own length to the lowest pressure and speed there are.
    """
    share = _WHOLE
    if phase[program_format.FADES]:
        share = clamp(
            left_ms // (clamp(phase[program_format.MINUTES], 1, program_format.MINUTES_MAX) * 60),
            0,
            _WHOLE,
        )
        if left_ms <= _LAST_REST_MS:
            setpoints.rest_ms = limits.REST_SET_MAX_MS  # the last squeeze has been
    low = limits.PRESSURE_SET_MIN_PA
    top = clamp(phase[program_format.PRESSURE_PA], low, limits.PRESSURE_SET_MAX_PA)
    setpoints.pressure_set_pa = _intensity(top, low, limits.PRESSURE_LEVELS_PA, level, share)
    low = limits.MOTOR_MIN_RPM
    top = clamp(phase[program_format.SPEED_RPM], low, limits.MOTOR_MAX_RPM)
    setpoints.motor_set_rpm = _intensity(top, low, limits.MOTOR_LEVELS_RPM, level, share)


def _intensity(top: int, low: int, levels: "tuple[int, ...]", level: int, share: int) -> int:
    """Return `top` scaled to an intensity: as far below it as the usual level is below the
    highest; of what is above `low`, `share` thousandths."""
    wanted = (
        top
        * levels[clamp(level, 1, program_format.LEVELS) - 1]
        // levels[program_format.LEVELS - 1]
    )
    return low + (wanted - low) * share // _WHOLE if wanted > low else low
