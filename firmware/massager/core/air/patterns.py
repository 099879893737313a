"""Patterns as data: which chambers are on the manifold in each stage, pressure and hold time.

All chambers under pressure share one manifold; a chamber that is not on it vents. So a wave
keeps the earlier chambers connected while the next one fills, and they sag and rise with it; a
ripple passes the air of one chamber on to the next before it closes the first.
"""

from massager.core import limits
from massager.core.signals import (
    PATTERN_FOOT_FIRST,
    PATTERN_RIPPLE,
    PATTERN_WAVE,
    PATTERNS,
    STAGES,
    Setpoints,
)
from massager.core.units import clamp

EMPTIED_FILLS = PATTERNS * STAGES
"""Where the fills of emptied chambers begin; before them are those that follow a rest."""

_MASKS = (  # by PATTERN_*: chambers on the manifold in each stage, as bits
    b"\x01\x03\x07\x0f",
    b"\x01\x02\x04\x08",
    b"\x0f",
    b"\x01\x0f",
)


def stage_mask(pattern: int, stage: int, installed: int) -> int:
    """Return the chambers (bits) of `stage` among those `installed`; 0 past the last stage."""
    masks = _MASKS[pattern]
    if stage >= len(masks):
        return 0
    mask = masks[stage] & installed
    return 0 if stage and mask == masks[stage - 1] & installed else mask


def stage_set_pa(setpoints: Setpoints, pattern: int, stage: int) -> int:
    """Return the pressure of `stage` in Pa, PRESSURE_SET_MIN_PA … PRESSURE_SET_MAX_PA."""
    set_pa = setpoints.pressure_set_pa
    if pattern == PATTERN_RIPPLE:
        fall_permille = clamp(setpoints.gradient_permille, 0, limits.GRADIENT_SET_MAX_PERMILLE)
        set_pa -= set_pa * fall_permille // 1000 * stage
    if stage + 1 == setpoints.boost_chamber:
        boost_permille = clamp(setpoints.boost_permille, 1_000, limits.BOOST_SET_MAX_PERMILLE)
        set_pa = set_pa * boost_permille // 1000
    return clamp(set_pa, limits.PRESSURE_SET_MIN_PA, limits.PRESSURE_SET_MAX_PA)


def stage_hold_ms(setpoints: Setpoints, pattern: int, stage: int, is_last: bool) -> int:
    """Return the hold time of `stage` in ms, inside the limits; 0: the next follows at once."""
    hold_ms = setpoints.hold_ms if is_last or pattern != PATTERN_WAVE else 0
    if stage + 1 == setpoints.boost_chamber:
        hold_ms += clamp(setpoints.boost_ms, 0, limits.BOOST_SET_MAX_MS)
    is_twice = pattern == PATTERN_FOOT_FIRST
    return clamp(hold_ms, 0, limits.HOLD_SET_TWICE_MAX_MS if is_twice else limits.HOLD_SET_MAX_MS)


def stage_index(pattern: int, stage: int) -> int:
    """Return where `stage` stands in Settings.air_slope_pa: by pattern, then by stage."""
    return pattern * STAGES + stage


def stage_bit(index: int) -> int:
    """Return the bit of the stage at `index` (see `stage_index`) within its pattern."""
    return 1 << index % STAGES


def fill_index(pattern: int, stage: int, is_emptied: bool) -> int:
    """Return where the fill time of `stage` stands in Settings.air_fill_ms.

    Fills of chambers that had the time to empty (`is_emptied`) take longer, and are learnt
    apart: from EMPTIED_FILLS on.
    """
    index = pattern * STAGES + stage
    return index + EMPTIED_FILLS if is_emptied else index
