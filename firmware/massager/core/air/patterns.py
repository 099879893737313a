"""How the chambers take turns, as data: which are on the manifold, stage by stage.

All chambers that hold pressure share one manifold: a chamber that is not on it vents. So a
wave keeps the earlier chambers joined while the next one fills, and they sag and rise
together with it; a ripple hands the air of one chamber on to the next before letting go.
"""

from micropython import const

from massager.core import limits
from massager.core.signals import PATTERN_RIPPLE, PATTERN_SQUEEZE, STAGES
from massager.core.units import clamp

_MASKS = const(0)  # chambers on the manifold in each stage, as bits
_HOLDS_EACH = const(1)  # every stage is held; otherwise the last one

_ROWS: tuple = (  # by PATTERN_*
    ((1, 3, 7, 15), False),
    ((1, 2, 4, 8), True),
    ((15,), True),
    ((1, 15), True),
)


def stage_mask(pattern, stage, everything):
    """The chambers of `stage` among those there are (`everything`); 0 past the last stage."""
    masks = _ROWS[pattern][_MASKS]
    if stage >= len(masks):
        return 0
    mask = masks[stage] & everything
    return 0 if stage and mask == masks[stage - 1] & everything else mask


def stage_set_pa(targets, stage):
    """The pressure to hold in `stage`, inside the limits."""
    set_pa = targets.pressure_set_pa
    if targets.pattern == PATTERN_RIPPLE:
        fall_permille = clamp(targets.gradient_permille, 0, limits.GRADIENT_SET_MAX_PERMILLE)
        set_pa -= set_pa * fall_permille // 1000 * stage
    if _is_boosted(targets, stage):
        boost_permille = clamp(targets.boost_permille, 1_000, limits.BOOST_SET_MAX_PERMILLE)
        set_pa = set_pa * boost_permille // 1000
    return clamp(set_pa, limits.PRESSURE_SET_MIN_PA, limits.PRESSURE_SET_MAX_PA)


def stage_hold_ms(targets, stage, is_last):
    """How long `stage` is held, inside the limits; 0 where the next one follows at once."""
    hold_ms = targets.hold_ms if is_last or _ROWS[targets.pattern][_HOLDS_EACH] else 0
    if _is_boosted(targets, stage):
        hold_ms += clamp(targets.boost_ms, 0, limits.BOOST_SET_MAX_MS)
    return clamp(hold_ms, 0, limits.HOLD_SET_MAX_MS)


def hands_on(pattern):
    """Whether a stage lets go of the chambers of the one before, handing their air on."""
    return pattern == PATTERN_RIPPLE


def is_on_the_minute(pattern):
    """Whether the holds begin once a minute."""
    return pattern == PATTERN_SQUEEZE


def index(pattern, stage):
    """Where what is learnt of a stage lives."""
    return pattern * STAGES + stage


def count(mask):
    """How many chambers `mask` names, 1 at least."""
    found = 0
    while mask:
        found += mask & 1
        mask >>= 1
    return max(1, found)


def _is_boosted(targets, stage):
    return stage + 1 == targets.boost_chamber
