"""The panel: what a press means depends on what the device is doing, and on the lock."""

from micropython import const

from massager.core import schedule
from massager.core.hmi import gestures
from massager.core.hmi.buttons import Buttons
from massager.core.safety import supervisor
from massager.core.signals import BUTTON_POWER, EVENT_LOCK, EVENT_RELIEF

_SITUATIONS = (  # by state
    gestures.OFF,
    gestures.CHECKING,
    gestures.RUNNING,
    gestures.PAUSED,
    gestures.ENDING,
    0,  # STOPPING: nothing can be asked for; power has nothing left to stop
    gestures.FAULTY,
)
_POWER = const(0)  # its index
_STEP_MS = schedule.SLOW_MS
_UNTOUCHED_MAX_MS = const(3_600_000)


class Panel:
    """Buttons and lock. `untouched_ms`: time since a contact was last closed.

    While `locked`, power still stops and still clears a fault; everything else, a start
    included, needs the lock opened first. The lock ends with power-off. A button that is
    down when the chip starts is ignored until all have been released: a press that lasted
    through a reset must not start anything. A stuck button does not block the others, unless
    it is power.
    """

    def __init__(self) -> None:
        self.locked = False
        self.untouched_ms = 0
        self._buttons = Buttons()
        self._is_armed = False  # the buttons have been seen released since the chip started

    def is_idle(self) -> bool:
        """Return whether no contact moves or is closed, so that `step` may be left out."""
        return self._buttons.idle

    def stuck(self) -> int:
        """Return the BUTTON_* bits of the buttons that are down for too long."""
        return self._buttons.stuck

    def step(self, now_ms: int, raw: int, state: int, ramping: bool) -> int:
        """Take the raw bits of this tick; return EVENT_* bits."""
        buttons = self._buttons
        situation = 0
        if raw:
            self.untouched_ms = 0
            if self._is_armed and raw != buttons.raw:
                situation = self._situation(state, ramping)
        events = buttons.step(now_ms, raw, situation)
        if not self._is_armed and not raw & (~buttons.stuck | BUTTON_POWER):
            self._is_armed = True
        if events & EVENT_RELIEF and not buttons.is_open(_POWER, now_ms):
            events &= ~EVENT_RELIEF  # nothing may start that power could not stop
        if events & EVENT_LOCK:
            self.locked = not self.locked
        return events

    def _situation(self, state: int, ramping: bool) -> int:
        """Return the situation, a bit of gestures.py, of a press that begins now."""
        if self.locked and state != supervisor.FAULT:
            return gestures.LOCKED
        if ramping and state == supervisor.RUN:
            return gestures.RAMPING
        return _SITUATIONS[state]

    def step_slow(self) -> None:
        """Count 100 ms."""
        if self.untouched_ms < _UNTOUCHED_MAX_MS:
            self.untouched_ms += _STEP_MS
