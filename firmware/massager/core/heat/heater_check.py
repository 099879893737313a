"""Verify that the pad answers power as it did at bring-up, and that both thermistors follow.

Part of the guard. Whatever a pad loses to leg and room, power that comes bends its temperature
up by the same amount within the next seconds. That bend is learnt at bring-up and looked at in
each start: frozen readings do not bend, thermistors off the pad bend by a quarter. Where a start
bends too little, the heat is switched off until the pad has calmed down, and started again;
twice in a row is the fault. A reading that stops rising at all the power there may be gets the
same check.

A thermistor that does not move while the other does is either stuck or held in place by the
regulator: without heat a working one falls.
"""

from array import array

from micropython import const

from massager.core import limits
from massager.core.heat.ntc_monitor import NtcMonitor
from massager.core.safety import fault_table

_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS
_BEND_STEPS = limits.PAD_BEND_MS // _STEP_MS
_CALM_STEPS = limits.PAD_CALM_MS // _STEP_MS
_NO_HEAT_STEPS = limits.NO_HEAT_MS // _STEP_MS
_CHECK_STEPS = limits.HEATER_CHECK_MS // _STEP_MS
_RECHECK_STEPS = limits.HEATER_CHECK_AGAIN_MS // _STEP_MS
_FIRST_WAIT_STEPS = _RECHECK_STEPS // 16
_SECOND = const(10)
_TREND_S = _BEND_STEPS // 2 // _SECOND
_TREND_STEPS = _TREND_S * _SECOND
_KEPT_S = 2 * _TREND_S + 1
# Shares of the bend: what has bent, what a pad that moves by itself does in half of that time,
# what has not risen. [physics] A leg takes up to two thirds of the bend, thermistors off the pad
# three quarters.
_BENT_PERMILLE = const(3_300)  # a sound pad bends by three tenths …
_BENT_MOST = const(4)  # … and by no more than this many times that
_CALM = const(4)
_FLAT = const(5)
_MEAN_SHIFT = const(6)  # the mean power of 6.4 s

NONE = const(0)
NTC_A = const(1)
NTC_B = const(2)
HEATER = const(3)
START = const(4)  # power has just come: the heat stays on


class HeaterCheck:
    """Raise NO_HEAT and NTC_STUCK, ten times a second.

    `checking` is what is under check: NONE, NTC_A, NTC_B, HEATER or START; `cut` is whether the
    caller has to keep the heat off for it. `pad_bend_mc` is how far full power bends this pad in
    PAD_BEND_MS, 0 where bring-up has not found it.
    """

    def __init__(self, pad_bend_mc: int = 0) -> None:
        self.checking = NONE
        self.cut = False
        self._bend_mc = max(pad_bend_mc, limits.PAD_BEND_LEAST_MC)
        self._steps = 0  # of this check
        self._from_mc = 0  # the reading when it began
        self._trend_mc = 0  # how far it had risen in _TREND_S before
        self._cut_mc = 0  # how far the power that it takes away bends the pad at least
        self._has_failed = False
        self._power = 0  # mean of the last seconds, << _MEAN_SHIFT
        self._off_steps = 0
        self._powered_steps = 0
        self._wait_steps = _FIRST_WAIT_STEPS  # after the next check
        self._recheck_steps = 0  # until a reading that does not rise is checked again
        self._kept_mc = array("i", [0] * _KEPT_S)  # one a second
        self._count = 0
        self._rise_mc = 0  # in the last _TREND_S
        self._rise_before_mc = 0  # in those before

    def step(self, a: NtcMonitor, b: NtcMonitor, set_mc: int, permille: int, limited: bool) -> int:
        """Advance by 100 ms and return condition bits of the fault table.

        `set_mc` is the set-point in force, `permille` the heater power commanded, `limited`
        whether the guard allows no more.
        """
        a_mc = a.smooth_mc
        b_mc = b.smooth_mc
        hot_mc = a_mc if a_mc > b_mc else b_mc
        self._follow(hot_mc)
        self._power += permille - (self._power >> _MEAN_SHIFT)
        off_steps = self._off_steps
        self._off_steps = 0 if permille else off_steps + 1
        is_full = permille >= (limits.PAD_BEND_PERMILLE if limited else limits.NO_HEAT_PERMILLE)
        if self.checking:
            self._steps += 1
            if self.checking >= HEATER:
                return self._check_pad(hot_mc, is_full)
            return self._check_ntc(a_mc if self.checking == NTC_A else b_mc)
        powered = permille >= limits.NTC_STUCK_PERMILLE
        if a.may_be_stuck(b_mc, powered):
            self._begin(NTC_A, a_mc)
        elif b.may_be_stuck(a_mc, powered):
            self._begin(NTC_B, b_mc)
        elif permille and off_steps >= _CALM_STEPS:
            self._begin(START, hot_mc)
        else:
            self._watch_rise(hot_mc, is_full and hot_mc < set_mc - limits.HOLD_BAND_MC)
        return 0

    def _follow(self, hot_mc: int) -> None:
        """Keep the reading once a second, and how far it has risen since two of those kept."""
        kept_mc = self._kept_mc
        count = self._count = self._count + 1
        if count >= _KEPT_S * _SECOND:
            count = self._count = 0
        second = count // _SECOND
        before_mc = kept_mc[(second + _TREND_S + 1) % _KEPT_S]
        if before_mc:
            self._rise_mc = hot_mc - before_mc
            self._rise_before_mc = before_mc - kept_mc[(second + 1) % _KEPT_S]
        if count % _SECOND == 0:
            kept_mc[second] = hot_mc

    def _begin(self, target: int, temp_mc: int) -> None:
        """Begin to check `target`, which reads `temp_mc`; NONE ends the check."""
        self.checking = target
        self.cut = NONE < target < START
        self._steps = 0
        self._powered_steps = 0
        self._from_mc = temp_mc
        self._trend_mc = self._rise_mc
        self._cut_mc = self._least_mc()

    def _watch_rise(self, hot_mc: int, is_full: bool) -> None:
        """Begin a check when all the power that may be has stopped to warm a pad too cool."""
        if self._recheck_steps:
            self._recheck_steps -= 1
        rise_mc = self._rise_mc
        if rise_mc * _FLAT >= self._bend_mc:
            self._recheck_steps = 0  # it rises: the next that does not is news
            self._wait_steps = _FIRST_WAIT_STEPS
        self._powered_steps = self._powered_steps + 1 if is_full else 0
        if (
            self._powered_steps > _NO_HEAT_STEPS
            and not self._recheck_steps
            and rise_mc * _FLAT < self._bend_mc
            # a weak pad slows down by and by
            and (rise_mc * _FLAT <= self._rise_before_mc or self._wait_steps > _FIRST_WAIT_STEPS)
        ):
            self._recheck_steps = self._wait_steps
            self._wait_steps = min(2 * self._wait_steps, _RECHECK_STEPS)
            self._begin(HEATER, hot_mc)

    def _check_pad(self, hot_mc: int, is_full: bool) -> int:
        """Advance a check of the heater or of a start; return NO_HEAT when two starts in a row
        have not bent the reading."""
        steps = self._steps
        trend_mc = self._trend_mc
        bent_mc = hot_mc - self._from_mc - trend_mc * steps // _TREND_STEPS
        is_calm = abs(trend_mc) * _CALM < self._bend_mc
        if self.checking == HEATER:
            # bent down like a pad, neither too little nor too much: it need not calm down
            least_mc = self._cut_mc
            if steps >= _CALM_STEPS:
                self._begin(NONE, 0)
            elif (
                is_calm
                and _TREND_STEPS <= steps <= _BEND_STEPS
                and least_mc <= -bent_mc <= _BENT_MOST * least_mc
            ):
                self._has_failed = False
                self._begin(NONE, 0)
        elif not is_full:
            self._begin(NONE, 0)  # the regulator changes the power: no bend to judge
        elif steps >= _BEND_STEPS:
            found = 0
            has_failed = False
            if bent_mc < self._least_mc():
                if not self._has_failed:
                    has_failed = is_calm  # a cold pad on a leg warms by itself: no start to judge
                elif is_calm:
                    found = fault_table.NO_HEAT
                else:
                    has_failed = True
            self._has_failed = has_failed
            self._begin(HEATER if has_failed else NONE, hot_mc)
            return found
        return 0

    def _least_mc(self) -> int:
        """Return how far the power of the last seconds bends this pad at least."""
        return self._bend_mc * (self._power >> _MEAN_SHIFT) // _BENT_PERMILLE

    def _check_ntc(self, temp_mc: int) -> int:
        """Return NTC_STUCK when the reading has not moved by the end of the check."""
        has_moved = abs(temp_mc - self._from_mc) >= limits.HEATER_CHECK_FALL_MC
        if has_moved or self._steps >= _CHECK_STEPS:
            self._begin(NONE, 0)
            if not has_moved:
                return fault_table.NTC_STUCK
        return 0
