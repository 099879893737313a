"""The virtual chip in real time: waits for the real clock, and reports to its host.

While the firmware runs, virtual time never runs ahead of real time (times `speed`), and
lags behind where the computer is slow; so a busy computer makes no late loop. At the
prompt nobody calls the chip for minutes, and the next call catches up. Runs on MicroPython.
"""

import json
import select
import sys

import utime

from massager_tools.sim import chip as _chip
from massager_tools.sim import snapshot

MARK = "\x1e"
"""On the line before the prompt; the host takes it out."""

_AHEAD_US = 1_000  # less is not worth a sleep
_CATCH_UP_MAX_US = 30_000_000  # a plant left alone longer than this has settled
_REPORT_EVERY_US = 500_000
_REPORT_FED_EVERY_US = 200_000


class HostLink:
    """Two pipes to the process that owns the port; a JSON object a line."""

    def __init__(self, to_host: int, from_host: int) -> None:
        self._out = open(to_host, "wb")  # noqa: SIM115 - as long as the process
        self._in = open(from_host, "rb")  # noqa: SIM115
        self._poll = select.poll()
        self._poll.register(self._in, select.POLLIN)

    def send(self, kind: str, value=None) -> None:
        """Send one message."""
        self._out.write(json.dumps([kind, value]).encode() + b"\n")

    def receive(self):
        """Return the next event from the host, or None."""
        if not self._poll.poll(0):
            return None
        line = self._in.readline()
        return json.loads(line) if line else None


class RealtimeChip(_chip.Chip):
    """A chip that lives as long as its process: `reset` ends in the host ending it."""

    at_prompt = False
    takes_ctrl_c = True
    _host = None
    _inside = False
    _reported_us = 0
    _fed_us = 0
    _fed_reported_us = 0
    _energised = -1

    def connect(self, host: HostLink, speed: float, assembly) -> None:
        """Run in real time from here on; `assembly.do` carries out what the host sends."""
        self._host = host
        self._speed = speed
        self._assembly = assembly
        self.restart_pace()

    def restart_pace(self) -> None:
        """Run as fast as real time from here on; forget any lag or lead."""
        self._base_us = self.now_us
        self._base_real_us = utime.ticks_us()

    def _ahead_us(self) -> int:
        real_us = utime.ticks_diff(utime.ticks_us(), self._base_real_us) * self._speed
        return int(self.now_us - self._base_us - real_us)

    def reach_prompt(self) -> None:
        """Hand the line to MicroPython's prompt: main.py is over."""
        self.at_prompt = True
        self.restart_pace()
        self.report_state()
        self.report_unread()
        self._host.send("prompt", self._watchdog_left_ms())
        print(MARK, end="")

    def report_unread(self) -> None:
        """Send back what was typed while a program ran and is still in the terminal's buffer.

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
            self._host.send("unread", list(unread))

    def report_state(self) -> None:
        """Send all that a reset or a cut would leave behind."""
        self._reported_us = self.now_us
        self._host.send("state", snapshot.dump(self._assembly))

    def leave(self) -> None:
        """Send the final state: the interpreter ends."""
        self._catch_up()
        self.report_state()

    def report_energised(self) -> None:
        """Send what is energised, where it changed. Called after any change of a pad."""
        bits = self.wiring.energised() if self.wiring is not None else 0
        if bits != self._energised:
            self._energised = bits
            self._host.send("energised", [bits, self.now_us // 1000])
            self.report_state()

    # --- time ---------------------------------------------------------------------------

    def advance(self, us: int, stalled: bool = False) -> None:
        if self._inside or self._nested:
            _chip.Chip.advance(self, us, stalled)
            return
        self._catch_up()
        self._move(us, stalled)
        if self.now_us - self._reported_us > _REPORT_EVERY_US:
            self.report_state()
        self._receive_events()
        ahead_us = self._ahead_us()
        if ahead_us > _AHEAD_US:
            utime.sleep_us(int(ahead_us / self._speed))
        elif ahead_us < 0 and not self.at_prompt:
            self.restart_pace()

    def _move(self, us: int, stalled: bool) -> None:
        self._inside = True
        try:
            _chip.Chip.advance(self, us, stalled)
        finally:
            self._inside = False
            self._nested = self._stalled = False

    def _catch_up(self) -> None:
        if self.at_prompt and not self._inside and not self._nested:
            behind_us = -self._ahead_us()
            if behind_us > _AHEAD_US:
                self._move(min(behind_us, _CATCH_UP_MAX_US), False)
                self.restart_pace()
                self._receive_events()

    def _receive_events(self) -> None:
        while True:
            event = self._host.receive()
            if event is None:
                return
            if event["do"] != "ctrl_c":
                self._assembly.do(event)
            elif self.takes_ctrl_c and not self.at_prompt:
                self.interrupt()

    def ticks_us(self) -> int:
        self._catch_up()
        return _chip.Chip.ticks_us(self)

    def read(self, pad: _chip.Pad) -> int:
        self._catch_up()
        return _chip.Chip.read(self, pad)

    # --- watchdog -----------------------------------------------------------------------

    @property
    def watchdog_fed_us(self) -> int:
        """Return when it was last fed. The host checks it too: at the prompt nothing else does."""
        return self._fed_us

    @watchdog_fed_us.setter
    def watchdog_fed_us(self, now_us: int) -> None:
        self._fed_us = now_us
        if self._host is None:
            return
        if self.at_prompt or now_us - self._fed_reported_us >= _REPORT_FED_EVERY_US:
            self._fed_reported_us = now_us
            self._host.send("fed", self.watchdog_timeout_us // 1000)

    def _watchdog_left_ms(self):
        if self.watchdog is None:
            return None
        return (self._fed_us + self.watchdog_timeout_us - self.now_us) // 1000

    # --- the end ------------------------------------------------------------------------

    def reset(self, cause: int) -> None:
        self.report_state()
        self.end("reset", cause)

    def end(self, kind: str, value=None) -> None:
        """Send how this boot ends, and wait for it to happen."""
        self._host.send(kind, value)
        while True:
            try:
                utime.sleep_ms(1_000)
            except KeyboardInterrupt:
                pass
