"""The dialogue with the person: what the buttons ask and what the session makes of it."""

from massager.core.panel.indicator import Indicator
from massager.core.panel.panel import Panel
from massager.core.safety import supervisor
from massager.core.session import tally
from massager.core.session.session import Session
from massager.core.signals import EVENT_CLEAR, EVENT_POWER_EDGE


class Dialogue:
    """Panel, session, tally and lights, in step with the state of the device.

    `found` are the faults in force.
    """

    def __init__(self, targets, settings, own_programs, found):
        self.panel = Panel()
        self.session = Session(targets, settings, own_programs)
        self.tally = tally.Tally()
        self.indicator = Indicator()
        self._targets = targets
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
            self.tally.answer(events)
        elif state == supervisor.FAULT and events & EVENT_CLEAR:
            if not (self._clears and self.indicator.code.complete):
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
        self.tally.stop(_end_reason(state, conditions, self.session), fault_code)
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
            self.tally.start()

    def step_wishes(self, state):
        """On another tick than `step_session`, whose consequence it is."""
        if state == supervisor.RUN or state == supervisor.ENDING:
            self.session.wish()

    def shine(self, lamp, device, outputs):
        """The part of the lights that this tick is for."""
        if lamp:
            self.indicator.step_state(device, outputs)
        else:
            self.indicator.step(device, outputs)

    def step_tally(self, state, measured, cycles):
        """The rest of what 100 ms bring."""
        self.panel.step_slow()
        if state == supervisor.RUN or state == supervisor.ENDING:
            self.tally.step(self.session, self._targets, measured, cycles)
        elif state == supervisor.OFF:
            self.tally.rest()


def _end_reason(state, conditions, session):
    """Why a session ended that `conditions` have just sent to `state`: one of tally.py."""
    if state == supervisor.FAULT:
        return tally.FAILED
    if conditions & (supervisor.POWER_EDGE | supervisor.CLEAR_HELD):
        return tally.STOPPED
    if not session.completed:
        return tally.INTERRUPTED
    return tally.SKIPPED if session.skipped else tally.COMPLETED
