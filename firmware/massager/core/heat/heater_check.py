"""Verify that the heater warms the pad and that both thermistors follow it.

Part of the guard. A reading that does not rise under power is either a fault or a pad too
weak for its set-point. One that does not move while the other does is either stuck or held
in place by the regulator. The check switches the heat off: a working pad cools, and a
working thermistor shows it.

A pad that cooled is too weak to heat any faster, and is not checked again for a while. A
thermistor that gets stuck in that while is checked all the same.
"""

from micropython import const

from massager.core import limits
from massager.core.heat.ntc_monitor import NtcMonitor
from massager.core.safety import fault_table

_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS
_NO_HEAT_STEPS = limits.NO_HEAT_MS // _STEP_MS
_CHECK_STEPS = limits.HEATER_CHECK_MS // _STEP_MS
_RECHECK_STEPS = limits.HEATER_CHECK_AGAIN_MS // _STEP_MS

NONE = const(0)
NTC_A = const(1)
NTC_B = const(2)
HEATER = const(3)


class HeaterCheck:
    """Raise NO_HEAT and NTC_STUCK, ten times a second.

    `checking` is what is under check: NONE, NTC_A, NTC_B or HEATER. While it is not NONE the
    caller has to keep the heat off.
    """

    def __init__(self) -> None:
        self.checking = NONE
        self._steps = 0  # of this check, or since the pad last warmed; 0: begin anew
        self._reference_mc = 0  # the warmest of this check, or the coldest since then
        self._first_mc = 0  # where the pad was when it last warmed
        self._fall_mc = 0  # by how much a working pad has to cool in this check
        self._recheck_steps = 0  # until the heater may be checked again
        self._failed_checks = 0  # of the heater, in a row
        self._off_steps = 0  # without heat, outside a check

    def step(self, a: NtcMonitor, b: NtcMonitor, set_mc: int, permille: int) -> int:
        """Advance by 100 ms and return condition bits of the fault table.

        `set_mc` is the set-point in force, `permille` the heater power commanded.
        """
        a_mc = a.smooth_mc
        b_mc = b.smooth_mc
        if self.checking:
            return self._check(a_mc, b_mc)
        if permille:
            self._off_steps = 0
        elif self._off_steps < _CHECK_STEPS:
            self._off_steps += 1
        else:
            self._failed_checks = 0  # another session, perhaps another leg
        powered = permille >= limits.NTC_STUCK_PERMILLE
        if a.may_be_stuck(b_mc, powered):
            self._begin(NTC_A, a_mc)
        if b.may_be_stuck(a_mc, powered):
            self._begin(NTC_B, b_mc)
        if self._recheck_steps:
            self._recheck_steps -= 1
        elif not self.checking:
            self._watch_rise(a_mc if a_mc > b_mc else b_mc, set_mc, permille)
        return 0

    def _begin(self, target: int, temp_mc: int) -> None:
        """Begin to check `target`, which reads `temp_mc`; NONE ends the check."""
        self.checking = target
        self._steps = 0
        self._reference_mc = temp_mc

    def _watch_rise(self, hot_mc: int, set_mc: int, permille: int) -> None:
        """Begin a check of the heater when the hotter reading has not risen for too long."""
        rise_mc = limits.NO_HEAT_RISE_MC
        if self._reference_mc > limits.BODY_MAX_MC:
            rise_mc = limits.NO_HEAT_RISE_OVER_BODY_MC
        restart = self._steps == 0 or permille < limits.NO_HEAT_PERMILLE
        if not restart and (
            hot_mc - self._reference_mc >= rise_mc
            or hot_mc >= set_mc - limits.NO_HEAT_BELOW_SET_MC
        ):
            restart = True
            self._failed_checks = 0  # the heater works
        if restart:
            self._steps = 0
            self._first_mc = self._reference_mc = hot_mc
        elif hot_mc < self._reference_mc:
            self._reference_mc = hot_mc
        self._steps += 1
        if self._steps > _NO_HEAT_STEPS:
            self._fall_mc = limits.HEATER_CHECK_FALL_MC
            if hot_mc - self._reference_mc < limits.NTC_STUCK_MC:
                # the pad still cools under power: without power it has to cool faster
                self._fall_mc += max(0, self._first_mc - hot_mc)
            self._begin(HEATER, hot_mc)

    def _check(self, a_mc: int, b_mc: int) -> int:
        if self.checking == HEATER:
            return self._check_heater(max(a_mc, b_mc))
        return self._check_ntc(a_mc if self.checking == NTC_A else b_mc)

    def _check_heater(self, hot_mc: int) -> int:
        """Return NO_HEAT after two checks without a fall; a leg just put in may hide one."""
        if hot_mc > self._reference_mc:
            self._reference_mc = hot_mc
        if hot_mc <= self._reference_mc - self._fall_mc:
            self._begin(NONE, hot_mc)
            self._failed_checks = 0
            self._recheck_steps = _RECHECK_STEPS
        elif self._timed_out():
            self._failed_checks += 1
            if self._failed_checks >= limits.NO_HEAT_CHECKS:
                self._failed_checks = 0
                return fault_table.NO_HEAT
        return 0

    def _check_ntc(self, temp_mc: int) -> int:
        """Return NTC_STUCK when the reading has not moved by the end of the check."""
        if abs(temp_mc - self._reference_mc) >= limits.HEATER_CHECK_FALL_MC:
            self._begin(NONE, temp_mc)
        elif self._timed_out():
            return fault_table.NTC_STUCK
        return 0

    def _timed_out(self) -> bool:
        """Count one step of the check; return True, and end it, after HEATER_CHECK_MS."""
        self._steps += 1
        if self._steps < _CHECK_STEPS:
            return False
        self._begin(NONE, 0)
        return True
