"""Squeezes the leg: chambers fill by the pattern, hold, and vent together.

A chamber whose valve is energised is on the manifold, so the sensor sees all that can
hold pressure. Every cycle ends with all valves released, which is the fastest way out, and
the proof that nothing is left in any chamber; the first one begins with it.

A cycle that is cut owes its proof. A hose under a leg hides its chamber from valve and sensor
alike, however one lets go: only air that is asked in tells a closed line from an empty one. So
a stop lets go at once, and when the chambers have had the time to empty each line gets its
breath, as after every cycle. A session whose last cycle was proved ends without a sound.
"""

from micropython import const

from massager.core import limits
from massager.core.air.cycle import DONE, HOLD, Cycle
from massager.core.air.diagnosis import Diagnosis
from massager.core.air.inflation import BURST, FILL
from massager.core.air.line_test import LineTest
from massager.core.units import NEVER_MS, clamp, ticks_diff

REST = const(0)  # everything released; then FILL and HOLD
VENT = const(3)  # chambers open to atmosphere
PROVE = const(4)  # one chamber after the other on the idle manifold
_VENT_MS = const(2_000)  # [physics] 40 → 3 mmHg through 1.8 mm takes up to 2.2 s
_FALL_MS = const(300)  # through an open exhaust the manifold is empty at once
_DUMP_MS = const(700)  # the pump has come to rest, or a chamber is nearly empty
_COLD_MS = const(20_000)


class AirSequencer:
    """Proposes `pump_permille`, `chambers` (bit mask) and `exhaust` each tick.

    `phase`, `stages` and `cycles` tell where it is; `diagnosis` what it has found; `zero_pa`
    is what the sensor shows without pressure, once that is certain (0: nothing to correct).
    `chamber_count` 2…4, chamber 1 most distal.
    """

    def __init__(self, chamber_count, has_exhaust, settings):
        self.cycles = self.zero_pa = self._since_ms = self._released_ms = 0
        self._all = (1 << chamber_count) - 1
        self.diagnosis = Diagnosis(settings, self._all)
        self.stages = Cycle(settings, self.diagnosis, self._all)
        self._pump = self.stages.filling.pump
        self._proof = LineTest(self._all)
        self._has_exhaust = has_exhaust
        self._last_ms = NEVER_MS  # when there may last have been air in the chambers
        self.exhaust = self._rested = self._stays = False
        self._owes = self._breathes = self._wary = False
        self.off()

    def off(self):
        """Release everything at once; the next step starts from rest."""
        self._release()
        self.phase = REST
        self._waiting = self._stopping = self._known = False  # known: the lines were looked at
        self._done = 0  # cycles since; before the first, how full the chambers are is not known
        self.stages.minute.forget()
        self.diagnosis.reset()

    def stop(self):
        """Release everything at once, then let the steps that follow prove the vent.

        `phase` is REST again when that is done, at once where nothing is owed.
        """
        stopping = self.phase != REST or self._owes
        self.off()
        self.phase = VENT if stopping else REST
        self._stopping = stopping

    def let_go(self):
        """Release everything, if that has not been done since the last stroke."""
        if self.phase != REST and not self._stopping:
            self.stop()

    def halt(self, now_ms, pressure_pa, setpoints, may_pump=False):
        """One tick without air: release, prove the vent once, stay at rest. Without `may_pump`
        a proof that is owed stays owed."""
        self.let_go()
        self._breathes = may_pump and self._owes
        if self.phase == PROVE and self._proof.may_pump != self._breathes:
            self.stop()
        if self.phase != REST:
            self.step(now_ms, pressure_pa, setpoints)

    def step(self, now_ms, pressure_pa, setpoints):
        """One tick of the pattern that `setpoints` ask for."""
        self._pump.track(pressure_pa)
        if not self._waiting:
            self._start(now_ms)
        self._last_ms = now_ms
        if FILL <= self.phase <= HOLD:
            phase = self.phase = self.stages.step(now_ms, pressure_pa, setpoints)
            self.pump_permille = self._pump.permille
            self.chambers = self.stages.filling.chambers
            if phase > HOLD:
                self._end_cycle(now_ms, phase, setpoints.gently)
        elif self.phase == VENT:
            elapsed_ms = ticks_diff(now_ms, self._since_ms)
            if elapsed_ms >= _VENT_MS:
                self._begin_proof()
            elif self.chambers and elapsed_ms >= _DUMP_MS:
                self.chambers &= self.chambers >> 1  # the next lets go, the most proximal one
                self.exhaust = self.exhaust and self.chambers > 0
                self._since_ms = now_ms
            elif elapsed_ms <= _FALL_MS and not self.exhaust:
                self._stays = self._pump.pa >= limits.VENTED_PA  # though it was let go
        elif self.phase == PROVE:
            self._step_proof(pressure_pa)
        elif not self._stopping:
            self._step_rest(now_ms, setpoints)

    def _start(self, now_ms):
        self._waiting = True  # ticks begin at power-up
        rested_ms = now_ms if self._last_ms == NEVER_MS else ticks_diff(now_ms, self._last_ms)
        self._rested = rested_ms >= limits.PRESSURE_ZERO_REST_MS
        self._since_ms = self._released_ms = now_ms

    def _step_rest(self, now_ms, setpoints):
        if not self._known:
            self._begin_proof()
            return
        rest_ms = clamp(setpoints.rest_ms, limits.REST_SET_MIN_MS, limits.REST_SET_MAX_MS)
        early = self._done and ticks_diff(now_ms, self._released_ms) < rest_ms
        if early or not self.stages.is_due(now_ms, setpoints.pattern):
            return
        self.diagnosis.rests(rest_ms)
        self.diagnosis.judges = self._rested or self._done > 0
        self.exhaust = self._has_exhaust
        self._owes = True  # until it is proved, whatever comes in between
        cold = not self._done or ticks_diff(now_ms, self._released_ms) >= _COLD_MS
        self.stages.begin(setpoints, cold)
        self.phase = FILL

    def _end_cycle(self, now_ms, result, gently):
        held = self.chambers
        self._release()
        self._since_ms = self._released_ms = now_ms
        self.phase = VENT
        if result == DONE:
            self.cycles += 1
            self._done += 1
            if gently:
                self.chambers = held & held >> 1
                self.exhaust = self._has_exhaust
        elif result == BURST:  # the other chambers take what a blocked one threw back
            self.chambers = self._all & ~held
            self._wary = True  # or does the pump run on?

    def _begin_proof(self):
        self.exhaust = self._has_exhaust
        self._proof.begin(self._breathes or not self._stopping, self._wary, not self._known)
        self._wary = False
        self.phase = PROVE

    def _step_proof(self, pressure_pa):
        proof = self._proof
        proof.step(pressure_pa, self._pump.pa)
        if not proof.done:
            self.pump_permille = proof.charge.pump_permille
            self.chambers = proof.chambers
            return
        self._release()
        if proof.may_pump:
            self._owes = bool(proof.slow | proof.closed)
            self.diagnosis.lines(proof, self._done < 2, self._has_exhaust and self._stays)
            if self._rested and not self._known and proof.is_clean:
                self.zero_pa = proof.empty_pa
            self._known = True
        self._stopping = False
        self.phase = REST

    def _release(self):
        self.pump_permille = self.chambers = 0
        self.exhaust = False
        self._pump.off()
