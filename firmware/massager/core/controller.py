"""The one entrance of the core: `Controller.step(now_ms, inputs, outputs)` at 100 Hz.

One way through: buttons → panel → session → regulators → gate → outputs; measurements
come the other way. Fast work runs each tick; slow work is spread over ten ticks.
"""

from micropython import const

from massager.core import limits
from massager.core.air.sequencer import REST, AirSequencer
from massager.core.conditions import gather
from massager.core.dialogue import Dialogue
from massager.core.guards import Guards
from massager.core.heat.dose import HeatDose
from massager.core.heat.regulator import HeatRegulator
from massager.core.measure import Measure
from massager.core.motor.speed import MotorSpeed
from massager.core.safety import faults, supervisor
from massager.core.safety.gate import Gate
from massager.core.safety.readings import Readings
from massager.core.safety.selftest import SelfTest
from massager.core.signals import Measured, Targets

# Which tick of the ten carries which slow work; the guards take 2.
_MEASURE = const(0)
_LIGHT_A = const(1)
_LIGHT_B = const(3)
_REGULATE_HEAT = const(4)
_LAMP = const(5)
_SESSION = const(6)
_WISHES = const(7)
_TALLY = const(8)


class Controller:
    """Everything between `Inputs` and `Outputs`, built once from the board and `settings`.

    `state` is one of supervisor.*; the parts are attributes for those who show or record.
    """

    def __init__(self, board, settings):
        roles = board["roles"]
        heat_unlocked = settings.proven_wiring == board["wiring_id"]
        chamber_count = sum([role.startswith("chamber_") for role in roles])
        self.state = supervisor.OFF
        self.measured = Measured()
        self.targets = Targets()
        self.dialogue = Dialogue(self.targets, settings, board.get("programs", ()))
        self.session = self.dialogue.session
        self._panel = self.dialogue.panel
        self.heat = HeatRegulator()
        self.air = AirSequencer(chamber_count, "exhaust" in roles, settings)
        self.motor = MotorSpeed(board["motor"], board.get("tach_pulses_per_turn", 1))
        self.dose = HeatDose(settings.dose_s)
        self.guards = Guards(self.measured, self.targets, board, heat_unlocked)
        self.faults = self.guards.faults
        self.faults.latch(settings.latched)
        self._measure = Measure(board, settings, self.measured)
        self._readings = Readings(settings)
        self._selftest = SelfTest()
        self._gate = Gate(heat_unlocked)
        self._tick = 0

    def step(self, now_ms, inputs, outputs):
        """One tick: read `inputs`, write `outputs`. Allocates nothing, raises nothing."""
        tick = self._tick
        self._tick = tick + 1 if tick + 1 < limits.SLOW_TICKS else 0
        self._measure.step_fast(inputs)
        if tick == _MEASURE:
            self._measure.step_slow()
            self.dose.step(self.measured.pad_temp_mc)
        elif tick == _REGULATE_HEAT:
            self.heat.follow(self.measured.pad_temp_mc, outputs.heater_permille)
        self.guards.seen = self._selftest.conditions | self.air.diagnosis.conditions
        self.guards.button_stuck = self._panel.stuck
        self.guards.step(now_ms, tick, inputs, outputs)
        if self.faults.latched or self._readings.holding:
            self._readings.step(self.state, self.faults.groups, self.measured, outputs)
        self._decide(now_ms, inputs.buttons, outputs.motor_permille)
        self._regulate(now_ms, tick)
        self._let_through(outputs)
        if self.air.zero_pa:
            self._measure.pressure.correct_zero(self.air.zero_pa)
            self.air.zero_pa = 0
        if tick == _TALLY:
            self.dialogue.step_tally(self.state, self.measured, self.air.cycles)
        elif tick == _LIGHT_A or tick == _LIGHT_B:
            self.dialogue.indicator.step(self, outputs)
        elif tick == _LAMP:
            self.dialogue.indicator.step_state(self, outputs)

    def _decide(self, now_ms, buttons, motor_permille):
        """What the state is to be, by all that is known this tick."""
        bits = 0
        if buttons or not self._panel.idle:
            bits = self.dialogue.hear(now_ms, buttons, self.state, self.faults)
        at_rest = motor_permille == 0 and self.air.phase == REST
        bits = gather(bits, self.faults, self.session, self._selftest, at_rest)
        if bits:
            self._move(supervisor.next_state(self.state, bits), bits)

    def _let_through(self, outputs):
        self._gate.apply(
            self.state,
            self.guards.stops,
            self.heat,
            self.guards.heat_cut,
            self._selftest if self.state == supervisor.CHECK else self.air,
            self.motor,
            outputs,
        )

    def _move(self, state, conditions):
        """Enter `state`: the one place where a state begins."""
        was = self.state
        if state == was:
            return
        self.state = state
        self._selftest.reset()
        if state == supervisor.CHECK:
            self.dialogue.begin(was, self.air.cycles)
        elif state != supervisor.RUN and state != supervisor.ENDING:
            self.heat.off()
            self.motor.off()
            if state == supervisor.STOPPING:
                self.air.stop()
            else:
                self.air.off()
            if state != supervisor.PAUSE:
                self.dialogue.end(state, conditions, self.faults.code)

    def _regulate(self, now_ms, tick):
        """Regulators propose; in CHECK the self-test does."""
        state = self.state
        if tick == _SESSION:
            self.dialogue.step_session(state)
        elif tick == _WISHES:
            self.dialogue.step_wishes(state)
        if state == supervisor.CHECK:
            self._selftest.step(now_ms, self.measured.pressure_pa)
        elif state == supervisor.STOPPING and tick & 1:
            self.air.halt(now_ms, self.measured.pressure_pa, self.targets)
        elif state == supervisor.RUN or state == supervisor.ENDING:
            self._run(now_ms, tick, self.guards.stops)

    def _run(self, now_ms, tick, stops):
        targets = self.targets
        if not tick & 1:
            pass  # the air's regulator has the odd ticks
        elif targets.air_on and not stops & faults.STOPS_AIR:
            self.air.step(now_ms, self.measured.pressure_pa, targets)
        else:
            self.air.halt(now_ms, self.measured.pressure_pa, targets)
        if stops & faults.STOPS_MOTOR:
            self.motor.off()
        elif targets.motor_on:
            self.motor.step(targets.motor_pattern, targets.motor_set_rpm, self.measured)
        else:
            self.motor.stop()
        if not targets.heat_on or stops & faults.STOPS_HEAT or self.dose.spent:
            self.heat.off()
        elif tick == _REGULATE_HEAT:
            self.heat.step(targets.heat_set_mc)
