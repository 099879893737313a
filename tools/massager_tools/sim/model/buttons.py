"""The push-buttons: contacts that bounce, chatter and stick."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# bit n of a mask is NAMES[n], as the BUTTON_* bits of the firmware's core/signals.py: a test holds
# them together, because on a virtual chip the firmware's modules are joined and cannot be asked
NAMES = ("power", "up", "down", "program", "heat")

_CHATTER_MS = 400.0  # a worn contact: this long after every press and release …
_CHATTER_STEP_MS = 7.0  # … it opens and closes in steps of this length
_BOUNCE_STEP_MS = 1.0


class Buttons:
    """`p` is the section "buttons" of the parameters. Ask `is_closed(name)` at any time."""

    def __init__(self, p: "dict[str, Any]") -> None:
        self.p = p
        self.now_ms = 0.0
        self.stuck = dict.fromkeys(NAMES, False)
        self.chatter = dict.fromkeys(NAMES, False)
        self.induced = dict.fromkeys(NAMES, 0)  # ms from one induced sample to the next; 0: none
        self._pressed = dict.fromkeys(NAMES, False)
        self._moved_ms = dict.fromkeys(NAMES, -1e9)
        self._induced_ms = dict.fromkeys(NAMES, 0.0)  # time of the last induced sample

    def step(self, dt_s: float) -> None:
        """Let time pass."""
        self.now_ms += dt_s * 1000.0

    def press(self, name: str) -> None:
        """Put a finger down on `name`."""
        self._move(name, True)

    def release(self, name: str) -> None:
        """Lift the finger."""
        self._move(name, False)

    def _move(self, name: str, pressed: bool) -> None:
        if self._pressed[name] != pressed:
            self._pressed[name] = pressed
            self._moved_ms[name] = self.now_ms

    def is_closed(self, name: str) -> bool:
        """Return whether the contact is closed at this moment."""
        if self.stuck[name] or self._is_induced(name):
            return True
        since_ms = self.now_ms - self._moved_ms[name]
        if self.chatter[name]:
            if since_ms < _CHATTER_MS:
                return int(since_ms / _CHATTER_STEP_MS) % 2 == 0
        elif since_ms < self.p["bounce_ms"]:
            return (int(since_ms / _BOUNCE_STEP_MS) % 2 == 0) == self._pressed[name]
        return self._pressed[name]

    def _is_induced(self, name: str) -> bool:
        """Return whether noise on the wire closes the contact for this one look."""
        period_ms = self.induced[name]
        if not period_ms or self.now_ms - self._induced_ms[name] < period_ms:
            return False
        self._induced_ms[name] = self.now_ms
        return True

    def pressed_mask(self) -> int:
        """Return a mask: bit n is set while the button NAMES[n] is held down."""
        mask = 0
        for index, name in enumerate(NAMES):
            if self._pressed[name] or self.stuck[name]:
                mask |= 1 << index
        return mask
