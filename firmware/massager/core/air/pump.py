"""Drives the pump to a pressure and keeps it there: soft start, stop in time, top up.

The pump coasts and the manifold runs ahead of the chambers while air flows, so where the
pressure settles is not where the pump was stopped. That difference is learnt for every
stage; until it is known it is the slope times the pump's usual lag. A stroke moves air in
proportion to its length, so a missing pressure is made up by one stroke of the right length.
"""

from array import array

from micropython import const

from massager.core import limits
from massager.core.signals import PATTERNS, STAGES
from massager.core.units import clamp

IDLE = const(0)
RUN = const(1)
COAST = const(2)  # stopped, waiting for the pressure to settle
STROKE = const(3)  # a short one that makes up for a leak
SLOPE_MS = const(120)  # what a slope is counted in: by so much the two filters differ in time
SLOPE_MAX_PA = const(4_000)
FAR_PA = const(100_000)  # a set pressure for pumping on without a look at the pressure
BITS = const(4)  # the filters keep this many bits below a pascal
_FAST_SHIFT = const(1)  # 20 ms
_SLOW_SHIFT = const(3)  # 140 ms
_START_PERMILLE = const(870)  # surely starts at 11 V; full power at once would be louder
_SOFT_PERMILLE = const(8)  # a step: full power after a third of a second
_GENTLE_PERMILLE = const(650)  # the pump runs on, half as fast
_GENTLE_SLOPE_PA = const(100)  # 6 mmHg/s: stopping in time needs a slower approach …
_GENTLE_LAGS = const(3)  # … this many lags ahead
_FIRST_LAGS = const(2)  # before anything is learnt, rather short than over
_COAST_TICKS = const(25)
_SLOPE_SHIFT = const(3)  # a slope is the mean of the last 160 ms: one reading's is mostly noise
_MISSING_PA = const(100)  # 0.75 mmHg: below that a stroke is not worth its noise
_SPARE_PA = const(40)  # a stroke aims this far above, so that the next one comes later
_MISSING_TICKS = const(15)  # a leg that moves is back by then
_STROKE_MIN_TICKS = const(2)
_STROKE_MAX_MS = const(600)  # a longer one is a run, which watches the pressure
_STROKE_AIR_PERMILLE = const(840)  # of full flow, at _START_PERMILLE
_OVERRUN_MAX_PA = const(667)
_UNKNOWN = const(-9_999)
_FRICTION_PERMILLE = const(200)  # this much of the voltage moves no air
AIR_PER_MS = const(40)  # full voltage less friction, in a millisecond of a step


class Pump:
    """Proposes `permille`; `reached` once the pressure has settled near the set pressure.

    `pa` is the pressure without its noise, `slow` the same with less of it and later, as
    Pa << BITS. `air` are the strokes of this stage, AIR_PER_MS for each millisecond at full flow;
    `run_ms` and `risen_pa`: how long it has run, strokes apart, and how far it got, from
    `from_pa` on.
    """

    def __init__(self, slopes_pa):
        self.permille = self.pa = 0
        self._fast = self.slow = 0
        self._slopes_pa = slopes_pa  # learnt, by stage
        self._overruns_pa = array("i", [_UNKNOWN] * PATTERNS * STAGES)
        self._stop_pa = self._left = 0  # left: ticks of this coast, stroke or wait
        self.learns = True  # whether this run ends at the stage's own pressure
        self.begin(0)
        self.off()

    def track(self, pressure_pa):
        """Take one reading; every step, before everything else."""
        level = pressure_pa << BITS
        fast = self._fast + ((level - self._fast) >> _FAST_SHIFT)
        self._fast = fast
        self.pa = fast >> BITS
        self.slow += (level - self.slow) >> _SLOW_SHIFT

    def forget(self, pressure_pa):
        """A jump that was no pressure of the chambers is over: back to `pressure_pa`."""
        self.pa = pressure_pa
        self._fast = self.slow = pressure_pa << BITS

    def begin(self, index):
        """A stage begins; `index` says which, see `Settings.air_slope_pa`."""
        self._index = index
        self.air = self._full_slope = 0
        self.rise()

    def rise(self):
        """Start towards the set pressure; `run_ms` and `risen_pa` count from here."""
        self.run_ms = self.risen_pa = 0
        self.from_pa = self.slow >> BITS
        self.run()

    def run(self):
        """Go on towards the set pressure."""
        self.phase = RUN
        self.reached = False
        self.strokes = 0  # top-ups since
        self._ran = True
        self._ahead_pa = self._overruns_pa[self._index] if self.learns else 0
        if not self.permille:
            self.permille = _START_PERMILLE

    def slope_pa(self):
        """The rise in SLOPE_MS at full flow in this stage; 0: not seen."""
        return min(self._full_slope >> BITS, SLOPE_MAX_PA)

    def off(self):
        """Stop at once."""
        self.permille = 0
        self.phase = IDLE
        self.reached = False

    def step(self, set_pa):
        """One step towards `set_pa`."""
        permille = self.permille
        if permille:
            self.air += permille - _FRICTION_PERMILLE
        missing_pa = set_pa - self.pa
        phase = self.phase
        if phase == RUN:
            self.run_ms += limits.AIR_TICK_MS
            slope_pa = (self._fast - self.slow) >> BITS
            ahead_pa = self._ahead_pa
            if ahead_pa == _UNKNOWN:
                ahead_pa = slope_pa * _FIRST_LAGS
            if missing_pa <= ahead_pa:
                self._coast()
            elif slope_pa > _GENTLE_SLOPE_PA and missing_pa <= slope_pa * _GENTLE_LAGS:
                self.permille = _GENTLE_PERMILLE
            elif permille < 1_000:
                self.permille = clamp(permille + _SOFT_PERMILLE, _START_PERMILLE, 1_000)
            else:
                self._full_slope += (self._fast - self.slow - self._full_slope) >> _SLOPE_SHIFT
        elif phase == IDLE and missing_pa <= _MISSING_PA:
            self._left = _MISSING_TICKS
        elif self._left > 1:
            self._left -= 1
        elif phase == STROKE:
            self._coast()
        elif phase == COAST:
            self._settle()
        else:
            self._stroke(missing_pa + _SPARE_PA)

    def _coast(self):
        self.permille = 0
        self.phase = COAST
        self._left = _COAST_TICKS
        self._stop_pa = self.pa
        self.reached = self._ran and self._ahead_pa != _UNKNOWN

    def _settle(self):
        if self._ran:
            self.risen_pa = self.pa - self.from_pa
            if self.learns:
                overrun_pa = clamp(self.pa - self._stop_pa, -_OVERRUN_MAX_PA, _OVERRUN_MAX_PA)
                if self._ahead_pa != _UNKNOWN:
                    overrun_pa = (self._ahead_pa + overrun_pa) >> 1
                self._overruns_pa[self._index] = overrun_pa
        self._ran = False
        self.reached = True
        self.phase = IDLE
        self._left = _MISSING_TICKS

    def _stroke(self, missing_pa):
        slope_pa = self.slope_pa() or self._slopes_pa[self._index] or SLOPE_MAX_PA
        ms = missing_pa * SLOPE_MS // max(slope_pa, 1) * 1000 // _STROKE_AIR_PERMILLE
        if ms > _STROKE_MAX_MS or not self.learns:
            self.run()
            return
        self._left = max(ms // limits.AIR_TICK_MS, _STROKE_MIN_TICKS)
        self.permille = _START_PERMILLE
        self.phase = STROKE
        self.strokes += 1
