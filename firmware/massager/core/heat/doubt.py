"""Does the heat reach the pad, and do both thermistors feel it?

Part of the guard. A reading that does not rise under power is either a fault or a pad too
weak for its set-point. The answer is in taking the heat away: a live pad cools, and a live
thermistor sees it; a dead one does not notice.
"""

from micropython import const

from massager.core import limits
from massager.core.safety import faults

_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS
_NO_HEAT_STEPS = limits.NO_HEAT_MS // _STEP_MS
_STUCK_STEPS = limits.NTC_STUCK_MS // _STEP_MS
_ASK_STEPS = limits.DOUBT_MS // _STEP_MS
_AGAIN_STEPS = limits.DOUBT_AGAIN_MS // _STEP_MS
_A = const(1)
_B = const(2)


class _Still:
    """How long a thermistor has stood still under power."""

    def __init__(self):
        self.steps = 0
        self._from_mc = 0

    def watch(self, temp_mc, watching):
        """One step; true when it has been too long."""
        if not watching or abs(temp_mc - self._from_mc) >= limits.NTC_STUCK_MC:
            self.steps = 0
            self._from_mc = temp_mc
            return False
        self.steps += 1
        return self.steps >= _STUCK_STEPS


class HeatDoubt:
    """`asking`: the heat has to stay away for now."""

    def __init__(self):
        self.asking = False
        self._a = _Still()
        self._b = _Still()
        self._cold_steps = 0
        self._coldest_mc = 0
        self._ask_steps = 0
        self._again_steps = 0
        self._from_a_mc = 0
        self._from_b_mc = 0
        self._fell = 0
        self._no_heat_doubts = 0

    def step(self, a_mc, b_mc, set_mc, permille):
        """100 ms with smoothed readings and the power commanded: condition bits."""
        if self.asking:
            return self._ask(a_mc, b_mc)
        if self._again_steps:
            self._again_steps -= 1
        elif permille and self._doubts(a_mc, b_mc, set_mc, permille):
            self.asking = True
            self._ask_steps = 0
            self._fell = 0
            self._from_a_mc = a_mc
            self._from_b_mc = b_mc
        return 0

    def _doubts(self, a_mc, b_mc, set_mc, permille):
        low_mc = set_mc - limits.NTC_STUCK_BELOW_SET_MC
        powered = permille >= limits.NTC_STUCK_PERMILLE
        a_still = self._a.watch(a_mc, powered and a_mc < low_mc)
        b_still = self._b.watch(b_mc, powered and b_mc < low_mc)
        return self._stays_cold(max(a_mc, b_mc), set_mc, permille) or a_still or b_still

    def _stays_cold(self, hot_mc, set_mc, permille):
        far = hot_mc < set_mc - limits.NO_HEAT_BELOW_SET_MC
        rise_mc = limits.NO_HEAT_RISE_MC
        if self._coldest_mc > limits.BODY_MAX_MC:
            rise_mc = limits.NO_HEAT_RISE_OVER_BODY_MC
        risen = hot_mc - self._coldest_mc >= rise_mc
        if risen or not far or permille < limits.NO_HEAT_PERMILLE:
            self._cold_steps = 0
            self._coldest_mc = hot_mc
            return False
        if hot_mc < self._coldest_mc:
            self._coldest_mc = hot_mc
        self._cold_steps += 1
        return self._cold_steps >= _NO_HEAT_STEPS

    def _ask(self, a_mc, b_mc):
        if a_mc <= self._from_a_mc - limits.DOUBT_FALL_MC:
            self._fell |= _A
        if b_mc <= self._from_b_mc - limits.DOUBT_FALL_MC:
            self._fell |= _B
        self._ask_steps += 1
        if self._ask_steps < _ASK_STEPS and self._fell != _A | _B:
            return 0
        self.asking = False
        self._cold_steps = 0
        self._a.steps = 0
        self._b.steps = 0
        if self._fell:
            self._no_heat_doubts = 0
            self._again_steps = _AGAIN_STEPS
            return 0 if self._fell == _A | _B else faults.NTC_STUCK
        self._no_heat_doubts += 1
        if self._no_heat_doubts < limits.NO_HEAT_DOUBTS:
            return 0
        self._no_heat_doubts = 0
        return faults.NO_HEAT
