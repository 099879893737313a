"""One stage on its way to its pressure, and what may go wrong on the way.

While the slack of a wrap is taken up there is no pressure to see, so a sensor that has
died would go unnoticed: where nothing moves for long, the valves are let go for some
hundredths of a second, and a live sensor with a live pump jumps.
"""

from micropython import const

from massager.core import limits
from massager.core.air.pump import AIR_PER_MS, BITS, COAST, FAR_PA, RUN, SLOPE_MS, Pump
from massager.core.safety import fault_table
from massager.core.signals import PATTERNS, STAGES
from massager.core.units import count_bits

FILL = const(1)  # on its way
READY = const(3)  # at the pressure
LOST = const(4)  # will not get there
BURST = const(5)  # a chamber takes no air: the manifold jumped
WAIT_PA = const(667)  # slack taken up, hardly felt
BURST_PA = const(800)  # 6 mmHg in 20 ms: only the manifold itself is that small
_SOON_AIR = const(10_000)  # 250 ms at full flow: a chamber has hardly felt that …
_SOON_PA = const(2_000)  # … when the manifold alone shows this much more
_NEAR_PA = const(200)
_JOIN_TICKS = const(20)  # a chamber that joins takes the pressure down
_HAND_TICKS = const(40)  # the air of one chamber has gone over to the next
_STROKES_MAX = const(8)
_LATE_PERCENT = const(170)  # of what was learnt …
_LATE_EXTRA_MS = const(2_000)  # … and so much more
_SIGN_EXTRA_MS = const(500)  # before the guard, the jump after a look at the sensor included
_DUE_PERCENT = const(85)  # from here on a fill should show pressure
_STILL_PA = const(200)
_STILL_DUE_TICKS = const(75)  # where pressure is due: twice this in a tight wrap is 50 mmHg
_STILL_TICKS = const(250)  # before that
_STILL_NEW_TICKS = const(150)  # of a wrap that is not known yet
_BLINK_TICKS = const(5)
_BLINK_RISE_PA = const(1_100)
_LOOK_TICKS = const(20)  # the pressure without flow


class Inflation:
    """Proposes `chambers` and, in `pump`, the strokes.

    `wait` keeps it at WAIT_PA, the slack taken up, until `rise`. `index` counts stages of all
    patterns; a cold one, of chambers that had the time to empty, is learnt on its own.
    In a pause the valves are let go, or the pump.
    """

    def __init__(self, settings, diagnosis):
        self.index = self.chambers = self._mask = self._fresh = self._cold = 0
        self.wait = False
        self.pump = Pump(settings.air_slope_pa)
        self._fills_ms = settings.air_fill_ms
        self._diagnosis = diagnosis
        self._join_ticks = self._pause_ticks = self._still_pa = self._still_ticks = 0
        self._expect()

    def begin(self, index, mask, before, fresh, cold):
        """A stage with the chambers `mask`, `fresh` of them empty; `before` hand on their air."""
        self.index = index
        self._cold = index + PATTERNS * STAGES if cold else index
        self._mask = mask
        self.chambers = mask | before
        joins = 0 if fresh == mask else _JOIN_TICKS
        self._join_ticks = _JOIN_TICKS + _HAND_TICKS if before else joins
        self._fresh = fresh
        self._pause_ticks = self._still_ticks = 0
        self._late_air = 0  # `_watch` asks for it in the next step: this one has enough to do
        self.pump.learns = not self.wait
        self.pump.begin(index)

    def _expect(self):
        """How much air a fill may take, by the guard's limits and by what was learnt."""
        learnt_ms = self._fills_ms[self._cold]
        fresh = count_bits(self._fresh)
        late_ms = fresh * limits.INFLATE_MAX_MS - _LATE_EXTRA_MS
        self._still_max_ticks = _STILL_TICKS if learnt_ms else _STILL_NEW_TICKS
        self._due_air = AIR_PER_MS * (learnt_ms * _DUE_PERCENT // 100 if learnt_ms else late_ms)
        if learnt_ms and not self._diagnosis.conditions & fault_table.PUMP_WEAK:
            late_ms = min(late_ms, learnt_ms * _LATE_PERCENT // 100 + _LATE_EXTRA_MS)
        self._late_air = late_ms * AIR_PER_MS
        self._sign_air = min(fresh * limits.INFLATE_SIGN_MS - _SIGN_EXTRA_MS, late_ms) * AIR_PER_MS

    def rise(self):
        """The wait is over."""
        self.wait = False
        self.pump.learns = True
        self.pump.rise()

    def step(self, pressure_pa, set_pa, holds):
        """One step towards `set_pa`: FILL, READY, LOST or BURST; `holds`: it stays there."""
        pump = self.pump
        if self._pause_ticks:
            return self._pause(pump)
        if pressure_pa - pump.pa > BURST_PA or (
            pump.air < _SOON_AIR and pump.pa - pump.from_pa > _SOON_PA
        ):
            pump.off()
            return BURST
        joins = self._join_ticks
        if joins:
            self._join_ticks = joins - 1
            if joins == _JOIN_TICKS:
                self.chambers = self._mask
            pump.step(FAR_PA)
            return FILL
        if self.wait:
            pump.step(WAIT_PA)
            if pump.pa > limits.SQUEEZED_PA and not pump.permille:
                self._still_ticks += 1
                if self._still_ticks > _STILL_NEW_TICKS:
                    return LOST  # no wait must become a hold: a leg was away and came back
        elif not holds:
            pump.step(FAR_PA)
            if pump.pa >= set_pa:
                self.learn(0)
                return READY
        else:
            pump.step(set_pa)
            if pump.reached and (pump.phase == COAST or set_pa - pump.pa <= _NEAR_PA):
                return READY
            if pump.strokes > _STROKES_MAX:
                self._give_up()
        if pump.permille:
            self._watch(pump)
        return FILL

    def learn(self, missing_pa):
        """The stage took what was pumped, and would take what is missing."""
        slope_pa = self.pump.slope_pa()
        more_ms = missing_pa * SLOPE_MS // slope_pa if slope_pa > 0 else 0
        air_ms = self.pump.air // AIR_PER_MS + more_ms
        self._diagnosis.filled(self.index, self._cold, air_ms, slope_pa)

    def _watch(self, pump):
        """Is it taking too long, and is anybody still there?"""
        if not self._late_air:
            self._expect()
        air = pump.air
        pa = pump.slow >> BITS  # noise must not pass for a sensor that lives
        if air >= self._sign_air and (pa < limits.INFLATE_SIGN_PA or air >= self._late_air):
            self._give_up()
        elif pump.phase == RUN:
            self._still_ticks += 1
            most = _STILL_DUE_TICKS if air >= self._due_air else self._still_max_ticks
            if self._still_ticks > most:
                self.chambers = 0
                self._pause_ticks = _BLINK_TICKS
            if self._pause_ticks or abs(pa - self._still_pa) > _STILL_PA:
                self._still_pa = pa
                self._still_ticks = 0

    def _give_up(self):
        self.pump.off()
        self._pause_ticks = _LOOK_TICKS

    def _pause(self, pump):
        """Look at the pressure without flow, or at the sensor: valves let go, the pump goes on."""
        self._pause_ticks -= 1
        if pump.permille and pump.pa - self._still_pa >= _BLINK_RISE_PA:
            pump.forget(self._still_pa)
            self.chambers = self._mask
            self._pause_ticks = 0
            self._join_ticks = _JOIN_TICKS  # the jump goes by
        elif not self._pause_ticks:
            if not pump.permille:
                self._diagnosis.gave_up(self.index, self._cold, pump.pa)
            return LOST
        return FILL
