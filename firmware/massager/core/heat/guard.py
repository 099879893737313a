"""Watches the pad: sees measurements and what was commanded, shares nothing with the regulator."""

from massager.core import limits
from massager.core.heat.heater_check import HeaterCheck
from massager.core.heat.ntc_monitor import AHEAD_STEPS, NtcMonitor
from massager.core.safety import fault_table

_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS
_AHEAD_STEPS = limits.HEAT_CUT_AHEAD_S * 1000 // _STEP_MS
_WELDED_OFF_STEPS = limits.WELDED_OFF_MS // _STEP_MS
_WELDED_STEPS = limits.WELDED_MS // _STEP_MS
_NO_READING = fault_table.NTC_A_INVALID | fault_table.NTC_B_INVALID | fault_table.NTC_SLOPE


class HeatGuard:
    """Raises the heat conditions of the fault table, ten times a second.

    `conditions` is the word for the fault group. `cut` forces the PWM to zero without any
    fault: from set + 1.0 °C or from 45.0 °C, whichever is lower, from a reading that runs
    there, and while a doubt about the heat is being answered.
    """

    def __init__(self):
        self.conditions = 0
        self.cut = True
        self._a = NtcMonitor(fault_table.NTC_A_INVALID)
        self._b = NtcMonitor(fault_table.NTC_B_INVALID)
        self._doubt = HeaterCheck()
        self._off_steps = 0
        self._window_steps = 0
        self._coolest_mc = 0  # in this window …
        self._before_mc = 0  # … and in the one before
        self._live_ticks = 0
        self._dead_ticks = 0
        self._switches = 0
        self._slowly = 0  # conditions that take their time
        self._trips = 0  # the last five readings, a bit each: over the trip

    def step(self, a_mc, b_mc, set_mc):
        """Judge one pair of readings; `set_mc` is the set-point in force."""
        found = self._switches | self._slowly | self._a.add(a_mc) | self._b.add(b_mc)
        hot_mc = a_mc
        if a_mc < b_mc:
            hot_mc = b_mc
            b_mc = a_mc
        if hot_mc - b_mc > limits.NTC_DISAGREE_WARNING_MC:
            found |= fault_table.NTC_DISAGREE_WARNING
            if hot_mc - b_mc > limits.NTC_DISAGREE_TRIP_MC:
                found |= fault_table.NTC_DISAGREE_TRIP
        self.cut = self._doubt.asking > 0 or self._runs_over(hot_mc, set_mc)
        if hot_mc >= limits.NTC_SHORT_MC:
            hot_mc = b_mc  # a short; two that agree are a hot pad
        trips = self._trips << 1 & limits.PAD_TRIP_READINGS_MASK
        if hot_mc >= limits.PAD_WARNING_MC:
            found |= fault_table.PAD_OVER_TEMP_WARNING
            if hot_mc >= limits.PAD_TRIP_MC:
                trips |= 1
        self._trips = trips
        if trips & (trips - 1):
            found |= fault_table.PAD_OVER_TEMP_TRIP
        self.conditions = found

    def step_slow(self, set_mc, permille):
        """Later in the same 100 ms: what takes its time to show. `permille` is the power
        commanded."""
        found = self._doubt.step(self._a, self._b, set_mc, permille)
        if permille or self.conditions & _NO_READING:
            self._off_steps = 0  # a broken wire must not pass for a pad that warms
        elif self._warms_while_off():
            found |= fault_table.HEATER_WELDED
        self._slowly = found

    def sense(self, live, enable, permille):
        """Every second tick, where there is `heater_sense`: condition bits of a welded switch.

        Off, a live node has come through the high side. With only the high side on, a
        dead node goes to ground through the low side, or nothing gets through the pad.
        """
        self._live_ticks = self._live_ticks + 1 if live and not enable else 0
        self._dead_ticks = self._dead_ticks + 1 if enable and not (permille or live) else 0
        found = 0
        if self._live_ticks >= limits.HEATER_SENSE_TICKS:
            found = fault_table.HIGH_SIDE_WELDED
        if self._dead_ticks >= limits.HEATER_SENSE_TICKS:
            found = fault_table.LOW_SIDE_WELDED
        self._switches = found
        return found

    def _runs_over(self, hot_mc, set_mc):
        limit_mc = set_mc + limits.HEAT_CUT_OVER_SET_MC
        if limit_mc > limits.HEAT_CUT_MC:
            limit_mc = limits.HEAT_CUT_MC
        if hot_mc >= limit_mc:
            return True
        ahead_mc = self._a.ahead_mc
        if ahead_mc < self._b.ahead_mc:
            ahead_mc = self._b.ahead_mc
        return (
            hot_mc + ahead_mc * _AHEAD_STEPS // AHEAD_STEPS >= limit_mc + limits.HEAT_CUT_AHEAD_MC
        )

    def _warms_while_off(self):
        """A pad that warms by itself, hotter than any leg could make it. Both thermistors
        have to feel it: one alone is a drift."""
        cool_mc = self._a.smooth_mc
        if self._b.smooth_mc < cool_mc:
            cool_mc = self._b.smooth_mc
        self._off_steps += 1
        steps = self._window_steps = self._window_steps + 1
        if self._off_steps <= _WELDED_OFF_STEPS:
            self._coolest_mc = self._before_mc = cool_mc
            self._window_steps = 0
        elif steps > _WELDED_STEPS:
            self._before_mc = self._coolest_mc
            self._coolest_mc = cool_mc
            self._window_steps = 0
        elif cool_mc < self._coolest_mc:
            self._coolest_mc = cool_mc
        coolest_mc = self._coolest_mc
        if self._before_mc < coolest_mc:
            coolest_mc = self._before_mc
        return cool_mc > limits.WELDED_MIN_MC and cool_mc - coolest_mc >= limits.WELDED_RISE_MC
