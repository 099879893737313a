"""The programs to choose from, as data in the form of program_format.py. Comfort, not therapy.

No program can leave limits.py: the session holds every number of every program inside it,
and a person's own programs are checked before they are built in (`massager programs`).
What is known about each stands above it. The order is kept by what devices remember: new
programs go last.
"""

from micropython import const

from massager.core.session.program_format import HEAT_AS_LAST, LEVEL_AS_LAST, START_LEVEL, phase
from massager.core.signals import (
    MOTOR_FADE,
    MOTOR_STEADY,
    MOTOR_SWELL,
    PATTERN_FOOT_FIRST,
    PATTERN_RIPPLE,
    PATTERN_SQUEEZE,
    PATTERN_WAVE,
)

RELIEF = const(5)
"""The index of the program behind a long press of *program*."""

_MINUTE_A_LEVEL_MS = const(60_000)
_QUICKLY_MS = const(3_000)

PROGRAMS = (
    # Sessions of 20–30 min in the 2–4 h before bed, broad low-frequency rocking of the
    # calf, calf stretching for 2–3 min at the end (the routine the project serves). Heat as
    # the person last had it: it did not add to massage in the trial of Park 2020,
    # PMC7117678, and is there for comfort.
    (
        "evening",
        HEAT_AS_LAST,
        2,
        _MINUTE_A_LEVEL_MS,
        True,
        (
            phase(6, PATTERN_WAVE, MOTOR_STEADY),
            phase(20, PATTERN_WAVE, MOTOR_SWELL),
            phase(4, PATTERN_WAVE, MOTOR_FADE, fades=True),
        ),
    ),
    # A short one of 10–15 min right before lying down (the routine). Oscillation only, as
    # with the oscillating foot massager of Park 2020, PMC7117678 (n = 28).
    (
        "presleep",
        0,
        2,
        _MINUTE_A_LEVEL_MS,
        False,
        (
            phase(6, motor=MOTOR_SWELL),
            phase(6, motor=MOTOR_FADE, fades=True),
        ),
    ),
    # Warm compression as recommended for tired legs: 40–45 °C, 20–30 mmHg, 15–20 min, ankle
    # first, then up towards the knee (the routine). 42 °C stays below the dose limits.
    (
        "warm",
        2,
        3,
        _MINUTE_A_LEVEL_MS,
        False,
        (
            phase(17, PATTERN_FOOT_FIRST),
            phase(3, PATTERN_FOOT_FIRST, fades=True),
        ),
    ),
    # Lettieri & Eliasson, Chest 2009;135:74 (sham-controlled, n = 35): 40 cmH2O = 29.4 mmHg
    # = 3,920 Pa for 5 s each minute, at least 1 h daily. Level 5 is the trial's pressure.
    # The last minutes fade, which the trial did not.
    (
        "intermittent",
        0,
        5,
        _MINUTE_A_LEVEL_MS,
        False,
        (
            phase(56, PATTERN_SQUEEZE, pressure_pa=3_920, hold_ms=5_000, rest_ms=55_000),
            phase(
                4, PATTERN_SQUEEZE, pressure_pa=3_920, hold_ms=5_000, rest_ms=55_000, fades=True
            ),
        ),
    ),
    # After hard exercise: wait 30–60 min, lowest setting, 15–20 min (the routine).
    (
        "recovery",
        0,
        1,
        _MINUTE_A_LEVEL_MS,
        True,
        (
            phase(17, PATTERN_RIPPLE, MOTOR_STEADY, gradient_permille=100),
            phase(3, PATTERN_RIPPLE, MOTOR_FADE, gradient_permille=100, fades=True),
        ),
    ),
    # For waking up with restless legs: rocking only, at once, at the level that felt right
    # last. Nobody has tried this length; it follows the short session before sleep.
    (
        "relief",
        0,
        LEVEL_AS_LAST,
        _QUICKLY_MS,
        False,
        (
            phase(7, motor=MOTOR_SWELL),
            phase(5, motor=MOTOR_FADE, fades=True),
        ),
    ),
    # What the person sets is what runs: squeezing and rocking, evenly, 30 min as above.
    (
        "manual",
        HEAT_AS_LAST,
        START_LEVEL,
        _MINUTE_A_LEVEL_MS,
        False,
        (
            phase(26, PATTERN_WAVE, MOTOR_STEADY),
            phase(4, PATTERN_WAVE, MOTOR_FADE, fades=True),
        ),
    ),
)
