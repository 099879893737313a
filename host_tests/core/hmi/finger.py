"""Fingers on a panel: presses that bounce, and what comes of them."""

from massager.core.hmi.panel import Panel

BOUNCE = (1, 0, 1, 1, 0, 1, 0, 0, 1)  # what a contact may do, a bit a tick


class Fingers:
    """A panel, its clock and the state it is given."""

    def __init__(self, state, ramping=False, locked=False, start_ms=1_000):
        self.panel = Panel()
        self.panel.locked = locked
        self.now_ms = start_ms
        self.state = state
        self.ramping = ramping
        self.raw = 0
        self.events = []  # (ms since the first press, event)
        self._origin_ms = None
        self.wait(400)

    def wait(self, ms):
        """Let time pass in 10 ms ticks."""
        for _ in range(ms // 10):
            events = 0
            if self.raw or not self.panel.is_idle():  # as the controller asks it
                events = self.panel.step(self.now_ms, self.raw, self.state, self.ramping)
            bit = 1
            while bit <= events:
                if events & bit:
                    self.events.append(bit)
                bit <<= 1
            self.now_ms = (self.now_ms + 10) % (1 << 30)

    def press(self, buttons, ms, bounce=()):
        """Hold `buttons` for `ms`; the contacts follow `bounce` at both ends."""
        for closed in bounce:
            self.raw = self.raw | buttons if closed else self.raw & ~buttons
            self.wait(10)
        self.raw |= buttons
        self.wait(ms)
        for closed in bounce:
            self.raw = self.raw & ~buttons if closed else self.raw | buttons
            self.wait(10)
        self.raw &= ~buttons
        self.wait(100)
        return self.events
