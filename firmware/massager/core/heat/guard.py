"""Watches the pad: sees measurements and what was commanded, shares nothing with the regulator."""

from micropython import const

from massager.core import limits
from massager.core.heat.doubt import HeatDoubt
from massager.core.heat.trail import SLOPE_STEPS, Trail
from massager.core.safety import faults

_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS
_WELDED_OFF_STEPS = limits.WELDED_OFF_MS // _STEP_MS
_WELDED_STEPS = limits.WELDED_MS // _STEP_MS
_SLOPE_MC = limits.NTC_SLOPE_MC_PER_S * limits.NTC_SLOPE_STEPS * _STEP_MS // 1000
_SLOPE_S = SLOPE_STEPS * _STEP_MS // 1000
_NO_READING = faults.NTC_A_INVALID | faults.NTC_B_INVALID | faults.NTC_SLOPE
_COUNT_MAX = const(1 << 20)


class HeatGuard:
    """Raises the heat conditions of the fault table, ten times a second.

    `conditions` is the word for the fault group. `cut` forces the PWM to zero without any
    fault: from set + 1.0 °C or from 45.0 °C, whichever is lower, from a reading that runs
    there, and while a doubt about the heat is being answered.
    """

    def __init__(self):
        self.conditions = 0
        self.cut = True
        self._a = Trail()
        self._b = Trail()
        self._doubt = HeatDoubt()
        self._off_steps = 0
        self._coolest_mc = 0
        self._coolest_steps = 0
        self._live_ticks = 0
        self._dead_ticks = 0
        self._switches = 0
        self._trips = 0  # the last five readings, a bit each: over the trip

    def step(self, measured, set_mc, permille):
        """Judge one pair of readings; `set_mc` is the set-point in force, `permille` the
        power commanded."""
        a_mc = measured.pad_temp_a_mc
        b_mc = measured.pad_temp_b_mc
        a = self._a
        b = self._b
        a.add(a_mc)
        b.add(b_mc)
        hot_mc = a_mc if a_mc > b_mc else b_mc
        found = self._switches | self._doubt.step(a.smooth_mc, b.smooth_mc, set_mc, permille)
        self.cut = self._doubt.asking or self._runs_over(hot_mc, set_mc)
        if hot_mc >= limits.NTC_SHORT_MC:
            hot_mc = a_mc if a_mc < b_mc else b_mc
        trips = self._trips << 1 & limits.PAD_TRIP_READINGS_MASK
        if limits.PAD_WARNING_MC <= hot_mc < limits.NTC_SHORT_MC:
            found |= faults.PAD_OVER_TEMP_WARNING
            if hot_mc >= limits.PAD_TRIP_MC:
                trips |= 1
        self._trips = trips
        if trips & (trips - 1):
            found |= faults.PAD_OVER_TEMP_TRIP
        if a_mc < limits.NTC_MIN_MC or a_mc > limits.NTC_MAX_MC:
            found |= faults.NTC_A_INVALID
        if b_mc < limits.NTC_MIN_MC or b_mc > limits.NTC_MAX_MC:
            found |= faults.NTC_B_INVALID
        if abs(a.second_mc) > _SLOPE_MC or abs(b.second_mc) > _SLOPE_MC:
            found |= faults.NTC_SLOPE
        apart_mc = abs(a_mc - b_mc)
        if apart_mc > limits.NTC_DISAGREE_WARNING_MC:
            found |= faults.NTC_DISAGREE_WARNING
            if apart_mc > limits.NTC_DISAGREE_TRIP_MC:
                found |= faults.NTC_DISAGREE_TRIP
        if found & _NO_READING:
            self._off_steps = 0  # a broken wire must not pass for a pad that warms
        elif self._heats_while_off(permille):
            found |= faults.HEATER_WELDED
        self.conditions = found

    def sense(self, live, enable, permille):
        """Every second tick, where the board has `heater_sense`: condition bits of a welded switch.

        Off, a live node has come through the high side. With only the high side on, a
        dead node goes to ground through the low side, or nothing gets through the pad.
        """
        self._live_ticks = self._live_ticks + 1 if live and not enable else 0
        self._dead_ticks = self._dead_ticks + 1 if enable and not (permille or live) else 0
        found = 0
        if self._live_ticks >= limits.HEATER_SENSE_TICKS:
            found = faults.HIGH_SIDE_WELDED
        if self._dead_ticks >= limits.HEATER_SENSE_TICKS:
            found = faults.LOW_SIDE_WELDED
        self._switches = found
        return found

    def _runs_over(self, hot_mc, set_mc):
        limit_mc = min(limits.HEAT_CUT_MC, set_mc + limits.HEAT_CUT_OVER_SET_MC)
        if hot_mc >= limit_mc:
            return True
        rise_mc = max(self._a.rise_mc, self._b.rise_mc) // _SLOPE_S
        return hot_mc + rise_mc * limits.HEAT_CUT_AHEAD_S >= limit_mc + limits.HEAT_CUT_AHEAD_MC

    def _heats_while_off(self, permille):
        """A pad that warms by itself, hotter than any leg could make it."""
        hot_mc = max(self._a.smooth_mc, self._b.smooth_mc)
        if permille:
            self._off_steps = 0
        elif self._off_steps < _COUNT_MAX:
            self._off_steps += 1
        self._coolest_steps += 1
        if (
            self._off_steps <= _WELDED_OFF_STEPS
            or hot_mc < self._coolest_mc
            or self._coolest_steps > _WELDED_STEPS
        ):
            self._coolest_mc = hot_mc
            self._coolest_steps = 0
        risen_mc = hot_mc - self._coolest_mc
        return risen_mc >= limits.WELDED_RISE_MC and hot_mc > limits.WELDED_MIN_MC
