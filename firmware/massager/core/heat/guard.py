"""Guard the pad: judge readings and commanded power, share nothing with the regulator."""

from massager.core import limits
from massager.core.heat.heater_check import HeaterCheck
from massager.core.heat.ntc_monitor import TREND_STEPS, NtcMonitor
from massager.core.heat.power_limit import PowerLimit
from massager.core.safety import fault_table

_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS
_AHEAD_STEPS = limits.HEAT_CUT_AHEAD_S * 1000 // _STEP_MS
_WELDED_OFF_STEPS = limits.WELDED_OFF_MS // _STEP_MS
_WELDED_STEPS = limits.WELDED_MS // _STEP_MS
_SILENT_STEPS = limits.NTC_SILENT_MS // _STEP_MS
_NO_READING = fault_table.NTC_A_INVALID | fault_table.NTC_B_INVALID | fault_table.NTC_SLOPE


class HeatGuard:
    """Raise the heat conditions of the fault table, ten times a second.

    `conditions` is the condition word of the heat's fault group. `cut` forces the PWM to zero
    without a fault: from set-point + 1.0 °C or from 45.0 °C, whichever is lower, when the
    trend leads there, and during a heater check.
    """

    def __init__(self, pad_bend_mc: int = 0) -> None:
        self.conditions = 0
        self.cut = True
        self._a = NtcMonitor(fault_table.NTC_A_INVALID)
        self._b = NtcMonitor(fault_table.NTC_B_INVALID)
        self._heater_check = HeaterCheck(pad_bend_mc)
        self.power_limit = PowerLimit()
        self._off_steps = 0
        self._window_steps = 0
        self._coolest_mc = 0  # in this window
        self._coolest_before_mc = 0  # in the window before
        self._live_ticks = 0
        self._dead_ticks = 0
        self._switch_conditions = 0
        self._slow_conditions = 0  # of `step_slow`
        self._trips = 0  # one bit for each of the last five readings: at or over the trip

    def step(self, a_mc: int, b_mc: int, set_mc: int) -> None:
        """Judge one pair of readings, m°C; `set_mc` is the set-point in force."""
        conditions = self._switch_conditions | self._slow_conditions
        conditions |= self._a.add(a_mc) | self._b.add(b_mc)
        hot_mc = a_mc
        if a_mc < b_mc:
            hot_mc = b_mc
            b_mc = a_mc
        if hot_mc - b_mc > limits.NTC_DISAGREE_WARNING_MC:
            conditions |= fault_table.NTC_DISAGREE_WARNING
            if hot_mc - b_mc > limits.NTC_DISAGREE_TRIP_MC:
                conditions |= fault_table.NTC_DISAGREE_TRIP
        self.cut = self._heater_check.cut or self._reaches_cut(hot_mc, set_mc)
        if hot_mc >= limits.NTC_SHORT_MC:
            hot_mc = b_mc  # a short; two that agree are a hot pad
        trips = self._trips << 1 & limits.PAD_TRIP_READINGS_MASK
        if hot_mc >= limits.PAD_WARNING_MC:
            conditions |= fault_table.PAD_OVER_TEMP_WARNING
            if hot_mc >= limits.PAD_TRIP_MC:
                trips |= 1
        self._trips = trips
        if trips & (trips - 1):
            conditions |= fault_table.PAD_OVER_TEMP_TRIP
        self.conditions = conditions

    def step_slow(self, set_mc: int, permille: int) -> None:
        """Run the slow checks, later in the same 100 ms; `permille` is the power commanded."""
        limit = self.power_limit
        hot_mc = max(self._a.smooth_mc, self._b.smooth_mc)
        limit.step(hot_mc, set_mc, permille)
        conditions = self._heater_check.step(
            self._a, self._b, set_mc, permille, permille >= limit.permille
        )
        if not permille:
            self._a.same_steps = self._b.same_steps = 0
        elif self._a.same_steps >= _SILENT_STEPS or self._b.same_steps >= _SILENT_STEPS:
            conditions |= fault_table.NTC_STUCK  # a live converter is never without noise
        if permille or self.conditions & _NO_READING:
            self._off_steps = 0  # a broken wire is no pad that warms
        elif self._warms_while_off():
            conditions |= fault_table.HEATER_WELDED
        self._slow_conditions = conditions

    def sense(self, live: int, enable: bool, permille: int) -> int:
        """Return the condition bits of a welded switch; every second tick, with `heater_sense`.

        `live` is 1 while the node between pad and low side carries the supply voltage. A
        live node with both switches off comes from the high side. A dead node with only the
        high side on means that the low side conducts, or that the pad is open.
        """
        self._live_ticks = self._live_ticks + 1 if live and not enable else 0
        self._dead_ticks = self._dead_ticks + 1 if enable and not (permille or live) else 0
        conditions = 0
        if self._live_ticks >= limits.HEATER_SENSE_TICKS:
            conditions = fault_table.HIGH_SIDE_WELDED
        if self._dead_ticks >= limits.HEATER_SENSE_TICKS:
            conditions = fault_table.LOW_SIDE_WELDED
        self._switch_conditions = conditions
        return conditions

    def _reaches_cut(self, hot_mc: int, set_mc: int) -> bool:
        """Return True when the hotter reading is over the cut-off, or soon will be."""
        limit_mc = set_mc + limits.HEAT_CUT_OVER_SET_MC
        if limit_mc > limits.HEAT_CUT_MC:
            limit_mc = limits.HEAT_CUT_MC
        if hot_mc >= limit_mc:
            return True
        trend_mc = self._a.trend_mc
        if trend_mc < self._b.trend_mc:
            trend_mc = self._b.trend_mc
        ahead_mc = trend_mc * _AHEAD_STEPS // TREND_STEPS
        return hot_mc + ahead_mc >= limit_mc + limits.HEAT_CUT_AHEAD_MC

    def _warms_while_off(self) -> bool:
        """Return True when the pad warms without power to more than a leg could make it.

        The cooler thermistor decides: one that rises alone drifts.
        """
        cool_mc = self._a.smooth_mc
        if self._b.smooth_mc < cool_mc:
            cool_mc = self._b.smooth_mc
        self._off_steps += 1
        steps = self._window_steps = self._window_steps + 1
        if self._off_steps <= _WELDED_OFF_STEPS:
            self._coolest_mc = self._coolest_before_mc = cool_mc
            self._window_steps = 0
        elif steps > _WELDED_STEPS:
            self._coolest_before_mc = self._coolest_mc
            self._coolest_mc = cool_mc
            self._window_steps = 0
        elif cool_mc < self._coolest_mc:
            self._coolest_mc = cool_mc
        coolest_mc = self._coolest_mc
        if self._coolest_before_mc < coolest_mc:
            coolest_mc = self._coolest_before_mc
        return cool_mc > limits.WELDED_MIN_MC and cool_mc - coolest_mc >= limits.WELDED_RISE_MC
