"""The one entrance of the core: `Controller.step(now_ms, inputs, outputs)` at 100 Hz.

One way through: buttons → user interface → session → setpoints → regulators → gate →
outputs; measurements come the other way. What runs in which tick stands in schedule.py.
"""

from massager.core import schedule
from massager.core.guards import Guards
from massager.core.hmi.user_interface import UserInterface
from massager.core.regulators import Regulators
from massager.core.safety import fault_table, supervisor
from massager.core.safety.freeze_frame import FreezeFrames
from massager.core.safety.gate import Gate
from massager.core.sensing import Sensing
from massager.core.signals import (
    EVENT_CLEAR,
    STORAGE_REFUSES,
    STORAGE_WAITS,
    Inputs,
    Measurements,
    Outputs,
    Reported,
    Setpoints,
    Settings,
    Status,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ENDS = (supervisor.OFF, supervisor.STOPPING, supervisor.FAULT)
_IDLE = (supervisor.OFF, supervisor.FAULT)


class Controller:
    """Everything between `Inputs` and `Outputs`, built once from the board and `settings`.

    `state` is one of supervisor.*, `status` what others may read, `tick` the next one of
    schedule.py. A study may give parts of its own: those that share `measured` and `setpoints`
    are built with the same records.
    """

    def __init__(
        self,
        board: "dict[str, Any]",
        settings: Settings,
        measured: "Measurements | None" = None,
        setpoints: "Setpoints | None" = None,
        sensing: "Sensing | None" = None,
        guards: "Guards | None" = None,
        regulators: "Regulators | None" = None,
    ) -> None:
        heat_unlocked = settings.proven_wiring == board["wiring_id"]
        self.state = supervisor.OFF
        self.measured = measured = measured or Measurements()
        self.setpoints = setpoints = setpoints or Setpoints()
        self._sensing = sensing or Sensing(board, settings, measured)
        self.guards = guards or Guards(
            measured, setpoints, board, heat_unlocked, settings.pad_bend_mc
        )
        self.faults = faults = self.guards.faults
        faults.latch(settings.latched)
        self._freeze_frames = FreezeFrames(settings)
        self._freeze_frames.step(self.state, faults.groups, measured, Outputs())
        self.regulators = regulators or Regulators(board, settings, measured, setpoints)
        self.dose = self.regulators.dose
        self.user_interface = UserInterface(setpoints, settings, board.get("programs", ()))
        self.session = self.user_interface.session
        self._gate = Gate(heat_unlocked)
        self._reported = Reported()
        self.tick = 0
        self._is_news = True  # something in `status` has changed outside its slot
        self.status = Status(
            measured,
            setpoints,
            faults.active_bits,
            faults.latched_bits,
            self.user_interface.session_record.record,
        )
        self._show(0, schedule.REPORT, Outputs())

    def step(
        self, now_ms: int, inputs: Inputs, outputs: Outputs, storage_requests: int = 0
    ) -> None:
        """Read `inputs`, write `outputs` and `status`. Allocate nothing, raise nothing.

        `storage_requests` holds STORAGE_* bits; `status.is_still` answers STORAGE_WAITS.
        """
        tick = self.tick
        self.tick = tick + 1 if tick != schedule.LAST else 0
        self._sense(tick, inputs, outputs)
        self._guard(now_ms, tick, inputs, outputs)
        events = self._listen(now_ms, inputs.buttons)
        if events or self.faults.stops or tick == schedule.DECIDE:
            self._decide(events, outputs)
        self._regulate(now_ms, tick, storage_requests)
        self._show(now_ms, tick, outputs)
        self._gate.apply(self.state, self.guards, self.regulators, outputs)
        self.status.is_still = self.regulators.hold_still and not outputs.driven()

    def end(self, has_failed: bool) -> int:
        """Close the session because the program ends; every output is safe already.

        `has_failed`: by an error, which is latched as a fault. Return the code of the gravest
        system fault, 0 for none.
        """
        if has_failed:
            self.faults.system.latch(fault_table.PROGRAM_ERROR)
            self.state = supervisor.FAULT
        code = self.faults.system.code
        self.user_interface.end(self.state, 0, code)
        self.user_interface.report(self.status)
        self.status.dose_stored_s = self.dose.stored_s(False)
        return code

    def _sense(self, tick: int, inputs: Inputs, outputs: Outputs) -> None:
        """Turn the inputs into measurements."""
        self._sensing.step_fast(inputs)
        if tick & schedule.ODD:
            return
        self._sensing.step_motor(inputs)
        if tick == schedule.SENSE:
            self._sensing.step_slow()
        elif tick == schedule.REGULATE_HEAT:
            self.regulators.heat.follow(self.measured.pad_temp_mc, outputs.heater_permille)

    def _guard(self, now_ms: int, tick: int, inputs: Inputs, outputs: Outputs) -> None:
        """Find faults, and store the measurements of those that latch."""
        self._reported.air = self.regulators.reported
        self.guards.step(now_ms, tick, inputs, outputs, self._reported)
        if self.faults.latched or self._freeze_frames.holding:
            self._freeze_frames.step(self.state, self.faults.groups, self.measured, outputs)

    def _listen(self, now_ms: int, buttons: int) -> int:
        """Return the EVENT_* bits of the buttons."""
        if not buttons and self.user_interface.is_idle():
            return 0
        self._is_news = True
        return self.user_interface.listen(now_ms, buttons, self.state)

    def _decide(self, events: int, outputs: Outputs) -> None:
        """Handle the events and enter the state that follows from all that is known."""
        if events:
            events = self.user_interface.handle(events, self.state)
            if events & EVENT_CLEAR and self.state == supervisor.FAULT:
                self.faults.clear()
        at_rest = self.state == supervisor.STOPPING and self.regulators.is_at_rest(outputs)
        conditions = supervisor.gather(
            events, self.faults, self.session, self.regulators.selftest, at_rest
        )
        if conditions:
            self._move(supervisor.next_state(self.state, conditions), conditions)

    def _move(self, state: int, conditions: int) -> None:
        """Enter `state`: the one place where a state begins."""
        was = self.state
        if state == was:
            return
        self.state = state
        self._is_news = True
        self.regulators.enter(state)
        if state == supervisor.CHECK:
            self.user_interface.begin(was)
        elif state in _ENDS:
            self.user_interface.end(state, conditions, self.faults.code)

    def _regulate(self, now_ms: int, tick: int, storage_requests: int) -> None:
        """Update setpoints and requested outputs: the work that this tick is for."""
        regulators = self.regulators
        stops = self.guards.stops
        state = self.state
        if tick & schedule.ODD:
            zero_pa = regulators.step_air(now_ms, state, stops)
            if zero_pa:
                self._sensing.correct_pressure_zero(zero_pa)
            if tick == schedule.SETPOINTS:
                self.user_interface.update_setpoints(state)
            return
        if tick == schedule.SENSE:
            regulators.hold_still = storage_requests & STORAGE_WAITS != 0
        regulators.step_motor(state, stops)
        if tick == schedule.DOSE:
            self.dose.step(self.measured.pad_temp_mc)
            self._report_dose()
        elif tick == schedule.REGULATE_HEAT:
            regulators.step_heat(state, stops)
        elif tick == schedule.SESSION:
            self.user_interface.step_session(state)
        elif tick == schedule.SESSION_RECORD:
            self.user_interface.step_record(state, self.measured, regulators.air.cycles)
            self._report_system(storage_requests)

    def _report_system(self, storage_requests: int) -> None:
        found = fault_table.BUTTON_STUCK if self.user_interface.stuck_buttons() else 0
        if storage_requests & STORAGE_REFUSES:
            found |= fault_table.MEMORY_REFUSED
        self._reported.system = found

    def _show(self, now_ms: int, tick: int, outputs: Outputs) -> None:
        """Fill `status`, and from it the part of the lights that this tick is for."""
        status = self.status
        faults = self.faults
        status.tick = tick
        status.now_ms = now_ms
        status.state = self.state
        status.fault_code = faults.code
        status.stops = faults.stops
        status.has_latched = faults.latched
        if tick == schedule.REPORT or self._is_news:
            self._is_news = False
            self.user_interface.report(status)
            status.cycles = self.regulators.air.cycles
            status.late_ticks = self.guards.late_ticks
            self._report_dose()
        if tick == schedule.LEDS_A or tick == schedule.LEDS_B:
            self.user_interface.show_light(status, outputs)
        elif tick == schedule.LEDS_STATE:
            self.user_interface.show_state(status, outputs)

    def _report_dose(self) -> None:
        status = self.status
        dose = self.dose
        status.dose_s = dose.seconds
        status.dose_stored_s = dose.stored_s(self.state not in _IDLE)
        status.dose_left_min = dose.left_min(self.measured.pad_temp_mc)
        status.dose_spent = dose.spent
