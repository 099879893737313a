"""Run one cycle of a pattern: inflate and hold stage after stage, once a minute if asked."""

from micropython import const

from massager.core import limits
from massager.core.air import patterns
from massager.core.air.cycle_timer import CycleTimer
from massager.core.air.diagnosis import Diagnosis
from massager.core.air.inflation import FILL, JUMP, JUMP_PA, READY, Inflation
from massager.core.air.pump import AIR_PER_MS, BITS, IDLE, SLOPE_MS, Pump
from massager.core.safety import fault_table
from massager.core.signals import PATTERN_RIPPLE, PATTERN_SQUEEZE, Setpoints, Settings

HOLD = const(2)  # beside the results of an inflation
DONE = const(6)  # the last hold is over

_SETTLED_TICKS = const(30)  # of a hold: the pressure has settled
_LAST_PULSE_TICKS = const(40)  # before the end of a hold: later air would come too late
_OVER_PA = const(2_000)  # 15 mmHg above what is held: no leg does that, nor any chamber
_SLACK_OUT_PA = const(560)  # less than STANDBY_PA by what a pulse is worth
_LEAK_MIN_TICKS = const(100)  # a shorter hold shows no leak


class Cycle:
    """Propose what `inflation` and its pump propose; `stage` counts from 0.

    `timer` keeps the minute of PATTERN_SQUEEZE. `installed` are the board's chambers, as bits.
    """

    def __init__(self, settings: Settings, diagnosis: Diagnosis, installed: int) -> None:
        self.stage = 0
        self.inflation = Inflation(settings, diagnosis)
        self.timer = CycleTimer()
        self._diagnosis = diagnosis
        self._fills_ms = settings.air_fill_ms
        self._slopes_pa = settings.air_slope_pa
        self._installed = installed
        self._pattern = 0
        self._is_emptied = True
        self._asked_pa = 0  # set pressure of the session …
        self._set_pa = 0  # … and of this stage
        self._next = 0  # chambers of the next stage, 0: this one is the last
        self._is_holding = False
        self._hold_ticks = 0
        self._left_ticks = 0  # of the hold
        self._settled_air = 0
        self._settled_pa = 0

    def is_due(self, now_ms: int, pattern: int) -> bool:
        """Return whether a cycle may begin: at once, or so that it holds on the minute."""
        timer = self.timer
        self.inflation.standby = False
        if pattern != PATTERN_SQUEEZE:
            timer.reset()
            return True
        fill_ms = self._fills_ms[patterns.fill_index(PATTERN_SQUEEZE, 0, True)]
        is_near = timer.is_near(now_ms, fill_ms)
        self._diagnosis.set_notice(fault_table.MINUTE_MISSED, timer.missed)
        self.inflation.standby = is_near
        return is_near

    def begin(self, setpoints: Setpoints, is_emptied: bool) -> None:
        """Begin a cycle; `is_emptied`: the chambers have had the time to empty."""
        self._pattern = setpoints.pattern
        self._is_emptied = is_emptied
        # a squeeze on the minute needs the time that a slow pump would take
        self.inflation.quiet = setpoints.quiet and self._pattern != PATTERN_SQUEEZE
        mask = patterns.stage_mask(self._pattern, 0, self._installed)
        self._begin_stage(setpoints, 0, mask, 0)

    def _begin_stage(self, setpoints: Setpoints, stage: int, mask: int, donors: int) -> None:
        pattern = self._pattern
        empty = mask if stage == 0 else mask & ~self.inflation.chambers
        self.stage = stage
        self._is_holding = False
        self._next = patterns.stage_mask(pattern, stage + 1, self._installed)
        hold_ms = patterns.stage_hold_ms(setpoints, pattern, stage, not self._next)
        self._hold_ticks = hold_ms // limits.AIR_TICK_MS
        self._asked_pa = 0
        self.inflation.begin(
            patterns.stage_index(pattern, stage),
            patterns.fill_index(pattern, stage, self._is_emptied),
            mask,
            donors,
            empty,
        )

    def step(self, now_ms: int, pressure_pa: int, setpoints: Setpoints) -> int:
        """Return FILL, HOLD, DONE, ABANDONED or JUMP after one step."""
        if self._asked_pa != setpoints.pressure_set_pa:
            self._asked_pa = setpoints.pressure_set_pa
            self._set_pa = patterns.stage_set_pa(setpoints, self._pattern, self.stage)
        if self._is_holding:
            return self._hold(pressure_pa, setpoints)
        inflation = self.inflation
        if inflation.standby:
            self._check_standby(now_ms)
        result = inflation.step(pressure_pa, self._set_pa, self._hold_ticks)
        if result != READY:
            return result
        if not self._hold_ticks:
            return self._end_stage(setpoints)
        self._is_holding = True
        self._left_ticks = self._hold_ticks
        if self._pattern == PATTERN_SQUEEZE:
            self.timer.begin_hold(now_ms)
            self._diagnosis.set_notice(fault_table.MINUTE_MISSED, self.timer.missed)
        return HOLD

    def _hold(self, pressure_pa: int, setpoints: Setpoints) -> int:
        """Make up for leaks; at the end of the hold the pump has come to rest."""
        pump = self.inflation.pump
        if pressure_pa - pump.pa > JUMP_PA or pump.pa - self._set_pa > _OVER_PA:
            pump.off()
            return JUMP
        left = self._left_ticks - 1
        self._left_ticks = left
        if left > _LAST_PULSE_TICKS:
            pump.step(self._set_pa)
        else:
            pump.permille = 0
        if self._hold_ticks - left == _SETTLED_TICKS:
            self._note_settled(pump)
        if left > 0:
            return HOLD
        self._report_hold(pump)
        return self._end_stage(setpoints)

    def _note_settled(self, pump: Pump) -> None:
        self._settled_air = pump.air
        self._settled_pa = pump.pa
        self.inflation.learn(self._set_pa - pump.pa)
        if self._pattern == PATTERN_SQUEEZE:
            self.timer.learn(pump.run_ms, pump.risen_pa)

    def _report_hold(self, pump: Pump) -> None:
        """Report to the diagnosis what the hold lost, what the pump made up for included."""
        ticks = self._hold_ticks - _SETTLED_TICKS
        if ticks >= _LEAK_MIN_TICKS:
            index = self.inflation.index
            slope_pa = max(self._slopes_pa[index], 1)
            lost_ms = (self._settled_pa - pump.pa) * SLOPE_MS // slope_pa
            lost_ms += (pump.air - self._settled_air) // AIR_PER_MS
            self._diagnosis.hold_completed(index, lost_ms, ticks * limits.AIR_TICK_MS)

    def _check_standby(self, now_ms: int) -> None:
        """Rise when that takes what is left of the minute; the first squeeze rises at once."""
        pump = self.inflation.pump
        if self.timer.is_running:
            is_time = self.timer.is_time_to_rise(now_ms, self._set_pa - (pump.slow >> BITS))
        else:
            is_time = pump.phase == IDLE and pump.slow >> BITS >= _SLACK_OUT_PA
        if is_time:
            self.inflation.rise()

    def _end_stage(self, setpoints: Setpoints) -> int:
        """Begin the next stage; return DONE after the last one."""
        mask = self._next
        if not mask:
            return DONE
        donors = self.inflation.chambers if self._pattern == PATTERN_RIPPLE else 0
        self._begin_stage(setpoints, self.stage + 1, mask, donors)
        return FILL
