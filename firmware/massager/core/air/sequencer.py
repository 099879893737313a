"""Squeezes the leg: chambers fill by the pattern, hold, and vent together.

A chamber whose valve is energised is on the manifold, so the sensor sees all that can
hold pressure. Every cycle ends with all valves released, which is the fastest way out, and
the proof that nothing is left in any chamber; the first one begins with it.
"""

from micropython import const

from massager.core import limits
from massager.core.air import patterns
from massager.core.air.diagnosis import Diagnosis
from massager.core.air.filling import BURST, LOST, READY, Filling
from massager.core.air.proof import VentProof
from massager.core.units import ticks_add, ticks_diff

REST = const(0)  # everything released
FILL = const(1)  # a stage is on its way to its pressure
HOLD = const(2)
VENT = const(3)  # chambers open to atmosphere
PROVE = const(4)  # one chamber after the other on the idle manifold

_VENT_MS = const(2_000)  # [physics] 40 → 3 mmHg through 1.8 mm takes up to 2.2 s
_DUMP_MS = const(700)  # the pump has come to rest
_MINUTE_MS = const(60_000)
_COLD_MS = const(20_000)
_EARLY_MS = const(1_500)  # begin this much before learnt, and wait with the slack taken up
_ON_TIME_MS = const(500)


class AirSequencer:
    """Proposes `pump_permille`, `chambers` (bit mask) and `exhaust` each tick.

    `phase`, `stage` and `cycles` tell where it is; `diagnosis` what it has found; `zero_pa`
    is what the sensor shows without pressure, once that is certain (0: nothing to correct).
    `chamber_count` 2…4, chamber 1 most distal.
    """

    def __init__(self, chamber_count, has_exhaust, settings):
        self.pump_permille = 0
        self.chambers = 0
        self.exhaust = False
        self.phase = REST
        self.stage = 0
        self.cycles = 0
        self.zero_pa = 0
        self._all = (1 << chamber_count) - 1
        self.diagnosis = Diagnosis(settings, self._all)
        self._fill = Filling(self.diagnosis)
        self._proof = VentProof(self._all)
        self._has_exhaust = has_exhaust
        self._since_ms = 0
        self._released_ms = 0
        self._waiting = False  # the time of this phase runs since _since_ms
        self._stopping = False
        self._last_ms = 0  # when there may last have been air in the chambers
        self._rested = False
        self._known = False  # the lines have been looked at since the last start
        self._first = True  # no cycle yet: how full the chambers still are is not known
        self._first_cycle = 0
        self._cold = True  # they have had the time to empty
        self._due_ms = 0  # the next minute
        self._dated = False
        self._high_pa = 0
        self._low_pa = 0

    def off(self):
        """Release everything at once; the next step starts from rest."""
        self._release()
        self.phase = REST
        self._waiting = False
        self._stopping = False
        self._known = False
        self._first = True
        self._dated = False
        self.diagnosis.reset()

    def stop(self):
        """Release everything at once, then let the steps that follow prove the vent.

        `phase` is REST again when that is done.
        """
        resting = self.phase == REST
        self.off()
        if not resting:
            self.phase = VENT
            self._stopping = True

    def halt(self, now_ms, pressure_pa, targets):
        """One tick without air: release, prove the vent once, stay at rest."""
        if self.phase != REST:
            if not self._stopping:
                self.stop()
            self.step(now_ms, pressure_pa, targets)

    def step(self, now_ms, pressure_pa, targets):
        """One tick of the pattern that `targets` ask for."""
        self._fill.pump.track(pressure_pa)
        if not self._waiting:
            self._waiting = True
            self._rested = ticks_diff(now_ms, self._last_ms) >= limits.PRESSURE_ZERO_REST_MS
            self._since_ms = now_ms
            self._released_ms = now_ms
        self._last_ms = now_ms
        phase = self.phase
        elapsed_ms = ticks_diff(now_ms, self._since_ms)
        if phase == FILL:
            self._step_fill(now_ms, pressure_pa, targets)
        elif phase == HOLD:
            left_ms = self._hold_ms(targets) - elapsed_ms
            set_pa = patterns.stage_set_pa(targets, self.stage)
            result = self._fill.hold(pressure_pa, set_pa, left_ms)
            self.pump_permille = self._fill.pump.permille
            if result == BURST:
                self._dump(now_ms)
            elif left_ms <= 0:
                self._fill.held()
                self._next_stage(now_ms, targets)
        elif phase == VENT:
            if self.chambers and elapsed_ms >= _DUMP_MS:
                self.chambers = 0
            if elapsed_ms >= _VENT_MS:
                self._begin_proof(now_ms)
        elif phase == PROVE:
            self._step_proof(now_ms, pressure_pa)
        elif not self._stopping:
            self._step_rest(now_ms, targets)

    def _step_rest(self, now_ms, targets):
        if not self._known:
            self._begin_proof(now_ms)
            return
        rest_ms = max(targets.rest_ms, limits.REST_SET_MIN_MS)
        if not self._first and ticks_diff(now_ms, self._released_ms) < rest_ms:
            return
        self._fill.wait = False
        if patterns.is_on_the_minute(targets.pattern):
            if not self._is_minute_near(now_ms, targets):
                return
            self._fill.wait = True
        else:
            self._dated = False
        self._cold = ticks_diff(now_ms, self._released_ms) >= _COLD_MS
        self.diagnosis.learnt.keep_rest(rest_ms)
        self.exhaust = self._has_exhaust
        self.stage = 0
        self._begin_stage(now_ms, targets)

    def _is_minute_near(self, now_ms, targets):
        """Whether to begin now, so that the hold begins on the minute."""
        if not self._dated:
            return True
        left_ms = ticks_diff(self._due_ms, now_ms)
        needed_ms = self._fill.expected_ms(targets.pattern) + _EARLY_MS
        if left_ms > needed_ms:
            return False
        if left_ms < needed_ms - _EARLY_MS:
            self.diagnosis.minute(True)
            self._due_ms = ticks_add(self._due_ms, _MINUTE_MS)
            return False
        return True

    def _begin_stage(self, now_ms, targets):
        stage = self.stage
        mask = patterns.stage_mask(targets.pattern, stage, self._all)
        before = self.chambers if patterns.hands_on(targets.pattern) else 0
        self._fill.begin(targets.pattern, stage, mask, before, self._cold or self._first)
        self._fill.judges = self._rested or not self._first
        self._enter(FILL, now_ms)

    def _step_fill(self, now_ms, pressure_pa, targets):
        fill = self._fill
        set_pa = patterns.stage_set_pa(targets, self.stage)
        if fill.wait:
            if self._dated:
                fill.wait = ticks_diff(self._due_ms, now_ms) > fill.rise_ms(set_pa)
            else:
                fill.wait = not fill.has_waited
        holds = self._hold_ms(targets) > 0
        result = fill.step(pressure_pa, set_pa, holds)
        self.pump_permille = fill.pump.permille
        self.chambers = fill.chambers
        if result == READY:
            if not holds:
                self._next_stage(now_ms, targets)
                return
            self._enter(HOLD, now_ms)
            if patterns.is_on_the_minute(targets.pattern):
                self._date(now_ms)
        elif result == LOST:
            self._vent(now_ms)
        elif result == BURST:
            self._dump(now_ms)

    def _date(self, now_ms):
        if self._dated:
            self.diagnosis.minute(abs(ticks_diff(now_ms, self._due_ms)) > _ON_TIME_MS)
        else:
            self._due_ms = now_ms
            self._dated = True
        self._due_ms = ticks_add(self._due_ms, _MINUTE_MS)

    def _hold_ms(self, targets):
        pattern = targets.pattern
        is_last = not patterns.stage_mask(pattern, self.stage + 1, self._all)
        return patterns.stage_hold_ms(targets, self.stage, is_last)

    def _next_stage(self, now_ms, targets):
        self.stage += 1
        if patterns.stage_mask(targets.pattern, self.stage, self._all):
            self._begin_stage(now_ms, targets)
            return
        self.cycles += 1
        if self._first:
            self._first = False
            self._first_cycle = self.cycles
        self._vent(now_ms)

    def _vent(self, now_ms):
        self._release()
        self._released_ms = now_ms
        self._enter(VENT, now_ms)

    def _dump(self, now_ms):
        """A chamber took no air: the others take what it threw back."""
        mask = self.chambers
        self._vent(now_ms)
        self.chambers = self._all & ~mask

    def _begin_proof(self, now_ms):
        if self._has_exhaust and self._known:
            self.diagnosis.exhaust(self._fill.pump.pa >= limits.VENTED_PA)
        self.exhaust = self._has_exhaust
        self._high_pa = self._low_pa = self._fill.pump.pa
        self._proof.begin(not self._stopping)
        self._enter(PROVE, now_ms)

    def _step_proof(self, now_ms, pressure_pa):
        proof = self._proof
        proof.step(pressure_pa)
        self.pump_permille = proof.pump_permille
        self.chambers = proof.chambers
        pa = self._fill.pump.pa
        self._high_pa = max(self._high_pa, pa)
        self._low_pa = min(self._low_pa, pa)
        if not proof.done:
            return
        self._release()
        if not self._stopping:
            moved = self._high_pa - self._low_pa >= limits.FROZEN_PA
            self.diagnosis.lines(proof, moved, self.cycles == self._first_cycle)
            if self._rested and not self._known and proof.is_clean:
                self.zero_pa = proof.empty_pa
        self._known = True
        self._stopping = False
        self._enter(REST, now_ms)

    def _release(self):
        self.pump_permille = 0
        self.chambers = 0
        self.exhaust = False
        self._fill.pump.off()

    def _enter(self, phase, now_ms):
        self.phase = phase
        self._since_ms = now_ms
