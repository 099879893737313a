"""The one entrance of the core: `Controller.step(now_ms, inputs, outputs)` at 100 Hz.

One way through: buttons → panel → session → regulators → gate → outputs; measurements
come the other way. Guards and gate work each tick; the air is regulated on odd ticks and the
motor on even ones, 50 times a second; slow work is spread over ten ticks.
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

# Which tick of the ten carries which slow work; the guards' own are in guards.py.
_MEASURE = const(0)
_REGULATE_HEAT = const(4)
_LAMP = const(5)  # 1 and 3 carry the rest of the lights
_LAST_LIGHT = const(5)
_SESSION = const(6)
_WISHES = const(7)
_TALLY = const(8)
_DECIDE = const(9)  # nothing pressing: has the session or the self-test come to an end?

_LAST_TICK = limits.SLOW_TICKS - 1


class Controller:
    """Everything between `Inputs` and `Outputs`, built once from the board and `settings`.

    `state` is one of supervisor.*; the parts are attributes for those who show or record.
    While `still` is set from outside, nothing is driven from the next rest of the air on.
    """

    def __init__(self, board, settings):
        roles = board["roles"]
        heat_unlocked = settings.proven_wiring == board["wiring_id"]
        has_exhaust = "exhaust" in roles
        chamber_count = sum([role.startswith("chamber_") for role in roles])
        self.state = supervisor.OFF
        self.still = False
        self.measured = Measured()
        self.targets = Targets()
        self.heat = HeatRegulator()
        self.air = AirSequencer(chamber_count, has_exhaust, settings)
        self.motor = MotorSpeed(board["motor"], board.get("tach_pulses_per_turn", 1))
        self.dose = HeatDose(settings.dose_s)
        self.guards = Guards(self.measured, self.targets, board, heat_unlocked)
        self.faults = self.guards.faults
        self.faults.latch(settings.latched)
        programs = board.get("programs", ())
        self.dialogue = Dialogue(self.targets, settings, programs, self.faults)
        self.session = self.dialogue.session
        self._panel = self.dialogue.panel
        self._measure = Measure(board, settings, self.measured)
        self._readings = Readings(settings)
        self._readings.step(self.state, self.faults.groups, self.measured, None)
        self._selftest = SelfTest()
        self._blower = self.air  # who proposes pump and valves
        self._gate = Gate(heat_unlocked, self.guards, self.heat, self.motor)
        self._tick = 0

    def step(self, now_ms, inputs, outputs):
        """One tick: read `inputs`, write `outputs`. Allocates nothing, raises nothing."""
        tick = self._tick
        self._tick = tick + 1 if tick != _LAST_TICK else 0
        self._measure.step_fast(inputs)
        if not tick & 1:
            self._measure.step_motor(inputs)
            if tick == _MEASURE:
                self._measure.step_slow()
                self.dose.step(self.measured.pad_temp_mc)
            elif tick == _REGULATE_HEAT:
                self.heat.follow(self.measured.pad_temp_mc, outputs.heater_permille)
        self.guards.step(now_ms, tick, inputs, outputs)
        if self.faults.latched or self._readings.holding:
            self._readings.step(self.state, self.faults.groups, self.measured, outputs)
        if inputs.buttons or not self._panel.idle:
            self._hear(now_ms, inputs.buttons, outputs)
        elif self.faults.stops or self.faults.latched or tick == _DECIDE:
            self._decide(0, outputs)
        if tick & 1:
            self._step_air(now_ms, self.state)
            if tick <= _LAST_LIGHT:
                self._shine(tick, outputs)
            elif tick == _WISHES:
                self.dialogue.step_wishes(self.state)
        else:
            self._step_motor(tick, self.state)
            if tick == _SESSION:
                self.dialogue.step_session(self.state)
            elif tick == _TALLY:
                self.dialogue.step_tally(self.state, self.measured, self.air.cycles)
                self.guards.button_stuck = self._panel.stuck
        self._gate.apply(self.state, self._blower, outputs)

    def _hear(self, now_ms, buttons, outputs):
        """Somebody presses, or has just let go."""
        self._decide(self.dialogue.hear(now_ms, buttons, self.state), outputs)

    def _decide(self, events, outputs):
        """What the state is to be, by all that is known this tick."""
        at_rest = outputs.motor_permille == 0 and self.air.phase == REST
        bits = gather(events, self.faults, self.session, self._selftest, at_rest)
        if bits:
            self._move(supervisor.next_state(self.state, bits), bits)

    def _move(self, state, conditions):
        """Enter `state`: the one place where a state begins."""
        was = self.state
        if state == was:
            return
        self.state = state
        self._selftest.reset()
        self._blower = self._selftest if state == supervisor.CHECK else self.air
        if state == supervisor.CHECK:
            self.dialogue.begin(was)
        elif state != supervisor.RUN and state != supervisor.ENDING:
            self.heat.off()
            self.motor.off()
            if state == supervisor.STOPPING:
                self.air.stop()
            else:
                self.air.off()
            if state != supervisor.PAUSE:
                self.dialogue.end(state, conditions, self.faults.code)

    def _step_air(self, now_ms, state):
        """Squeeze, let go, or prove the lines: 20 ms have passed."""
        air = self.air
        pressure_pa = self.measured.pressure_pa
        if state == supervisor.RUN or state == supervisor.ENDING:
            if self.still and air.phase == REST:
                return
            if self.targets.air_on and not self.guards.stops & faults.STOPS_AIR:
                air.step(now_ms, pressure_pa, self.targets)
            else:
                air.halt(now_ms, pressure_pa, self.targets)
            if air.zero_pa:
                self._measure.pressure.correct_zero(air.zero_pa)
                air.zero_pa = 0
        elif state == supervisor.STOPPING:
            air.halt(now_ms, pressure_pa, self.targets)
        elif state == supervisor.CHECK:
            self._selftest.step(now_ms, pressure_pa)
        self.guards.seen = self._selftest.conditions | air.diagnosis.conditions

    def _step_motor(self, tick, state):
        """Turn or come to rest: 20 ms have passed; the heat's law on one of these ticks."""
        if state != supervisor.RUN and state != supervisor.ENDING:
            return
        targets = self.targets
        stops = self.guards.stops
        if self.still and self.air.phase == REST:
            self.heat.off()
            self.motor.off()
            return
        if stops & faults.STOPS_MOTOR:
            self.motor.off()
        elif targets.motor_on:
            self.motor.step(targets.motor_pattern, targets.motor_set_rpm, self.measured)
        else:
            self.motor.stop()
        if tick == _REGULATE_HEAT:
            if targets.heat_on and not stops & faults.STOPS_HEAT and not self.dose.spent:
                self.heat.step(targets.heat_set_mc)
            else:
                self.heat.off()

    def _shine(self, tick, outputs):
        """A third of the lights."""
        if tick == _LAMP:
            self.dialogue.indicator.step_state(self, outputs)
        else:
            self.dialogue.indicator.step(self, outputs)
