"""Names what is wrong with the air, from what the lines and the fills have shown.

It only adds conditions to the fault table; the guard does not depend on it.

- lines (every cycle, see line_test.py): kinked hose, valves stuck either way, weak or dead pump,
  frozen sensor;
- fills: a wrap looser or tighter than learnt takes more or less air for the same slope; a
  weak pump would stretch both, but has shown before; no pressure at all is a hose that is off;
- holds: what had to be made up for is a leak.
"""

from micropython import const

from massager.core import limits
from massager.core.air.pump import SLOPE_MS
from massager.core.safety import fault_table
from massager.core.signals import PATTERNS, STAGES

_WEAK_PERCENT = const(65)
_SLOW_PERCENT = const(65)
_LOOSE_PERCENT = const(130)
_TIGHT_PERCENT = const(70)
_FILL_PART_MS = const(600)  # fills differ by less than this from cycle to cycle anyway
_NONE = const(-1)
_SHIFT = const(2)  # what is learnt follows a quarter of the news each time

_WRAP = fault_table.WRAP_LOOSE | fault_table.WRAP_TIGHT
_LINES = (
    fault_table.HOSE_KINKED
    | fault_table.HOSE_OFF
    | fault_table.VALVE_STUCK_OPEN
    | fault_table.VALVE_STUCK_CLOSED
    | fault_table.PUMP_WEAK
    | fault_table.PUMP_OR_SENSOR_DEAD
    | fault_table.PRESSURE_FROZEN
)
_JUDGED = _LINES | fault_table.EXHAUST_STUCK | fault_table.LEAK  # anew at every proof


class Diagnosis:
    """`conditions` are bits of the air group; notices pass when a cycle goes well again.

    What a sound leg, wrap and pump are like is learnt in `settings`. `judges`: this cycle's
    fills can be compared with that.
    """

    def __init__(self, settings, everything):
        self.judges = False
        self._settings = settings
        self._all = everything
        self.reset()

    def reset(self):
        """A new start: what was found is told by the latches. `_leaking` and what follows: bits of
        the stages that leaked in this cycle, in the last one, in the last two; `_fills`: those of
        this cycle, and how many took more or less air than learnt."""
        self.conditions = 0
        self._leaking = self._leaked = self._leaked_twice = 0
        self._no_pressure = False
        self._given_up = _NONE  # the stage whose last fill was given up
        self._fills = self._loose = self._tight = 0

    def lines(self, proof, first, stays):
        """After a vent proof with the pump; `first`: the cycle before found empty chambers;
        `stays`: the exhaust was open, and the pressure stayed."""
        found = 0
        if proof.soaked:
            found = (
                fault_table.VALVE_STUCK_OPEN
                if proof.charge.flows
                else fault_table.PUMP_OR_SENSOR_DEAD
            )
        elif proof.closed == self._all or (proof.closed and not proof.moved):
            found = fault_table.PRESSURE_FROZEN
        elif proof.slow:
            found = fault_table.HOSE_KINKED
        elif proof.closed:
            found = fault_table.VALVE_STUCK_CLOSED
        elif proof.charge.stroke_pa:
            found = self._intensity(proof.charge.stroke_pa)
        if self._no_pressure and not found:
            found = fault_table.HOSE_OFF
        self._no_pressure = False
        kept = self.conditions & ~_JUDGED
        if self._fills:
            kept = self._judge_wrap(kept & ~_WRAP, found, first)
        # a leak repeats; a leg that moves does not do so three times in the same stage
        leaking = self._leaking
        if leaking & self._leaked_twice:
            kept |= fault_table.LEAK
        self._leaked_twice = leaking & self._leaked
        self._leaked = leaking
        self._leaking = 0
        if stays and not found:
            kept |= fault_table.EXHAUST_STUCK
        self.conditions = kept | found

    def _judge_wrap(self, kept, found, first):
        """A wrap is loose or tight when half the fills of a session's first cycle say so: later
        it is the leg that moves. The notice passes with a cycle that goes well."""
        news = 0
        if not found:
            if self._loose * 2 >= self._fills:
                news = fault_table.WRAP_LOOSE
            elif self._tight * 2 >= self._fills:
                news = fault_table.WRAP_TIGHT
        kept |= news if first else news & self.conditions
        self._fills = self._loose = self._tight = 0
        return kept

    def _intensity(self, stroke_pa):
        settings = self._settings
        learnt_pa = settings.air_stroke_pa
        if stroke_pa * 100 < learnt_pa * _WEAK_PERCENT:
            return fault_table.PUMP_WEAK
        settings.air_stroke_pa = _blend(learnt_pa, stroke_pa)
        return 0

    def rests(self, rest_ms):
        """Chambers empty on in a rest: with another rest the fills are learnt anew."""
        settings = self._settings
        if settings.air_rest_ms != rest_ms:
            settings.air_rest_ms = rest_ms
            fills_ms = settings.air_fill_ms
            for index in range(PATTERNS * STAGES):
                fills_ms[index] = 0

    def notice(self, bit, is_on):
        """A notice that passes when it is not true any more."""
        self.conditions = self.conditions & ~bit | (bit if is_on else 0)

    def gave_up(self, index, cold, pressure_pa):
        """A fill was broken off with the chambers at `pressure_pa`, pump at rest."""
        fills_ms = self._settings.air_fill_ms
        if pressure_pa < limits.INFLATE_SIGN_PA:
            if fills_ms[cold] and self.judges:
                self._fills += 1  # more air than learnt, whatever comes of it
                self._loose += 1
            fills_ms[cold] = 0  # the next fill gets all the time there is …
            self._no_pressure = self._given_up == index  # … and then the lines are looked at
            self._given_up = index
        else:
            bit = 1 << index % STAGES
            self._leaking |= bit
            self._leaked_twice |= bit & self._leaked  # such a fill is long, and tells more

    def filled(self, index, cold, air_ms, slope_pa):
        """A stage has reached its pressure; `cold`: where what is learnt of its time lives."""
        settings = self._settings
        expected_ms = settings.air_fill_ms[cold]
        learnt_pa = settings.air_slope_pa[index]
        if self._given_up == index:
            self._given_up = _NONE
        if expected_ms and self.judges:
            self._fills += 1
            part_ms = air_ms - expected_ms
            if part_ms > _FILL_PART_MS and air_ms * 100 > expected_ms * _LOOSE_PERCENT:
                # more air than learnt: the wrap, unless the slope tells of pump or leak
                if slope_pa * 100 >= learnt_pa * _SLOW_PERCENT:
                    self._loose += 1
                return
            if -part_ms > _FILL_PART_MS and air_ms * 100 < expected_ms * _TIGHT_PERCENT:
                self._tight += 1
                return
        settings.air_fill_ms[cold] = _blend(expected_ms, air_ms)
        if slope_pa > 0:
            settings.air_slope_pa[index] = _blend(learnt_pa, slope_pa)

    def held(self, index, lost_ms, hold_ms):
        """A hold is over; the pump needs `lost_ms` to make up for what got lost, and did."""
        slope_pa = self._settings.air_slope_pa[index]
        if (
            lost_ms * 100 > hold_ms * limits.LEAK_PERCENT
            and lost_ms * slope_pa // SLOPE_MS * (limits.LEAK_MS // 100)
            > hold_ms // 100 * limits.LEAK_PA
        ):
            self._leaking |= 1 << index % STAGES


def _blend(known, fresh):
    return known + ((fresh - known) >> _SHIFT) if known else fresh
