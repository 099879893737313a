"""Does the sensor still see the leg? Where nothing moves while the pump runs, it has to prove it.

While the slack of a wrap is taken up there is no pressure to see, so a sensor that has
died would go unnoticed: where pressure is due and nothing moves, the valves are let go for
some hundredths of a second, and a live sensor with a live pump jumps.
"""

from micropython import const

_STILL_PA = const(133)
_STILL_TICKS = const(75)  # where pressure is due: twice this in a tight wrap is 50 mmHg
_QUIET_PA = const(267)
_QUIET_TICKS = const(250)  # before that
_QUIET_NEW_TICKS = const(150)  # of a wrap that is not known yet
_BLINK_TICKS = const(5)
_BLINK_RISE_PA = const(1_100)

WAITING = const(0)
ALIVE = const(1)
DEAD = const(2)


class Stillness:
    """`blinks` while the valves have to be let go."""

    def __init__(self):
        self.blinks = False
        self.pa = 0  # where it has been still
        self._still_ticks = 0
        self._quiet_pa = 0
        self._quiet_ticks = 0
        self._quiet_max_ticks = _QUIET_TICKS
        self._blink_ticks = 0

    def begin(self, is_known):
        """A stage begins; `is_known`: how long it takes has been learnt."""
        self.blinks = False
        self._still_ticks = 0
        self._quiet_ticks = 0
        self._quiet_max_ticks = _QUIET_TICKS if is_known else _QUIET_NEW_TICKS

    def watch(self, pa, is_due):
        """One tick of pumping at the filtered pressure `pa`; may begin to blink."""
        if abs(pa - self._quiet_pa) > _QUIET_PA:
            self._quiet_pa = pa
            self._quiet_ticks = 0
        if abs(pa - self.pa) > _STILL_PA:
            self.pa = pa
            self._still_ticks = 0
        self._quiet_ticks += 1
        self._still_ticks += 1
        if self._quiet_ticks >= self._quiet_max_ticks or (
            is_due and self._still_ticks >= _STILL_TICKS
        ):
            self._still_ticks = 0
            self._quiet_ticks = 0
            self._blink_ticks = 0
            self.pa = pa
            self.blinks = True

    def blink(self, pressure_pa):
        """One tick of pumping against closed valves: WAITING, ALIVE or DEAD."""
        self._blink_ticks += 1
        if pressure_pa - self.pa >= _BLINK_RISE_PA:
            self.blinks = False
            return ALIVE
        if self._blink_ticks > _BLINK_TICKS:
            self.blinks = False
            return DEAD
        return WAITING
