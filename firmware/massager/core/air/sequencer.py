"""Sequence the air: inflate by pattern, hold, vent, test the lines, rest.

A chamber whose valve is energised is on the manifold, so the sensor sees everything that can
hold pressure. Every cycle ends with all valves released, which is the fastest way to vent, and
with a line test that verifies every chamber empty; the first cycle begins with one.

If a cycle is aborted, its line test is still pending. A hose under a leg hides its chamber from
valve and sensor alike, and only air that is pumped in shows whether a line is blocked or empty.
So a stop releases everything at once, and when the chambers have had the time to empty each
line gets its test pulse, as after every cycle. A session whose last cycle was verified ends
without pumping.
"""

from micropython import const

from massager.core import limits
from massager.core.air.cycle import DONE, HOLD, Cycle
from massager.core.air.diagnosis import Diagnosis
from massager.core.air.inflation import FILL, JUMP
from massager.core.air.line_test import LineTest
from massager.core.signals import Setpoints, Settings
from massager.core.units import NEVER_MS, clamp, ticks_diff

REST = const(0)  # everything released; then FILL and HOLD
VENT = const(3)  # chambers open to atmosphere
LINE_TEST = const(4)  # one chamber after the other on the idle manifold
_VENT_MS = const(2_000)  # [physics] 40 → 3 mmHg through 1.8 mm takes up to 2.2 s
_FALL_MS = const(300)  # through an open exhaust the manifold is empty at once
_DUMP_MS = const(700)  # the pump has come to rest, or a chamber is nearly empty
_EMPTIED_MS = const(20_000)  # chambers go on emptying for so long after their release


class AirSequencer:
    """Propose `pump_permille`, `chambers` (bits) and `exhaust` (True: closed) each step.

    `phase` is one of REST, FILL, HOLD, VENT, LINE_TEST; `cycle` gives the stage, `cycles` counts
    completed ones, `diagnosis` holds what was found. `chamber_count` is 2…4; chamber 1 is the
    most distal one.
    """

    def __init__(self, chamber_count: int, has_exhaust: bool, settings: Settings) -> None:
        self.cycles = 0
        self._installed = (1 << chamber_count) - 1
        self.diagnosis = Diagnosis(settings, self._installed)
        self.cycle = Cycle(settings, self.diagnosis, self._installed)
        self._pump = self.cycle.inflation.pump
        self._line_test = LineTest(self._installed)
        self._has_exhaust = has_exhaust
        self._last_ms = NEVER_MS  # last step, since when chambers have been released at the least
        self._since_ms = 0  # start of the vent, or of a part of it
        self._released_ms = 0  # end of the last cycle
        self._rested = False  # everything was released for long before this start
        self._pressure_stayed = False  # at the last vent, although the exhaust was open
        self._test_pending = False  # chambers were inflated, and not verified empty since
        self._pulses_allowed = False  # while halting
        self._check_pump = False  # the pump may run on after a pressure jump
        self.off()

    def off(self) -> None:
        """Release everything at once; the next step starts from rest."""
        self._release_outputs()
        self.phase = REST
        self._is_started = False
        self._is_stopping = False
        self._lines_tested = False
        self._cycles_done = 0  # since the start; how full the chambers are before is not known
        self.cycle.timer.reset()
        self.diagnosis.reset()

    def stop(self) -> None:
        """Release everything at once; the steps that follow vent and test the lines.

        `phase` is REST again when that is done; at once if no test is pending.
        """
        must_vent = self.phase != REST or self._test_pending
        self.off()
        self.phase = VENT if must_vent else REST
        self._is_stopping = must_vent

    def abort(self) -> None:
        """Stop unless already stopping or at rest."""
        if self.phase != REST and not self._is_stopping:
            self.stop()

    def halt(
        self, now_ms: int, pressure_pa: int, setpoints: Setpoints, may_pump: bool = False
    ) -> int:
        """Run one step without air: release, vent, test the lines once, stay at rest.

        Without `may_pump` a pending line test stays pending. Return as `step` does.
        """
        self.abort()
        self._pulses_allowed = may_pump and self._test_pending
        is_testing = self.phase == LINE_TEST
        if is_testing and self._line_test.pulses_allowed != self._pulses_allowed:
            self.stop()
        return self.step(now_ms, pressure_pa, setpoints) if self.phase != REST else 0

    def step(self, now_ms: int, pressure_pa: int, setpoints: Setpoints) -> int:
        """Run one step of the pattern that `setpoints` ask for.

        Return the sensor's reading without pressure, Pa, once that is certain; else 0.
        """
        self._pump.track(pressure_pa)
        if not self._is_started:
            self._start(now_ms)
        self._last_ms = now_ms
        if FILL <= self.phase <= HOLD:
            self._step_cycle(now_ms, pressure_pa, setpoints)
        elif self.phase == VENT:
            self._step_vent(now_ms)
        elif self.phase == LINE_TEST:
            return self._step_line_test(pressure_pa)
        elif not self._is_stopping:
            self._step_rest(now_ms, setpoints)
        return 0

    def _start(self, now_ms: int) -> None:
        self._is_started = True
        rest_ms = now_ms  # ticks begin at power-up
        if self._last_ms != NEVER_MS:
            rest_ms = ticks_diff(now_ms, self._last_ms)
        self._rested = rest_ms >= limits.PRESSURE_ZERO_REST_MS
        self._since_ms = now_ms
        self._released_ms = now_ms

    def _step_rest(self, now_ms: int, setpoints: Setpoints) -> None:
        if not self._lines_tested:
            self._begin_line_test()
            return
        rest_ms = clamp(setpoints.rest_ms, limits.REST_SET_MIN_MS, limits.REST_SET_MAX_MS)
        released_ms = ticks_diff(now_ms, self._released_ms)
        is_early = self._cycles_done and released_ms < rest_ms
        if is_early or not self.cycle.is_due(now_ms, setpoints.pattern):
            return
        self.diagnosis.set_rest(rest_ms)
        self.diagnosis.compares_fills = self._rested or self._cycles_done > 0
        self.exhaust = self._has_exhaust
        self._test_pending = True
        self.cycle.begin(setpoints, not self._cycles_done or released_ms >= _EMPTIED_MS)
        self.phase = FILL

    def _step_cycle(self, now_ms: int, pressure_pa: int, setpoints: Setpoints) -> None:
        phase = self.cycle.step(now_ms, pressure_pa, setpoints)
        self.phase = phase
        self.pump_permille = self._pump.permille
        self.chambers = self.cycle.inflation.chambers
        if phase > HOLD:
            self._end_cycle(now_ms, phase, setpoints.quiet)

    def _end_cycle(self, now_ms: int, result: int, quiet: bool) -> None:
        held = self.chambers
        self._release_outputs()
        self._since_ms = now_ms
        self._released_ms = now_ms
        self.phase = VENT
        if result == DONE:
            self.cycles += 1
            self._cycles_done += 1
            if quiet:
                self.chambers = held & held >> 1
                self.exhaust = self._has_exhaust
        elif result == JUMP:  # the other chambers take the air that a blocked one did not
            self.chambers = self._installed & ~held
            self._check_pump = True

    def _step_vent(self, now_ms: int) -> None:
        elapsed_ms = ticks_diff(now_ms, self._since_ms)
        if elapsed_ms >= _VENT_MS:
            self._begin_line_test()
        elif self.chambers and elapsed_ms >= _DUMP_MS:
            self.chambers &= self.chambers >> 1  # release the most proximal one
            self.exhaust = self.exhaust and self.chambers > 0
            self._since_ms = now_ms
        elif elapsed_ms <= _FALL_MS and not self.exhaust:
            self._pressure_stayed = self._pump.pa >= limits.VENTED_PA

    def _begin_line_test(self) -> None:
        self.exhaust = self._has_exhaust
        pulses_allowed = self._pulses_allowed or not self._is_stopping
        self._line_test.begin(pulses_allowed, self._check_pump, not self._lines_tested)
        self._check_pump = False
        self.phase = LINE_TEST

    def _step_line_test(self, pressure_pa: int) -> int:
        test = self._line_test
        test.step(pressure_pa, self._pump.pa)
        if not test.done:
            self.pump_permille = test.charger.pump_permille
            self.chambers = test.chambers
            return 0
        zero_pa = 0
        self._release_outputs()
        if test.pulses_allowed:
            self._test_pending = bool(test.slow | test.closed)
            pressure_stayed = self._has_exhaust and self._pressure_stayed
            self.diagnosis.line_test_completed(test, self._cycles_done < 2, pressure_stayed)
            if self._rested and not self._lines_tested and test.passed_at_once:
                zero_pa = test.zero_pa
            self._lines_tested = True
        self._is_stopping = False
        self.phase = REST
        return zero_pa

    def _release_outputs(self) -> None:
        self.pump_permille = 0
        self.chambers = 0
        self.exhaust = False
        self._pump.off()
