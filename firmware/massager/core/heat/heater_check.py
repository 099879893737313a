"""Does the heat reach the pad, and do both thermistors feel it?

Part of the guard. A reading that does not rise under power is either a fault or a pad too
weak for its set-point; one that stands still while the other moves is either dead or held
where it is by the regulator. The answer is in taking the heat away: a live pad cools, and
a live thermistor sees it; a dead one does not notice.

A pad that has cooled is too weak to heat any faster where it is, and is left in peace for
a while. One thermistor that dies in that while is doubted all the same.
"""

from micropython import const

from massager.core import limits
from massager.core.safety import fault_table

_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS
_NO_HEAT_STEPS = limits.NO_HEAT_MS // _STEP_MS
_ASK_STEPS = limits.HEATER_CHECK_MS // _STEP_MS
_AGAIN_STEPS = limits.HEATER_CHECK_AGAIN_MS // _STEP_MS
_A = const(1)
_B = const(2)
_HEAT = const(3)


class HeaterCheck:
    """`asking`: what is in doubt, 0 for nothing; the heat has to stay away for now."""

    def __init__(self):
        self.asking = 0
        self._steps = 0  # of staying cold, or of being asked; 0: begin anew
        self._from_mc = 0  # the coldest in the one, the warmest in the other
        self._first_mc = 0  # when it began to stay cold
        self._fall_mc = 0  # what a live pad has to show when asked
        self._again_steps = 0
        self._unanswered = 0
        self._off_steps = 0  # without heat, outside a question

    def step(self, a, b, set_mc, permille):
        """100 ms with both thermistors' NtcWatch and the power commanded: condition bits."""
        a_mc = a.smooth_mc
        b_mc = b.smooth_mc
        if self.asking:
            return self._ask(a_mc, b_mc)
        if permille:
            self._off_steps = 0
        elif self._off_steps < _ASK_STEPS:
            self._off_steps += 1
        else:
            self._unanswered = 0  # another session, perhaps another leg
        powered = permille >= limits.NTC_STUCK_PERMILLE
        if a.stands_still(b_mc, powered):
            self._doubt(_A, a_mc)
        if b.stands_still(a_mc, powered):
            self._doubt(_B, b_mc)
        if self._again_steps:
            self._again_steps -= 1
        elif not self.asking:
            self._watch_heat(a_mc if a_mc > b_mc else b_mc, set_mc, permille)
        return 0

    def _doubt(self, what, temp_mc):
        self.asking = what
        self._steps = 0
        self._from_mc = temp_mc

    def _watch_heat(self, hot_mc, set_mc, permille):
        rise_mc = limits.NO_HEAT_RISE_MC
        if self._from_mc > limits.BODY_MAX_MC:
            rise_mc = limits.NO_HEAT_RISE_OVER_BODY_MC
        begins = self._steps == 0 or permille < limits.NO_HEAT_PERMILLE
        if not begins and (
            hot_mc - self._from_mc >= rise_mc or hot_mc >= set_mc - limits.NO_HEAT_BELOW_SET_MC
        ):
            begins = True
            self._unanswered = 0  # this heat was seen
        if begins:
            self._steps = 0
            self._first_mc = self._from_mc = hot_mc
        elif hot_mc < self._from_mc:
            self._from_mc = hot_mc
        self._steps += 1
        if self._steps > _NO_HEAT_STEPS:
            self._fall_mc = limits.HEATER_CHECK_FALL_MC
            if hot_mc - self._from_mc < limits.NTC_STUCK_MC:
                # it still cools under power: without it, it has to cool faster
                self._fall_mc += max(0, self._first_mc - hot_mc)
            self._doubt(_HEAT, hot_mc)

    def _ask(self, a_mc, b_mc):
        asking = self.asking
        if asking == _HEAT:
            return self._ask_heat(max(a_mc, b_mc))
        return self._ask_ntc(a_mc if asking == _A else b_mc)

    def _ask_heat(self, hot_mc):
        """A leg just put in may hide the fall once, not twice."""
        if hot_mc > self._from_mc:
            self._from_mc = hot_mc
        if hot_mc <= self._from_mc - self._fall_mc:
            self._doubt(0, hot_mc)
            self._unanswered = 0
            self._again_steps = _AGAIN_STEPS
        elif self._out_of_time():
            self._unanswered += 1
            if self._unanswered >= limits.NO_HEAT_CHECKS:
                self._unanswered = 0
                return fault_table.NO_HEAT
        return 0

    def _ask_ntc(self, temp_mc):
        if abs(temp_mc - self._from_mc) >= limits.HEATER_CHECK_FALL_MC:
            self._doubt(0, temp_mc)
        elif self._out_of_time():
            return fault_table.NTC_STUCK
        return 0

    def _out_of_time(self):
        self._steps += 1
        if self._steps < _ASK_STEPS:
            return False
        self._doubt(0, 0)
        return True
