"""Drive every output to its safe level before anything can fail.

On this chip PWM outlives exceptions, hangs and resets; taking a pad as a plain output
takes it away from PWM. The levels are part of this file, so that a missing or broken
package never leaves a pad driven.
"""

from machine import Pin

# (pin, level) …, written in by deployment
SAFE_LEVELS = ()  # type: tuple[tuple[int, int], ...]

for number, level in SAFE_LEVELS:
    try:
        Pin(number, Pin.OUT, value=level)
    except ValueError as error:  # one wrong pin must not leave the others driven
        print("boot: pin", number, "refused:", error)

try:
    open("manifest.json").close()  # deployment writes it last, and takes it away first
except OSError:
    print("firmware incomplete: every output is off; run massager flash again")
