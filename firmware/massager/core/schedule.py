"""The schedule of the core: what runs in which tick of every ten.

The controller counts ticks 0…9 and hands the count to everybody: to the guards as an
argument, to all who come after it in `Status.tick`. Pressure, buttons and the gate are dealt
with in every tick. What runs 50 times a second has the odd ticks or the even ones, everything
slower has one tick of its own, so that no tick carries much.
"""

from micropython import const

from massager.core import limits

TICKS = limits.SLOW_TICKS
LAST = TICKS - 1
SLOW_MS = limits.TICK_MS * TICKS  # from one tick to the same of the next ten

# `tick & ODD`: regulate the air, judge the heater's switches. In the even ticks: read the tach,
# regulate and guard the motor, guard what of the air takes its time to show.
ODD = const(1)

SENSE = const(0)  # the pad's temperature, from the mean of ten readings
REPORT = const(0)  # fill the slow fields of `Status`, ahead of the lights
LEDS_A = const(1)  # one light of the stick each …
GUARD_PAD = const(2)
DOSE = const(2)  # behind the light of tick 1 and ahead of that of tick 3
LEDS_B = const(3)
BLACKBOX = const(3)
DRAIN = const(4)  # what was typed is thrown away
REGULATE_HEAT = const(4)
LEDS_STATE = const(5)  # … and the last light with the rhythms
SESSION = const(6)
GUARD_SYSTEM = const(6)  # supply, buttons and heat lock; GUARD_PAD is their other tick
SETPOINTS = const(7)
TELEMETRY = const(7)  # a line begins; two of its fields are sent in every tick
GUARD_MOTOR = const(8)  # how warm the motor is
GUARD_DWELL = const(8)  # how long each chamber has been held
SESSION_RECORD = const(8)
GUARD_PAD_SLOW = const(9)  # what of the pad takes its time to show
DECIDE = const(9)  # without a gesture or a fault: has the session or the self-test ended?
PIXELS = const(9)  # the stick of lights is written
