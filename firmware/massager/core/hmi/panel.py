"""The panel: what a press means depends on what the device is doing, and on the lock."""

from micropython import const

from massager.core import limits
from massager.core.hmi import gestures
from massager.core.hmi.buttons import Buttons
from massager.core.safety import supervisor
from massager.core.signals import BUTTON_POWER, EVENT_LOCK

_SITUATIONS = (  # by state
    gestures.OFF,
    gestures.CHECKING,
    gestures.RUNNING,
    gestures.PAUSED,
    gestures.ENDING,
    0,  # STOPPING: nothing can be asked for; power has nothing left to stop
    gestures.FAULTY,
)
_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS
_UNTOUCHED_MAX_MS = const(3_600_000)


class Panel:
    """Buttons and lock. `untouched_ms`: how long ago any contact was last closed.
    `buttons` tell whether there is anything to listen to; `heard` are the events of the last
    step, until somebody takes them.

    While `locked`, power still stops and still clears a fault; everything else, a start
    included, wants the lock opened first. The lock ends with power-off. A button that is
    down when the chip starts means nothing until all have been let go: a press that lasted
    through a reset must not start anything. One that is stuck is not waited for, but for
    power itself.
    """

    def __init__(self):
        self.locked = False
        self.untouched_ms = 0
        self.heard = 0
        self.buttons = Buttons()
        self._awake = False  # the buttons have been seen let go since the chip started

    def step(self, now_ms, raw, state, ramping):
        """Take the raw bits of this tick, unless the buttons are idle; returns EVENT_* bits."""
        buttons = self.buttons
        situation = 0
        if raw:
            self.untouched_ms = 0
            if self._awake and raw != buttons.raw:
                situation = self._situation(state, ramping)
        events = self.heard = buttons.step(now_ms, raw, situation)
        if not self._awake and not raw & (~buttons.stuck | BUTTON_POWER):
            self._awake = True
        if events & EVENT_LOCK:
            self.locked = not self.locked
        return events

    def _situation(self, state, ramping):
        """What a press that begins now is about."""
        if self.locked and state != supervisor.FAULT:
            return gestures.LOCKED
        if ramping and state == supervisor.RUN:
            return gestures.RAMPING
        return _SITUATIONS[state]

    def step_slow(self):
        """100 ms have passed."""
        if self.untouched_ms < _UNTOUCHED_MAX_MS:
            self.untouched_ms += _STEP_MS
