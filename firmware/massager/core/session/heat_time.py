"""How long the pad may stay warm: a default, a ceiling, and a short boost."""

from micropython import const

from massager.core import limits

HEAT_OFF = const(0)
HEAT_BOOST = len(limits.HEAT_LEVELS_MC) + 1

_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS


class HeatTime:
    """Counts a session's heat; `level` 0 off, 1…3, or HEAT_BOOST.

    Heat ends by itself after HEAT_DEFAULT_MS. A person who asks again gets more, up to
    HEAT_MAX_MS a session. The boost falls back to the lowest level when its time is up.
    """

    def __init__(self):
        self.level = HEAT_OFF
        self._left_ms = 0
        self._more_ms = 0
        self._boost_left_ms = 0

    def start(self, level):
        """A session begins, at heat level `level`."""
        self.level = level
        self._left_ms = limits.HEAT_DEFAULT_MS
        self._more_ms = limits.HEAT_MAX_MS - limits.HEAT_DEFAULT_MS
        self._boost_left_ms = limits.HEAT_BOOST_MS

    def cycle(self):
        """Off, 41, 42, 43 °C, off."""
        self._ask(HEAT_OFF if self.level >= HEAT_BOOST - 1 else self.level + 1)

    def boost(self):
        """44.5 °C for what is left of the boost's time."""
        if self._boost_left_ms > 0:
            self._ask(HEAT_BOOST)

    def _ask(self, level):
        self.level = level
        if level and self._left_ms <= 0:
            self._left_ms = self._more_ms
            self._more_ms = 0
            if self._left_ms <= 0:
                self.level = HEAT_OFF

    def step(self, targets):
        """100 ms of running: write the heat part of `targets`."""
        if self.level == HEAT_OFF:
            targets.heat_on = False
            return
        if self._left_ms <= 0:
            self.level = HEAT_OFF
            targets.heat_on = False
            return
        self._left_ms -= _STEP_MS
        targets.heat_on = True
        if self.level < HEAT_BOOST:
            targets.heat_set_mc = limits.HEAT_LEVELS_MC[self.level - 1]
            return
        targets.heat_set_mc = limits.HEAT_BOOST_MC
        self._boost_left_ms -= _STEP_MS
        if self._boost_left_ms <= 0:
            self.level = 1
