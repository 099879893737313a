"""The programs a person can choose, as data. Comfort, not therapy; no program can leave limits.py.

A program is (name, heat level at the start, phases). A phase is (minutes, air, motor,
level change, fades): `air` and `motor` say which of the two run, the level change is
added to the person's level, a fading phase glides from there to the lowest level and is
the taper that ends the session.
"""

from micropython import const

NAME = const(0)
HEAT_LEVEL = const(1)
PHASES = const(2)

MINUTES = const(0)
AIR = const(1)
MOTOR = const(2)
LEVEL_CHANGE = const(3)
FADES = const(4)

LEVELS = const(5)
START_LEVEL = const(2)  # evidence: start at the lowest or second-lowest setting

PROGRAMS = (
    # A session of 20–30 min in the hours before bed, with broad rocking of the calf.
    (
        "evening",
        0,
        (
            (5, True, True, -1, False),
            (21, True, True, 0, False),
            (4, True, True, 0, True),
        ),
    ),
    # Warm compression: 40–45 °C and 20–30 mmHg for 15–20 min, ankle first.
    (
        "warm",
        2,
        (
            (17, True, False, 0, False),
            (3, True, False, 0, True),
        ),
    ),
)
