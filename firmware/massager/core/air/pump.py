"""Drive the pump to a pressure and keep it there: soft start, timely stop, top-up pulses.

The pump coasts, and while air flows the manifold is ahead of the chambers, so the pressure
settles elsewhere than where the pump was stopped. That difference, the overrun, is learnt for
every stage; before, it is estimated as the slope times the usual lag. A pulse moves air in
proportion to its length, so missing pressure is made up by one pulse of the right length.
"""

from array import array

from micropython import const

from massager.core import limits
from massager.core.signals import PATTERNS, STAGES
from massager.core.units import clamp

IDLE = const(0)
RUN = const(1)
COAST = const(2)  # stopped, waiting for the pressure to settle
PULSE = const(3)  # a short one that makes up for a leak
SLOPE_MS = const(120)  # slopes are Pa in this time: the delay between the two filters
SLOPE_MAX_PA = const(4_000)
UNLIMITED_PA = const(100_000)  # a set pressure for pumping on whatever the pressure is
BITS = const(4)  # the filters keep this many bits below a pascal
_FAST_SHIFT = const(1)  # 20 ms
_SLOW_SHIFT = const(3)  # 140 ms
_START_PERMILLE = const(870)  # surely starts at 11 V; full power at once would be louder
_SOFT_PERMILLE = const(8)  # a step: full power after a third of a second
_QUIET_PERMILLE = const(670)  # runs on at 10.5 V: a running pump stalls below 0.45 of 12 V
QUIET_FLOW_PERCENT = const(58)  # of the flow at full power
_KICK_TICKS = const(6)  # a pump turns after 0.1 s at _START_PERMILLE, and is not yet loud
_GENTLE_PERMILLE = const(650)  # the pump runs on, half as fast
_GENTLE_SLOPE_PA = const(100)  # 6 mmHg/s: stopping in time needs a slower approach …
_GENTLE_LAGS = const(3)  # … this many lags ahead
_FIRST_LAGS = const(2)  # before anything is learnt, rather short than over
_COAST_TICKS = const(25)
_SLOPE_SHIFT = const(3)  # a slope is the mean of the last 160 ms: one reading's is mostly noise
_MISSING_PA = const(100)  # 0.75 mmHg: below that a pulse is not worth its noise
_SPARE_PA = const(40)  # a pulse aims this far above, so that the next one comes later
_MISSING_TICKS = const(15)  # a leg that moves is back by then
_PULSE_MIN_TICKS = const(2)
_PULSE_MAX_MS = const(600)  # a longer one is a run, which watches the pressure
_PULSE_AIR_PERMILLE = const(840)  # of full flow, at _START_PERMILLE
_OVERRUN_MAX_PA = const(667)
_UNKNOWN = const(-9_999)
_FRICTION_PERMILLE = const(200)  # this much of the voltage moves no air
AIR_PER_MS = const(40)  # full voltage less friction, in a millisecond of a step


class Pump:
    """Propose `permille`; `reached` once the pressure has settled near the set pressure.

    `pa` is the pressure with little noise; `slow` the same with less noise and more delay, in
    Pa << BITS. `air` is the air pumped in this stage, AIR_PER_MS for each millisecond at full
    flow. `run_ms`, `from_pa` and `risen_pa` are the length of the run (pulses excluded), where
    it began and how far it got. `learns`: the run ends at the stage's own pressure. `pulses`
    counts top-ups since the run began. `quiet`: the pump runs at QUIET_FLOW_PERCENT.
    `slopes_pa` are the learnt slopes by stage.
    """

    def __init__(self, slopes_pa: "array[int]") -> None:
        self.permille = 0
        self.pa = 0
        self.slow = 0
        self.learns = True
        self.quiet = False
        self._on_ticks = 0  # since the pump was started
        self._fast = 0  # Pa << BITS
        self._slopes_pa = slopes_pa
        self._overruns_pa = array("i", [_UNKNOWN] * PATTERNS * STAGES)
        self._stop_pa = 0  # where this run was stopped
        self._left = 0  # ticks left of this coast, pulse or wait
        self.begin(0)
        self.off()

    def track(self, pressure_pa: int) -> None:
        """Take one reading; call it every step, before everything else."""
        level = pressure_pa << BITS
        fast = self._fast + ((level - self._fast) >> _FAST_SHIFT)
        self._fast = fast
        self.pa = fast >> BITS
        self.slow += (level - self.slow) >> _SLOW_SHIFT

    def reset_filters(self, pressure_pa: int) -> None:
        """Set the filters to `pressure_pa`, after a jump that was not the chambers' pressure."""
        self.pa = pressure_pa
        self._fast = self.slow = pressure_pa << BITS

    def begin(self, index: int) -> None:
        """Begin the stage `index`, see patterns.stage_index."""
        self._index = index
        self.air = 0
        self._full_slope = 0  # Pa << BITS, while at full power
        self.rise()

    def rise(self) -> None:
        """Start a run towards the set pressure and count it from here."""
        self.run_ms = 0
        self.risen_pa = 0
        self.from_pa = self.slow >> BITS
        self.run()

    def run(self) -> None:
        """Run on towards the set pressure."""
        self.phase = RUN
        self.reached = False
        self.pulses = 0
        self._ran = True
        self._ahead_pa = self._overruns_pa[self._index] if self.learns else 0
        if not self.permille:
            self.permille = _START_PERMILLE
            self._on_ticks = 0

    def slope_pa(self) -> int:
        """Return the rise in SLOPE_MS at full power in this stage, in Pa; 0: not measured."""
        return min(self._full_slope >> BITS, SLOPE_MAX_PA)

    def off(self) -> None:
        """Stop at once."""
        self.permille = 0
        self.phase = IDLE
        self.reached = False

    def step(self, set_pa: int) -> None:
        """Regulate one step towards `set_pa`."""
        if self.permille:
            self.air += self.permille - _FRICTION_PERMILLE
        missing_pa = set_pa - self.pa
        phase = self.phase
        if phase == RUN:
            self._run_step(missing_pa)
        elif phase == IDLE and missing_pa <= _MISSING_PA:
            self._left = _MISSING_TICKS
        elif self._left > 1:
            self._left -= 1
        elif phase == PULSE:
            self._coast()
        elif phase == COAST:
            self._settle()
        else:
            self._pulse(missing_pa + _SPARE_PA)
        if self.quiet and self.permille:
            self._on_ticks += 1
            if self._on_ticks > _KICK_TICKS:
                self.permille = _QUIET_PERMILLE

    def _run_step(self, missing_pa: int) -> None:
        """Accelerate, slow down near the set pressure, and stop ahead of it by the overrun."""
        self.run_ms += limits.AIR_TICK_MS
        slope_pa = (self._fast - self.slow) >> BITS
        ahead_pa = self._ahead_pa
        if ahead_pa == _UNKNOWN:
            ahead_pa = slope_pa * _FIRST_LAGS
        elif self.quiet:
            ahead_pa >>= 1  # learnt at full flow
        if missing_pa <= ahead_pa:
            self._coast()
        elif slope_pa > _GENTLE_SLOPE_PA and missing_pa <= slope_pa * _GENTLE_LAGS:
            self.permille = _GENTLE_PERMILLE
        elif self.quiet and self._on_ticks > _KICK_TICKS:
            slope = (self._fast - self.slow) * 100 // QUIET_FLOW_PERCENT
            self._full_slope += (slope - self._full_slope) >> _SLOPE_SHIFT
        elif self.permille < 1_000:
            self.permille = clamp(self.permille + _SOFT_PERMILLE, _START_PERMILLE, 1_000)
        else:
            self._full_slope += (self._fast - self.slow - self._full_slope) >> _SLOPE_SHIFT

    def _coast(self) -> None:
        self.permille = 0
        self.phase = COAST
        self._left = _COAST_TICKS
        self._stop_pa = self.pa
        self.reached = self._ran and self._ahead_pa != _UNKNOWN

    def _settle(self) -> None:
        """Learn the overrun of a run; then wait for the pressure to fall."""
        if self._ran:
            self.risen_pa = self.pa - self.from_pa
            if self.learns and not self.quiet:
                overrun_pa = clamp(self.pa - self._stop_pa, -_OVERRUN_MAX_PA, _OVERRUN_MAX_PA)
                if self._ahead_pa != _UNKNOWN:
                    overrun_pa = (self._ahead_pa + overrun_pa) >> 1
                self._overruns_pa[self._index] = overrun_pa
        self._ran = False
        self.reached = True
        self.phase = IDLE
        self._left = _MISSING_TICKS

    def _pulse(self, missing_pa: int) -> None:
        """Start a pulse that adds `missing_pa`, or a run if that would take too long."""
        slope_pa = self.slope_pa() or self._slopes_pa[self._index] or SLOPE_MAX_PA
        ms = missing_pa * SLOPE_MS // max(slope_pa, 1) * 1000 // _PULSE_AIR_PERMILLE
        if self.quiet:
            ms = ms * _PULSE_AIR_PERMILLE // (QUIET_FLOW_PERCENT * 10)
        if ms > _PULSE_MAX_MS or not self.learns:
            self.run()
            return
        self._left = max(ms // limits.AIR_TICK_MS, _PULSE_MIN_TICKS)
        self.permille = _START_PERMILLE
        self._on_ticks = 0
        self.phase = PULSE
        self.pulses += 1
