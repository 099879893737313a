"""The one entrance of the core: `Controller.step(now_ms, inputs, outputs)` at 100 Hz.

One way through: buttons → panel → session → regulators → gate → outputs; measurements
come the other way. Guards and gate are asked each tick; the air is regulated on odd ticks and
the motor on even ones, 50 times a second; slow work is spread over ten ticks.
"""

from micropython import const

from massager.core import limits
from massager.core.guards import Guards
from massager.core.hmi.user_interface import UserInterface
from massager.core.regulators import Regulators
from massager.core.safety import supervisor
from massager.core.safety.freeze_frame import FreezeFrames
from massager.core.safety.gate import Gate
from massager.core.sensing import Sensing
from massager.core.signals import Measurements, Setpoints

# Which tick of the ten carries which slow work; the guards' own are in guards.py.
_MEASURE = const(0)
_REGULATE_HEAT = const(4)
_LAMP = const(5)  # 1 and 3 carry the rest of the lights
_DOSE = const(1)  # the dose; 3 and 7 are left light for the black box and for telemetry
_LAST_LIGHT = const(5)
_SESSION = const(6)
_WISHES = const(7)
_TALLY = const(8)
_DECIDE = const(9)  # nothing asked, nothing wrong: has session or self-test come to an end?

_ENDS = (supervisor.OFF, supervisor.STOPPING, supervisor.FAULT)
_LAST_TICK = limits.SLOW_TICKS - 1


class Controller:
    """Everything between `Inputs` and `Outputs`, built once from the board and `settings`.

    `state` is one of supervisor.*; the parts are attributes for those who show or record.
    """

    def __init__(self, board, settings):
        heat_unlocked = settings.proven_wiring == board["wiring_id"]
        self.state = supervisor.OFF
        self.measured = measured = Measurements()
        self.setpoints = setpoints = Setpoints()
        self._measure = Sensing(board, settings, measured)
        self.guards = guards = Guards(measured, setpoints, board, heat_unlocked)
        self.faults = guards.faults
        self.faults.latch(settings.latched)
        self._freeze_frames = FreezeFrames(settings)
        self._freeze_frames.step(self.state, self.faults.groups, measured, None)
        pressure = self._measure.pressure
        self.regulators = Regulators(board, settings, measured, setpoints, guards, pressure)
        self.dose = self.regulators.dose
        self.user_interface = UserInterface(
            setpoints, settings, board.get("programs", ()), self.faults
        )
        self.session = self.user_interface.session
        self._panel = self.user_interface.panel
        self._buttons = self._panel.buttons
        self._gate = Gate(heat_unlocked, guards, self.regulators)
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
                self.regulators.still = inputs.still
            elif tick == _REGULATE_HEAT:
                self.regulators.heat.follow(self.measured.pad_temp_mc, outputs.heater_permille)
        self.guards.step(now_ms, tick, inputs, outputs)
        if self.faults.latched or self._freeze_frames.holding:
            self._freeze_frames.step(self.state, self.faults.groups, self.measured, outputs)
        if (
            (
                (inputs.buttons or not self._buttons.idle)
                and self._panel.step(
                    now_ms, inputs.buttons, self.state, self.session.intensity.ramping
                )
            )
            or self.faults.stops
            or tick == _DECIDE
        ):
            self._decide(outputs)
        if tick & 1:
            self.regulators.step_air(now_ms, self.state)
            if tick <= _LAST_LIGHT:
                self.user_interface.shine(tick == _LAMP, self, outputs)
                if tick == _DOSE:
                    self.dose.step(self.measured.pad_temp_mc)
            elif tick == _WISHES:
                self.user_interface.update_setpoints(self.state)
        else:
            self.regulators.step_motor(self.state)
            if tick == _REGULATE_HEAT:
                self.regulators.step_heat(self.state)
            elif tick == _SESSION:
                self.user_interface.step_session(self.state)
            elif tick == _TALLY:
                self.user_interface.step_tally(
                    self.state, self.measured, self.regulators.air.cycles
                )
                self.guards.button_stuck = self._buttons.stuck
        self._gate.apply(self.state, outputs)

    def _decide(self, outputs):
        """What the state is to be, by all that is known this tick."""
        at_rest = self.state == supervisor.STOPPING and self.regulators.is_at_rest(outputs)
        events = self.user_interface.hear(self.state)
        bits = supervisor.gather(
            events, self.faults, self.session, self.regulators.selftest, at_rest
        )
        if bits:
            self._move(supervisor.next_state(self.state, bits), bits)

    def _move(self, state, conditions):
        """Enter `state`: the one place where a state begins."""
        was = self.state
        if state == was:
            return
        self.state = state
        self.regulators.enter(state)
        if state == supervisor.CHECK:
            self.user_interface.begin(was)
        elif state in _ENDS:
            self.user_interface.end(state, conditions, self.faults.code)
