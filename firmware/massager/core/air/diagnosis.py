"""Names what is wrong with the air, from what the lines and the fills have shown.

It only adds conditions to the fault table; the guard does not depend on it.

- lines (every cycle, see proof.py): kinked hose, valves stuck either way, weak or dead pump,
  frozen sensor;
- fills: a wrap looser or tighter than learnt takes more or less air for the same slope; a
  weak pump would stretch both, but has shown before; no pressure at all is a hose that is off;
- holds: what had to be made up for is a leak.
"""

from micropython import const

from massager.core import limits
from massager.core.air.learning import Learnt
from massager.core.safety import faults

_WEAK_PERCENT = const(65)
_SLOW_PERCENT = const(80)
_LOOSE_PERCENT = const(130)
_TIGHT_PERCENT = const(70)
_FILL_PART_MS = const(600)  # fills differ by less than this from cycle to cycle anyway
_LEAKS_MAX = const(2)  # two holds in a row: a leg that moved looks like a leak once
_LATE_PERCENT = const(170)
_LATE_EXTRA_MS = const(2_000)
_SIGN_EXTRA_MS = const(300)  # before the guard: a wrap may need all the time there is
_ABOUT_PERCENT = const(85)  # from here on a fill should show pressure

_NONE = const(-1)
_NOTHING_PA = const(107)  # even a slack wrap weighs more than 0.8 mmHg

_WRAP = faults.WRAP_LOOSE | faults.WRAP_TIGHT
_LINES = (
    faults.HOSE_KINKED
    | faults.VALVE_STUCK_OPEN
    | faults.VALVE_STUCK_CLOSED
    | faults.PUMP_WEAK
    | faults.PUMP_OR_SENSOR_DEAD
    | faults.PRESSURE_FROZEN
)


class Diagnosis:
    """`conditions` are bits of the air group; notices pass when a cycle goes well again."""

    def __init__(self, settings, everything):
        self.learnt = Learnt(settings)
        self._all = everything
        self._first = False
        self.reset()

    def reset(self):
        """A new start: what was found is told by the latches."""
        self.conditions = 0
        self._leaks = 0
        self._leaking = False
        self._no_pressure = False
        self._given_up = _NONE  # the stage whose last fill was given up
        # fills of this cycle, and those that took more or less air than learnt
        self._fills = self._loose = self._tight = 0
        self._wrap = 0  # what the last cycle's fills said of it

    def lines(self, proof, first):
        """After a vent proof with the pump; `first`: the cycle before found empty chambers."""
        self._first = first
        found = 0
        if proof.soaked:
            found = faults.VALVE_STUCK_OPEN if proof.charge.flows else faults.PUMP_OR_SENSOR_DEAD
        elif proof.closed == self._all or (proof.closed and not proof.moved):
            found = faults.PRESSURE_FROZEN
        elif proof.slow:
            found = faults.HOSE_KINKED
        elif proof.closed:
            found = faults.VALVE_STUCK_CLOSED
        elif proof.charge.stroke_pa:
            found = self._strength(proof.charge.stroke_pa)
        if self._no_pressure and not found:
            found = faults.HOSE_OFF
        self._no_pressure = False
        self._set(_LINES | faults.HOSE_OFF, found)
        self._judge_wrap(found)
        self._judge_leak()

    def _judge_wrap(self, found):
        """A wrap is loose or tight when most fills say so, in two cycles in a row."""
        if self._fills:
            news = 0
            if not found:
                if self._loose * 2 > self._fills:
                    news = faults.WRAP_LOOSE
                elif self._tight * 2 > self._fills:
                    news = faults.WRAP_TIGHT
            self._set(_WRAP, news if self._first else news & self._wrap)
            self._wrap = news
        self._fills = self._loose = self._tight = 0

    def _strength(self, stroke_pa):
        learnt_pa = self.learnt.stroke_pa
        if learnt_pa and stroke_pa * 100 < learnt_pa * _WEAK_PERCENT:
            return faults.PUMP_WEAK
        self.learnt.keep_stroke(stroke_pa)
        return 0

    def notice(self, bit, is_on):
        """A notice that somebody else has judged: EXHAUST_STUCK or MINUTE_MISSED."""
        self._set(bit, bit if is_on else 0)

    def is_due(self, index, cold, air_ms):
        """Whether a fill that has taken `air_ms` should show pressure by now."""
        expected_ms = self.learnt.fill_ms(index, cold)
        return expected_ms and air_ms * 100 >= expected_ms * _ABOUT_PERCENT

    def is_late(self, index, cold, air_ms, chambers, pressure_pa):
        """Whether a fill of so many new chambers, now at `pressure_pa`, takes too long."""
        limit_ms = chambers * limits.INFLATE_MAX_MS - _LATE_EXTRA_MS
        if pressure_pa < limits.INFLATE_SIGN_PA:
            limit_ms = chambers * limits.INFLATE_SIGN_MS - _SIGN_EXTRA_MS
        expected_ms = self.learnt.fill_ms(index, cold)
        if expected_ms and not self.conditions & faults.PUMP_WEAK:
            expected_ms = expected_ms * _LATE_PERCENT // 100 + _LATE_EXTRA_MS
            if expected_ms < limit_ms:
                limit_ms = expected_ms
        return air_ms >= limit_ms

    def gave_up(self, index, cold, pressure_pa):
        """A fill was broken off with the chambers at `pressure_pa`, pump at rest."""
        if pressure_pa < _NOTHING_PA:
            self._no_pressure = True  # the lines are looked at first
        elif pressure_pa < limits.INFLATE_SIGN_PA:
            self.learnt.forget_fill(index, cold)  # the next fill gets all the time there is …
            self._no_pressure = self._given_up == index  # … and then that is that
            self._given_up = index
        else:
            self._leaking = True

    def filled(self, index, cold, judges, air_ms, slope_pa):
        """A stage has reached its pressure."""
        learnt = self.learnt
        expected_ms = learnt.fill_ms(index, cold)
        if self._given_up == index:
            self._given_up = _NONE
        if expected_ms and judges:
            self._fills += 1
            part_ms = air_ms - expected_ms
            if part_ms > _FILL_PART_MS and air_ms * 100 > expected_ms * _LOOSE_PERCENT:
                # more air than learnt: the wrap, unless the slope tells of pump or leak
                if slope_pa * 100 >= learnt.slope_pa(index) * _SLOW_PERCENT:
                    self._loose += 1
                return
            if -part_ms > _FILL_PART_MS and air_ms * 100 < expected_ms * _TIGHT_PERCENT:
                self._tight += 1
                return
        learnt.keep_fill(index, cold, air_ms, slope_pa)

    def held(self, lost_pa, hold_ms):
        """A hold is over in which `lost_pa` got lost, what the pump made up for included."""
        if lost_pa * (limits.LEAK_MS // 100) > limits.LEAK_PA * (hold_ms // 100 + 1):
            self._leaking = True

    def _judge_leak(self):
        self._leaks = self._leaks + 1 if self._leaking else 0
        self._leaking = False
        self._set(faults.LEAK, faults.LEAK if self._leaks >= _LEAKS_MAX else 0)

    def _set(self, which, found):
        self.conditions = (self.conditions & ~which) | found
