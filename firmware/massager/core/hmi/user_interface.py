"""The dialogue with the person: what the buttons ask and what the session makes of it."""

from massager.core.hmi.leds import Leds
from massager.core.hmi.panel import Panel
from massager.core.safety import supervisor
from massager.core.session import session_record
from massager.core.session.session import Session
from massager.core.signals import EVENT_CLEAR, EVENT_POWER_EDGE


class UserInterface:
    """Panel, session, tally and lights, in step with the state of the device.

    `found` are the faults in force.
    """

    def __init__(self, setpoints, settings, own_programs, found):
        self.panel = Panel()
        self.session = Session(setpoints, settings, own_programs)
        self.session_record = session_record.SessionRecord()
        self.leds = Leds()
        self._setpoints = setpoints
        self._found = found
        self._starting = False  # a session begins with the next step
        self._clears = False  # this press of power has not cleared anything yet

    def hear(self, state):
        """Take what the panel has heard; returns what is left of it for the supervisor.

        A clearing press lets go of a fault here, once its code has been shown; the next fault
        is shown first, and wants a press of its own.
        """
        events = self.panel.heard
        if not events:
            return 0
        self.panel.heard = 0
        session = self.session
        if events & EVENT_POWER_EDGE:
            self._clears = True
        if state == supervisor.RUN:
            session.adjust(events)
        elif state == supervisor.OFF:
            session.choose(events)
            self.session_record.answer(events)
        elif state == supervisor.FAULT and events & EVENT_CLEAR:
            if not (self._clears and self.leds.code.complete):
                return events & ~EVENT_CLEAR
            self._clears = False
            self._found.clear()
        return events

    def begin(self, was):
        """The self-test begins; the session resumes where a pause left it, or starts soon."""
        self.session.over = False
        self._starting = was != supervisor.PAUSE
        if not self._starting:
            self.session.resume()

    def end(self, state, conditions, fault_code):
        """`conditions` have sent the device to `state`, where no session goes on."""
        self.session_record.stop(_end_reason(state, conditions, self.session), fault_code)
        self.session.stop()

    def step_session(self, state):
        """100 ms have passed in `state`."""
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

    def update_setpoints(self, state):
        """On another tick than `step_session`, whose consequence it is."""
        if state == supervisor.RUN or state == supervisor.ENDING:
            self.session.update_setpoints()

    def shine(self, lamp, device, outputs):
        """The part of the lights that this tick is for."""
        if lamp:
            self.leds.step_state(device, outputs)
        else:
            self.leds.step(device, outputs)

    def step_tally(self, state, measured, cycles):
        """The rest of what 100 ms bring."""
        self.panel.step_slow()
        if state == supervisor.RUN or state == supervisor.ENDING:
            self.session_record.step(self.session, self._setpoints, measured, cycles)
        elif state == supervisor.OFF:
            self.session_record.rest()


def _end_reason(state, conditions, session):
    """Return why `conditions` ended the session in `state`: a reason of session_record.py."""
    if state == supervisor.FAULT:
        return session_record.FAILED
    if conditions & (supervisor.POWER_EDGE | supervisor.CLEAR_HELD):
        return session_record.STOPPED
    if not session.completed:
        return session_record.INTERRUPTED
    return session_record.SKIPPED if session.skipped else session_record.COMPLETED
