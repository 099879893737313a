"""User interface: handle the events of the buttons, drive the lights."""

from massager.core import limits, schedule
from massager.core.hmi.leds import Leds
from massager.core.hmi.panel import Panel
from massager.core.safety import supervisor
from massager.core.session import session_record
from massager.core.session.session import Session
from massager.core.signals import (
    EVENT_CLEAR,
    EVENT_READY_TO_CLEAR,
    Measurements,
    Outputs,
    Setpoints,
    Settings,
    Status,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CLEAR_STEPS = limits.CLEAR_WITHIN_MS // schedule.SLOW_MS


class UserInterface:
    """Panel, session, session record and lights, in step with the state of the device."""

    def __init__(
        self, setpoints: Setpoints, settings: Settings, own_programs: "tuple[Any, ...]"
    ) -> None:
        self.panel = Panel()
        self.session = Session(setpoints, settings, own_programs)
        self.session_record = session_record.SessionRecord()
        self._leds = Leds()
        self._setpoints = setpoints
        self._starting = False  # a session begins with the next step
        self._is_code_shown = False  # of the fault in force, from beginning to end
        self._clear_steps = 0  # left for the press that clears

    def is_idle(self) -> bool:
        """Return whether no button moves or is down, so that `listen` may be left out."""
        return self.panel.is_idle()

    def stuck_buttons(self) -> int:
        """Return the BUTTON_* bits of the buttons that are down for too long."""
        return self.panel.stuck()

    def listen(self, now_ms: int, raw: int, state: int) -> int:
        """Return the EVENT_* bits of this tick's contacts `raw`."""
        return self.panel.step(now_ms, raw, state, self.session.intensity.ramping)

    def handle(self, events: int, state: int) -> int:
        """Handle the panel's events; return those that the supervisor must handle.

        EVENT_CLEAR passes only within CLEAR_WITHIN_MS of the hold before it, and only if the
        code has been shown from beginning to end: the next fault needs a hold of its own.
        """
        session = self.session
        if state == supervisor.RUN:
            session.adjust(events)
        elif state == supervisor.OFF:
            session.choose(events)
            self.session_record.answer(events)
        elif state == supervisor.FAULT and self._is_code_shown:
            if events & EVENT_READY_TO_CLEAR:
                self._clear_steps = _CLEAR_STEPS
            elif events & EVENT_CLEAR and self._clear_steps:
                self._clear_steps = 0
                return events
        return events & ~EVENT_CLEAR

    def begin(self, was: int) -> None:
        """Resume the session after the state PAUSE, else start it soon; the self-test begins."""
        self.session.over = False
        self._starting = was != supervisor.PAUSE
        if not self._starting:
            self.session.resume()

    def end(self, state: int, conditions: int, fault_code: int) -> None:
        """End the session: `conditions` have moved the device to `state`."""
        self.session_record.stop(_end_reason(state, conditions, self.session), fault_code)
        self.session.stop()

    def step_session(self, state: int) -> None:
        """Step the session by 100 ms in `state`."""
        session = self.session
        if state == supervisor.RUN or state == supervisor.ENDING:
            session.step()
        elif state == supervisor.OFF:
            session.rest()
        elif state == supervisor.PAUSE:
            session.wait()
        elif state == supervisor.CHECK and self._starting:
            self._starting = False  # here and not in `begin`: no tick carries both
            session.start()
            self.session_record.start()

    def update_setpoints(self, state: int) -> None:
        """Update the setpoints; in the slot after `step_session`."""
        if state == supervisor.RUN or state == supervisor.ENDING:
            self.session.update_setpoints()

    def step_record(self, state: int, measured: Measurements, cycles: int) -> None:
        """Step the session record and the panel's timers by 100 ms."""
        self.panel.step_slow()
        if self._clear_steps:
            # another fault is shown now: it needs a hold of its own
            self._clear_steps = self._clear_steps - 1 if self._is_code_shown else 0
        if state == supervisor.RUN or state == supervisor.ENDING:
            self.session_record.step(self.session, self._setpoints, measured, cycles)
        elif state == supervisor.OFF:
            self.session_record.rest()

    def show_state(self, status: Status, outputs: Outputs) -> None:
        """Write the light of the state and the lamp, and advance the rhythms by 100 ms."""
        self._is_code_shown = self._leds.step_state(status, outputs)

    def show_light(self, status: Status, outputs: Outputs) -> None:
        """Write the next of the other lights."""
        self._leds.step(status, outputs)

    def report(self, status: Status) -> None:
        """Fill what `status` says of panel and session."""
        session = self.session
        status.program = session.program
        status.level = session.intensity.value
        status.heat_level = session.heat.level
        status.left_ms = session.left_ms
        status.stretch_ms = session.stretch_ms
        status.heat_waits = session.heat.level > 0 and not session.is_attended
        status.feeling = self.session_record.asking
        status.session_revision = self.session_record.revision
        status.locked = self.panel.locked
        status.untouched_ms = self.panel.untouched_ms


def _end_reason(state: int, conditions: int, session: Session) -> int:
    """Return why `conditions` ended the session in `state`: a reason of session_record.py."""
    if state == supervisor.FAULT:
        return session_record.FAILED
    if conditions & (supervisor.POWER_EDGE | supervisor.PAUSE_ENDED):
        return session_record.STOPPED
    if not session.completed:
        return session_record.INTERRUPTED
    return session_record.SKIPPED if session.skipped else session_record.COMPLETED
