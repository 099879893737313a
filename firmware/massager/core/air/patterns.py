"""How the chambers take turns, as data: which are on the manifold, stage by stage.

All chambers that hold pressure share one manifold: a chamber that is not on it vents. So a
wave keeps the earlier chambers joined while the next one fills, and they sag and rise
together with it; a ripple hands the air of one chamber on to the next before letting go.
"""

from massager.core import limits
from massager.core.signals import PATTERN_FOOT_FIRST, PATTERN_RIPPLE, PATTERN_WAVE
from massager.core.units import clamp

_MASKS = (  # by PATTERN_*: chambers on the manifold in each stage, as bits
    b"\x01\x03\x07\x0f",
    b"\x01\x02\x04\x08",
    b"\x0f",
    b"\x01\x0f",
)


def stage_mask(pattern, stage, everything):
    """The chambers of `stage` among those there are (`everything`); 0 past the last stage."""
    masks = _MASKS[pattern]
    if stage >= len(masks):
        return 0
    mask = masks[stage] & everything
    return 0 if stage and mask == masks[stage - 1] & everything else mask


def stage_set_pa(setpoints, pattern, stage):
    """The pressure to hold in `stage`, inside the limits."""
    set_pa = setpoints.pressure_set_pa
    if pattern == PATTERN_RIPPLE:
        fall_permille = clamp(setpoints.gradient_permille, 0, limits.GRADIENT_SET_MAX_PERMILLE)
        set_pa -= set_pa * fall_permille // 1000 * stage
    if stage + 1 == setpoints.boost_chamber:
        boost_permille = clamp(setpoints.boost_permille, 1_000, limits.BOOST_SET_MAX_PERMILLE)
        set_pa = set_pa * boost_permille // 1000
    return clamp(set_pa, limits.PRESSURE_SET_MIN_PA, limits.PRESSURE_SET_MAX_PA)


def stage_hold_ms(setpoints, pattern, stage, is_last):
    """How long `stage` is held, inside the limits; 0 where the next one follows at once."""
    hold_ms = setpoints.hold_ms if is_last or pattern != PATTERN_WAVE else 0
    if stage + 1 == setpoints.boost_chamber:
        hold_ms += clamp(setpoints.boost_ms, 0, limits.BOOST_SET_MAX_MS)
    is_twice = pattern == PATTERN_FOOT_FIRST
    return clamp(hold_ms, 0, limits.HOLD_SET_TWICE_MAX_MS if is_twice else limits.HOLD_SET_MAX_MS)
