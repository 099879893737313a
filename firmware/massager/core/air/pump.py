"""Drives the pump to a pressure and keeps it there: soft start, stop in time, top up.

The pump coasts and the manifold runs ahead of the chambers while air flows, so where the
pressure settles is not where the pump was stopped. That difference is learnt for every
stage; until it is known it is the slope times the pump's usual lag. A stroke moves air in
proportion to its length, so a missing pressure is made up by one stroke of the right length.
"""

from array import array

from micropython import const

from massager.core import limits
from massager.core.air.trend import Trend
from massager.core.signals import PATTERNS, STAGES
from massager.core.units import clamp

IDLE = const(0)
RUN = const(1)
COAST = const(2)  # stopped, waiting for the pressure to settle
STROKE = const(3)  # a short one that makes up for a leak

_LAG_TICKS = const(6)  # in which a slope is counted, see trend.py
_SLOPE_MAX_PA = const(4_000)
_START_PERMILLE = const(870)  # surely starts at 11 V; full power at once would be louder
_SOFT_PERMILLE = const(8)  # a tick: full power after a third of a second
_GENTLE_PERMILLE = const(650)  # the pump runs on, half as fast
_GENTLE_SLOPE_PA = const(100)  # 6 mmHg/s: stopping in time needs a slower approach …
_GENTLE_LAGS = const(3)  # … this many lags ahead
_FIRST_LAGS = const(2)  # before anything is learnt, rather short than over
_COAST_TICKS = const(25)
_MISSING_PA = const(100)  # 0.75 mmHg: below that a stroke is not worth its noise
_FAR_PA = const(400)  # 3 mmHg: it stopped much too early, as when a leg pushed
_SPARE_PA = const(40)  # a stroke aims this far above, so that the next one comes later
_MISSING_TICKS = const(15)  # a leg that moves is back by then
_STROKE_MIN_TICKS = const(2)
_STROKE_MAX_TICKS = const(30)
_STROKE_AIR_PERMILLE = const(840)  # of full flow, at _START_PERMILLE
_OVERRUN_MAX_PA = const(667)
_UNKNOWN = const(-9_999)
_FRICTION_PERMILLE = const(200)  # this much of the voltage moves no air


class Pump:
    """Proposes `permille`; `reached` once the pressure has settled near the set pressure.

    `trend` has to be tracked every tick. `air_ms` are the strokes of this stage as
    milliseconds at full flow, `full_slope_pa` its slope at full flow (0: not seen).
    """

    def __init__(self, learnt):
        self.permille = 0
        self.trend = Trend()
        self._learnt = learnt
        self._overruns_pa = array("i", [_UNKNOWN] * PATTERNS * STAGES)
        self._ticks = 0
        self.short_ms = 0  # how much sooner the first run stopped than the next ones will
        self._stop_pa = 0
        self._stop_slope_pa = 1
        self.learns = True  # whether this run ends at the stage's own pressure
        self.begin(0)
        self.off()

    @property
    def air_ms(self):
        """Pumping in this stage, as time at full flow."""
        return self._air * limits.AIR_TICK_MS // (1000 - _FRICTION_PERMILLE)

    def begin(self, index):
        """A stage begins; `index` says which, see patterns.index."""
        self._index = index
        self._air = 0
        self.full_slope_pa = 0
        self.run()

    def run(self):
        """Start, or go on, towards the set pressure."""
        self.phase = RUN
        self.reached = False
        self.strokes = 0  # top-ups since
        self._ran = True
        if not self.permille:
            self.permille = _START_PERMILLE

    def off(self):
        """Stop at once."""
        self.permille = 0
        self.phase = IDLE
        self.reached = False

    def is_at(self, set_pa, near_pa):
        """Whether it has stopped at `set_pa`, by what is learnt or by what is seen."""
        if self.phase == COAST:
            return self._ran and self._overruns_pa[self._index] != _UNKNOWN
        return self.reached and set_pa - self.trend.pa <= near_pa

    def step(self, set_pa):
        """One tick towards `set_pa`, after the trend."""
        if self.permille:
            self._air += self.permille - _FRICTION_PERMILLE
        phase = self.phase
        self._ticks += 1
        if phase == RUN:
            ahead_pa = self._overruns_pa[self._index]
            if ahead_pa == _UNKNOWN:
                ahead_pa = self.trend.slope_pa * _FIRST_LAGS
            if self.trend.pa + ahead_pa >= set_pa:
                self._coast()
            elif (
                self.trend.slope_pa > _GENTLE_SLOPE_PA
                and self.trend.pa + self.trend.slope_pa * _GENTLE_LAGS >= set_pa
            ):
                self.permille = _GENTLE_PERMILLE
            else:
                self._push()
        elif phase == STROKE:
            if self._ticks >= 0:
                self._coast()
        elif phase == COAST:
            if self._ticks >= _COAST_TICKS:
                self._settle()
        elif set_pa - self.trend.pa <= _MISSING_PA:
            self._ticks = 0
        elif self._ticks >= _MISSING_TICKS:
            if set_pa - self.trend.pa > _FAR_PA:
                self.run()
            else:
                self._stroke(set_pa + _SPARE_PA - self.trend.pa)

    def go_on(self):
        """One tick of pumping without a look at the pressure."""
        if self.permille:
            self._air += self.permille - _FRICTION_PERMILLE
        self._push()

    def _push(self):
        self.permille = clamp(self.permille + _SOFT_PERMILLE, _START_PERMILLE, 1_000)
        if self.permille == 1_000:
            self.full_slope_pa = self.trend.slope_pa

    def _coast(self):
        self.permille = 0
        self.phase = COAST
        self._ticks = 0
        self.short_ms = 0
        self._stop_pa = self.trend.pa
        self._stop_slope_pa = max(1, self.trend.slope_pa)

    def _settle(self):
        if self._ran and self.learns:
            overrun_pa = clamp(self.trend.pa - self._stop_pa, -_OVERRUN_MAX_PA, _OVERRUN_MAX_PA)
            known_pa = self._overruns_pa[self._index]
            if known_pa == _UNKNOWN:
                short_pa = self._stop_slope_pa * _FIRST_LAGS - overrun_pa
                self.short_ms = short_pa * _LAG_TICKS * limits.AIR_TICK_MS // self._stop_slope_pa
            else:
                overrun_pa = (known_pa + overrun_pa) >> 1
            self._overruns_pa[self._index] = overrun_pa
        self._ran = False
        self.reached = True
        self.phase = IDLE
        self._ticks = 0

    def _stroke(self, missing_pa):
        slope_pa = self.full_slope_pa or self._learnt.slope_pa(self._index) or _SLOPE_MAX_PA
        ticks = missing_pa * _LAG_TICKS * 1000 // (max(slope_pa, 1) * _STROKE_AIR_PERMILLE)
        self._ticks = -clamp(ticks, _STROKE_MIN_TICKS, _STROKE_MAX_TICKS)
        self.permille = _START_PERMILLE
        self.phase = STROKE
        self.strokes += 1
