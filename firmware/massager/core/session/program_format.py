"""The form of a program: which number stands where, and `phase()`, which writes one.

A program is (name, heat, level, ramp, stretch, phases): `heat` is the heat level it starts
with or HEAT_AS_LAST; `level` the comfortable level until a person has shown theirs, or
LEVEL_AS_LAST; `ramp` the milliseconds before the level rises by one towards it, from the
lowest; `stretch` whether a light reminds of stretching at the end. A phase is the tuple
that `phase()` makes; a fading phase glides to the softest there is and ends the session.
"""

from micropython import const

from massager.core import limits
from massager.core.units import clamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = const(0)
HEAT = const(1)
LEVEL = const(2)
RAMP_MS = const(3)
STRETCH = const(4)
PHASES = const(5)

MINUTES = const(0)
FADES = const(1)
PATTERN = const(2)
PRESSURE_PA = const(3)
HOLD_MS = const(4)
REST_MS = const(5)
GRADIENT_PERMILLE = const(6)
BOOST_CHAMBER = const(7)
BOOST_PERMILLE = const(8)
BOOST_MS = const(9)
MOTOR = const(10)
SPEED_RPM = const(11)

NONE = const(-1)  # in place of a pattern: no air, or no motor, in this phase
MINUTES_MAX = limits.SESSION_MAX_MS // 60_000
LEVELS = const(5)
START_LEVEL = const(1)  # evidence: start at the lowest or second-lowest setting
HEAT_AS_LAST = const(-1)
LEVEL_AS_LAST = const(0)

_LEVEL_5_PA = const(4_000)
_LEVEL_5_RPM = const(2_000)


def phase(
    minutes: int,
    pattern: int = NONE,
    motor: int = NONE,
    fades: bool = False,
    pressure_pa: int = _LEVEL_5_PA,
    hold_ms: int = 5_000,
    rest_ms: int = 4_000,
    gradient_permille: int = 0,
    boost_chamber: int = 0,
    boost_permille: int = 1_000,
    boost_ms: int = 0,
    speed_rpm: int = _LEVEL_5_RPM,
) -> "tuple[Any, ...]":
    """Return one phase: patterns of signals.py; `pressure_pa` and `speed_rpm` at level 5.

    The other levels ask for as much less as limits.py says for the usual ones.
    """
    return (
        minutes,
        fades,
        pattern,
        pressure_pa,
        hold_ms,
        rest_ms,
        gradient_permille,
        boost_chamber,
        boost_permille,
        boost_ms,
        motor,
        speed_rpm,
    )


def minutes(program: "tuple[Any, ...]") -> int:
    """Return the length of a program in minutes, never more than MINUTES_MAX."""
    total = 0
    phases: tuple[tuple[Any, ...], ...] = program[PHASES]
    for one in phases:
        total = clamp(total + one[MINUTES], 0, MINUTES_MAX)
    return total
