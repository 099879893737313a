"""Inflate the chambers of one stage, and detect what may go wrong on the way.

While the slack of a wrap is taken up there is no pressure, so a dead sensor would go unnoticed.
If the reading does not move for long, the valves are released for some hundredths of a second:
with a live sensor and a live pump the pressure of the manifold jumps.
"""

from micropython import const

from massager.core import limits
from massager.core.air.diagnosis import Diagnosis
from massager.core.air.pump import (
    AIR_PER_MS,
    BITS,
    COAST,
    QUIET_FLOW_PERCENT,
    RUN,
    SLOPE_MS,
    UNLIMITED_PA,
    Pump,
)
from massager.core.safety import fault_table
from massager.core.signals import Settings
from massager.core.units import count_bits

FILL = const(1)  # on its way
READY = const(3)  # at the pressure
ABANDONED = const(4)  # will not get there
JUMP = const(5)  # a chamber takes no air: the manifold's pressure jumped
STANDBY_PA = const(667)  # slack taken up, hardly felt
JUMP_PA = const(800)  # 6 mmHg in 20 ms: only the manifold itself is that small
_SOON_AIR = const(10_000)  # 250 ms at full flow: a chamber has hardly felt that …
_SOON_PA = const(2_000)  # … when the manifold alone shows this much more
_NEAR_PA = const(200)
_JOIN_TICKS = const(20)  # a chamber that joins lowers the pressure
_TRANSFER_TICKS = const(40)  # the air of one chamber has passed over to the next
_PULSES_MAX = const(8)
_LATE_PERCENT = const(170)  # of what was learnt …
_LATE_EXTRA_MS = const(2_000)  # … and so much more
_QUIET_PERCENT = const(60)  # of the guard's limit, for a fill by a slow pump …
_QUIET_LATE_PERCENT = const(115)  # … which then has taken this share of the learnt air, or …
_SIGN_EXTRA_MS = const(500)  # before the guard, the jump after a sensor check included
_DUE_PERCENT = const(85)  # from here on a fill should show pressure
_STILL_PA = const(200)  # a change of less is none
_STILL_DUE_TICKS = const(75)  # where pressure is due: twice this in a tight wrap is 50 mmHg
_STILL_TICKS = const(250)  # before that
_STILL_NEW_TICKS = const(150)  # of a wrap that is not known yet
_CHECK_TICKS = const(5)
_CHECK_RISE_PA = const(1_100)
_LOOK_TICKS = const(20)  # the pressure without flow


class Inflation:
    """Propose `chambers` (bits) and, in `pump`, the duty.

    `quiet` lets the pump run slowly where the limits leave time for it. `standby` holds the
    pressure at STANDBY_PA, the slack taken up, until `rise`. `index` and the `fill` index of a
    stage: see patterns.stage_index and patterns.fill_index.
    """

    def __init__(self, settings: Settings, diagnosis: Diagnosis) -> None:
        self.index = 0
        self.chambers = 0
        self.standby = False
        self.quiet = False
        self.pump = Pump(settings.air_slope_pa)
        self._fills_ms = settings.air_fill_ms
        self._diagnosis = diagnosis
        self._mask = 0  # chambers of the stage
        self._empty = 0  # those of them that were empty when it began
        self._fill_index = 0
        self._join_ticks = 0
        self._pause_ticks = 0  # valves released (pump on), or pump off: look at the pressure
        self._still_pa = 0  # where the pressure last moved
        self._still_ticks = 0
        self._quiet_air = 0  # pumped slowly at most
        self._set_expectations()

    def begin(self, index: int, fill_index: int, mask: int, donors: int, empty: int) -> None:
        """Begin a stage with the chambers `mask`, of which `empty` are empty.

        `donors` are the chambers that pass their air on before they close.
        """
        self.index = index
        self._fill_index = fill_index
        self._mask = mask
        self.chambers = mask | donors
        if donors:
            self._join_ticks = _JOIN_TICKS + _TRANSFER_TICKS
        else:
            self._join_ticks = 0 if empty == mask else _JOIN_TICKS
        self._empty = empty
        self._pause_ticks = 0
        self._still_ticks = 0
        self._late_air = 0  # set in the next step: this one has enough to do
        self.pump.learns = not self.standby
        self.pump.begin(index)

    def _set_expectations(self) -> None:
        """Set how much air the fill may take, by the guard's limits and by what was learnt."""
        learnt_ms = self._fills_ms[self._fill_index]
        empty = count_bits(self._empty)
        late_ms = empty * limits.INFLATE_MAX_MS - _LATE_EXTRA_MS
        self._still_max_ticks = _STILL_TICKS if learnt_ms else _STILL_NEW_TICKS
        self._due_air = AIR_PER_MS * (learnt_ms * _DUE_PERCENT // 100 if learnt_ms else late_ms)
        if learnt_ms and not self._diagnosis.conditions & fault_table.PUMP_WEAK:
            late_ms = min(late_ms, learnt_ms * _LATE_PERCENT // 100 + _LATE_EXTRA_MS)
        sign_ms = empty * limits.INFLATE_SIGN_MS - _SIGN_EXTRA_MS
        # the guard counts time, not air: a slow pump gets as much of it as leaves the rest
        quiet_ms = empty * limits.INFLATE_MAX_MS * QUIET_FLOW_PERCENT // 100
        self.pump.quiet = self.quiet and 0 < learnt_ms * 100 <= quiet_ms * _QUIET_PERCENT
        if self.pump.quiet:
            sign_ms = min(sign_ms, learnt_ms * _QUIET_LATE_PERCENT // 100)
            self._quiet_air = learnt_ms * _QUIET_LATE_PERCENT // 100 * AIR_PER_MS
        self._late_air = late_ms * AIR_PER_MS
        self._sign_air = min(sign_ms, late_ms) * AIR_PER_MS

    def rise(self) -> None:
        """End the standby and rise to the set pressure."""
        self.standby = False
        self.pump.learns = True
        self.pump.rise()

    def step(self, pressure_pa: int, set_pa: int, hold_ticks: int) -> int:
        """Return FILL, READY, ABANDONED or JUMP after one step towards `set_pa`.

        With `hold_ticks` 0 the next stage follows at once, so the pressure need not settle.
        """
        pump = self.pump
        if self._pause_ticks:
            return self._pause(pump)
        if pressure_pa - pump.pa > JUMP_PA or (
            pump.air < _SOON_AIR and pump.pa - pump.from_pa > _SOON_PA
        ):
            pump.off()
            return JUMP
        joins = self._join_ticks
        if joins:
            self._join_ticks = joins - 1
            if joins == _JOIN_TICKS:
                self.chambers = self._mask
            pump.step(UNLIMITED_PA)
            return FILL
        if self.standby:
            result = self._step_standby(pump)
        elif not hold_ticks:
            result = self._step_through(pump, set_pa)
        else:
            result = self._step_to_hold(pump, set_pa)
        if result == FILL and pump.permille:
            self._check_progress(pump)
        return result

    def _step_standby(self, pump: Pump) -> int:
        pump.step(STANDBY_PA)
        if pump.pa > limits.SQUEEZED_PA and not pump.permille:
            self._still_ticks += 1
            if self._still_ticks > _STILL_NEW_TICKS:
                return ABANDONED  # a leg was away and came back: that must not become a hold
        return FILL

    def _step_through(self, pump: Pump, set_pa: int) -> int:
        pump.step(UNLIMITED_PA)
        if pump.pa < set_pa:
            return FILL
        self.learn(0)
        return READY

    def _step_to_hold(self, pump: Pump, set_pa: int) -> int:
        pump.step(set_pa)
        if pump.reached and (pump.phase == COAST or set_pa - pump.pa <= _NEAR_PA):
            return READY
        if pump.pulses > _PULSES_MAX:
            self._pause_pump()
        return FILL

    def learn(self, missing_pa: int) -> None:
        """Report the fill to the diagnosis: what was pumped, and what is still missing."""
        slope_pa = self.pump.slope_pa()
        more_ms = missing_pa * SLOPE_MS // slope_pa if slope_pa > 0 else 0
        air_ms = self.pump.air // AIR_PER_MS + more_ms
        self._diagnosis.fill_completed(self.index, self._fill_index, air_ms, slope_pa)

    def _check_progress(self, pump: Pump) -> None:
        """Pause where the fill takes too long, or check the sensor where nothing moves."""
        if not self._late_air:
            self._set_expectations()
        air = pump.air
        if pump.quiet and air > self._quiet_air:
            pump.quiet = False  # … goes on at full power
        pa = pump.slow >> BITS  # noise must not count as a live sensor
        if air >= self._sign_air and (pa < limits.INFLATE_SIGN_PA or air >= self._late_air):
            self._pause_pump()
        elif pump.phase == RUN:
            self._still_ticks += 1
            still_max = _STILL_DUE_TICKS if air >= self._due_air else self._still_max_ticks
            if self._still_ticks > still_max:
                self.chambers = 0
                self._pause_ticks = _CHECK_TICKS
            if self._pause_ticks or abs(pa - self._still_pa) > _STILL_PA:
                self._still_pa = pa
                self._still_ticks = 0

    def _pause_pump(self) -> None:
        self.pump.off()
        self._pause_ticks = _LOOK_TICKS

    def _pause(self, pump: Pump) -> int:
        """Check the sensor (valves released, pump on), or the pressure without flow (pump off)."""
        self._pause_ticks -= 1
        if pump.permille and pump.pa - self._still_pa >= _CHECK_RISE_PA:
            pump.reset_filters(self._still_pa)
            self.chambers = self._mask
            self._pause_ticks = 0
            self._join_ticks = _JOIN_TICKS  # until the jump is over
        elif not self._pause_ticks:
            if not pump.permille:
                self._diagnosis.fill_abandoned(self.index, self._fill_index, pump.pa)
            return ABANDONED
        return FILL
