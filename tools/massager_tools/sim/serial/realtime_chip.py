"""The virtual chip in real time: it waits for the clock on the wall, and talks with its host.

While the firmware runs, virtual time never runs ahead of real time (times `speed`), and
lags behind where the computer is slow; so a busy computer makes no late loop. At the
prompt nobody calls the chip for minutes, and the next call catches up. Runs on MicroPython.
"""

import json
import select
import sys

import utime

from massager_tools.sim import chip as _chip
from massager_tools.sim.serial import snapshot

MARK = "\x1e"
"""On the line before the prompt; the host takes it out."""

_AHEAD_US = 1_000  # less is not worth a sleep
_CATCH_UP_MAX_US = 30_000_000  # a plant left alone longer than this has settled
_TELL_EVERY_US = 500_000
_FED_EVERY_US = 200_000


class Host:
    """The process that owns the port, at the other end of two pipes; a JSON object a line."""

    def __init__(self, to_host, from_host):
        self._out = open(to_host, "wb")  # noqa: SIM115 - as long as the process
        self._in = open(from_host, "rb")  # noqa: SIM115
        self._poll = select.poll()
        self._poll.register(self._in, select.POLLIN)

    def tell(self, kind, value=None):
        """Say something."""
        self._out.write(json.dumps([kind, value]).encode() + b"\n")

    def hear(self):
        """The next thing that it said, or None."""
        if not self._poll.poll(0):
            return None
        line = self._in.readline()
        return json.loads(line) if line else None


class PacedChip(_chip.Chip):
    """A chip that lives as long as its process: `reset` ends in the host ending it."""

    at_prompt = False
    takes_ctrl_c = True
    _host = None
    _inside = False
    _told_us = 0
    _fed_us = 0
    _fed_told_us = 0
    _energised = -1

    def connect(self, host, speed, do):
        """From here on time is real. `do(event)` carries out what the host asks for."""
        self._host = host
        self._speed = speed
        self._do = do
        self.restart_pace()

    def restart_pace(self):
        """From here on, as fast as real time; what was before is neither owed nor lost."""
        self._base_us = self.now_us
        self._base_real_us = utime.ticks_us()

    def _ahead_us(self):
        real_us = utime.ticks_diff(utime.ticks_us(), self._base_real_us) * self._speed
        return int(self.now_us - self._base_us - real_us)

    def reach_prompt(self):
        """main.py is over; MicroPython's prompt takes the line."""
        self.at_prompt = True
        self.restart_pace()
        self.tell_state()
        self.tell_unread()
        self._host.tell("prompt", self._watchdog_left_ms())
        print(MARK, end="")

    def tell_unread(self):
        """What was typed while a program ran and is still in the terminal's buffer.

        The chip's prompt reads it next; this interpreter's begins with an empty one.
        """
        poll = select.poll()
        poll.register(sys.stdin, select.POLLIN)
        unread = b""
        while poll.poll(0):
            byte = sys.stdin.buffer.read(1)
            if not byte:
                break
            unread += byte
        if unread:
            self._host.tell("unread", list(unread))

    def tell_state(self):
        """All that a reset or a cut would leave behind."""
        self._told_us = self.now_us
        self._host.tell("state", snapshot.dump(self))

    def leave(self):
        """The interpreter ends: the last words."""
        self._catch_up()
        self.tell_state()

    def tell_energised(self):
        """After any change of a pad; costs little where nothing changed."""
        bits = self.wiring.energised() if self.wiring is not None else 0
        if bits != self._energised:
            self._energised = bits
            self._host.tell("energised", [bits, self.now_us // 1000])
            self.tell_state()

    # --- time ---------------------------------------------------------------------------

    def advance(self, us, stalled=False):
        if self._inside or self._nested:
            _chip.Chip.advance(self, us, stalled)
            return
        self._catch_up()
        self._move(us, stalled)
        if self.now_us - self._told_us > _TELL_EVERY_US:
            self.tell_state()
        self._listen()
        ahead_us = self._ahead_us()
        if ahead_us > _AHEAD_US:
            utime.sleep_us(int(ahead_us / self._speed))
        elif ahead_us < 0 and not self.at_prompt:
            self.restart_pace()

    def _move(self, us, stalled):
        self._inside = True
        try:
            _chip.Chip.advance(self, us, stalled)
        finally:
            self._inside = False
            self._nested = self._stalled = False

    def _catch_up(self):
        if self.at_prompt and not self._inside and not self._nested:
            behind_us = -self._ahead_us()
            if behind_us > _AHEAD_US:
                self._move(min(behind_us, _CATCH_UP_MAX_US), False)
                self.restart_pace()
                self._listen()

    def _listen(self):
        while True:
            event = self._host.hear()
            if event is None:
                return
            if event["do"] != "ctrl_c":
                self._do(event)
            elif self.takes_ctrl_c and not self.at_prompt:
                raise KeyboardInterrupt

    def ticks_us(self):
        self._catch_up()
        return _chip.Chip.ticks_us(self)

    def read(self, pad):
        self._catch_up()
        return _chip.Chip.read(self, pad)

    # --- watchdog -----------------------------------------------------------------------

    @property
    def watchdog_fed_us(self):
        """When it was last fed. The host keeps watch, too: at the prompt nothing else does."""
        return self._fed_us

    @watchdog_fed_us.setter
    def watchdog_fed_us(self, now_us):
        self._fed_us = now_us
        if self._host is None:
            return
        if self.at_prompt or now_us - self._fed_told_us >= _FED_EVERY_US:
            self._fed_told_us = now_us
            self._host.tell("fed", self.watchdog_timeout_us // 1000)

    def _watchdog_left_ms(self):
        if self.watchdog is None:
            return None
        return (self._fed_us + self.watchdog_timeout_us - self.now_us) // 1000

    # --- the end ------------------------------------------------------------------------

    def reset(self, cause):
        self.tell_state()
        self.end("reset", cause)

    def end(self, kind, value=None):
        """Tell the host how this boot ends, and wait for it to happen."""
        self._host.tell(kind, value)
        while True:
            try:
                utime.sleep_ms(1_000)
            except KeyboardInterrupt:
                pass
