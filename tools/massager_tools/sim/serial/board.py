"""A virtual massager on a port that mpremote, monitor and every terminal program can open.

This side is the power supply, the reset line and the USB cable; each boot is a process of
its own (`chip_process.py`) with MicroPython's own prompt.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from massager_tools.errors import Failure
from massager_tools.sim import events as sim_events
from massager_tools.sim.chip import HARD_RESET, PWRON_RESET, SOFT_RESET, WDT_RESET
from massager_tools.sim.chip_facts import NEWEST, chip_facts, ntc_line
from massager_tools.sim.console import UART
from massager_tools.sim.host import micropython_program
from massager_tools.sim.model import parameters
from massager_tools.sim.serial.cable import Cable, PtyCable, TcpCable
from massager_tools.sim.wiring import chamber_count

_PROCESS = Path(__file__).parents[1] / "chip_process.py"
_HEAP = "heapsize=8m"
_MARK = b"\x1e"
_RAW_BANNER = b"raw REPL; CTRL-B to exit\r\n>"
_FRIENDLY_BANNER = b"for more information.\r\n>>> "
_CTRL_A = b"\x01"
_CTRL_C = b"\x03"
_LOOK_EVERY_S = 0.02
_READ_BYTES = 65_536
_TRANSCRIPT_MAX = 1_000_000
_HANGS_AFTER_S = 10.0  # a busy computer must not look like a program that hangs
_CTRL_C_PATIENCE_S = 1.0  # a program that never calls the chip is interrupted by a signal
_BOOT_WORDS = {
    PWRON_RESET: "rst:0x1 (POWERON_RESET)",
    HARD_RESET: "rst:0xc (SW_CPU_RESET)",
    WDT_RESET: "rst:0x8 (TG1WDT_SYS_RESET)",
}
_UNREAD_MAX = 259
"""Bytes that wait for a running program to read them: stdin's ring buffer of 260 bytes on the
ESP32 (ports/esp32/mphalport.c) holds one less; what comes when it is full is dropped."""

_ARRIVES_S = 0.001  # until the terminal counts what was written into it

# who has the line
_OFF = "off"
_STARTING = "starting"  # the boot ROM, which hsources nothing
_PROGRAM = "program"  # boot.py or main.py
_SWITCHING = "switching"  # the prompt, on its way: a Ctrl-C would still be a signal
_PROMPT = "prompt"


class SerialBoard:
    """Power a board as long as the context lasts; `port` can be opened.

    `board` is how things are soldered, `flash` the folder that the chip sees as its file
    system. `speed` is virtual over real time. `tcp` gives a `socket://` port in place of a
    PTY. `events` are those of `send`, each `at_ms` of virtual time since the power came: they
    happen at the same tick in every run. `transcript` is what it has sent; `energised` are the
    bits of `wiring`. `version` is that of the interpreter, as far as the chip behaves by it, and
    `console` its kind of console, where it is not the chip's own.

    What is typed reaches a running program as on a UART, in a small buffer of its stdin.
    """

    def __init__(
        self,
        board: Mapping[str, Any],
        flash: Path,
        *,
        plant: parameters.Parameters | None = None,
        seed: int = 1,
        speed: float = 1.0,
        tcp: bool = False,
        version: str = NEWEST,
        console: str | None = None,
        events: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        self._config: dict[str, Any] = {
            "board": dict(board),
            "chip": chip_facts(board["chip"], version, console),
            "chip_name": board["chip"],
            "ntc_line": ntc_line(board["ntc"]),
            "plant": parameters.nominal() if plant is None else plant,
            "seed": seed,
            "speed": speed,
            "flash": str(flash.resolve()),
            "events": [],
            "ticks_start_ms": 0,
            "nvs": {},
            "realtime": True,
        }
        self._chambers = chamber_count(board)
        self._config["events"] = [self._checked({"at_ms": 0, **event}) for event in events]
        self._tcp = tcp
        self._speed = speed
        self.flash = flash
        self.transcript = b""
        self.energised = 0
        self.energised_ms = 0
        """When that last changed, in virtual time since the boot."""
        self.boots: list[int] = []
        """The cause of each boot, as `machine.reset_cause()` returns it."""
        self.state: dict[str, Any] | None = None
        """What a reset leaves: pads, flash store, plant. See `snapshot.dump`."""
        self._phase = _OFF
        self._raw = False
        self._tail = b""
        self._typed = b""
        self._held_back = b""  # by a USB console whose ring is full
        self._hidden = b""
        self._received = b""
        self._deadline_s: float | None = None
        self._ctrl_c_s: float | None = None
        self._off_since_s: float | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._line = self._from_chip = self._to_chip = -1
        self._jobs: list[Callable[[], None]] = []
        self._lock = threading.Condition()
        self._ended = False
        self._broken = ""

    def __enter__(self) -> SerialBoard:
        self._folder = tempfile.TemporaryDirectory(prefix="massager-")
        folder = Path(self._folder.name)
        self._config_file = folder / "config.json"
        self._program = micropython_program()
        self._cable: Cable = TcpCable() if self._tcp else PtyCable(folder / "port")
        self._start(PWRON_RESET, raw=False)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended = True
        self._thread.join()
        self._kill()
        self._cable.pull()
        self._folder.cleanup()

    # --- from outside -------------------------------------------------------------------

    @property
    def port(self) -> str:
        """Return what to give as --port."""
        return self._cable.url

    def send(self, event: Mapping[str, Any]) -> None:
        """Let `event` happen to the massager at once: one of `events.OF_THE_PLANT`."""
        checked = self._checked(event)
        self._do(lambda: self._send(checked))

    def _checked(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return sim_events.checked(event, self._chambers, sim_events.OF_THE_PLANT)

    def cut_power(self) -> None:
        """Cut the power: everything stops where it is, in the middle of a write perhaps."""
        self._do(self._cut_power)

    def restore_power(self) -> None:
        """Switch the power on again; the pads float until boot.py."""
        self._do(self._restore_power)

    def pull_cable(self) -> None:
        """Pull the USB cable; the board runs on."""
        self._do(self._cable.pull)

    def plug_cable(self) -> None:
        """Plug the USB cable in again, at the same `port`."""
        self._do(self._cable.plug)

    def wait_for(self, text: str, timeout_s: float = 30.0, *, since: int = 0) -> None:
        """Wait until `text` is in the transcript after the first `since` bytes. TimeoutError."""
        wanted = text.encode()
        with self._lock:
            self._lock.wait_for(
                lambda: self._broken or wanted in self.transcript[since:], timeout_s
            )
            if self._broken:
                raise Failure(f"the virtual board broke: {self._broken}")
            if wanted not in self.transcript[since:]:
                sent = self.transcript[since:][-500:].decode(errors="replace")
                raise TimeoutError(f"the board did not send {text!r} but ...{sent}")

    def wait_until_powered(self, bits: int, timeout_s: float = 30.0) -> None:
        """Wait until exactly `bits` of `energised` are on. TimeoutError."""
        with self._lock:
            if not self._lock.wait_for(lambda: self.energised == bits, timeout_s):
                raise TimeoutError(f"energised is {self.energised}, not {bits}")

    def _do(self, job: Callable[[], None]) -> None:
        """Have the board's own thread do `job`, and wait until it is done."""
        done = threading.Event()

        def do() -> None:
            job()
            done.set()

        self._jobs.append(do)
        done.wait()

    # --- the life of the interpreter ----------------------------------------------------

    def _start(self, cause: int, *, raw: bool, off_ms: int = 0) -> None:
        self._config.update(cause=cause, raw=raw, off_ms=off_ms, state=self.state)
        self._config_file.write_text(json.dumps(self._config), encoding="utf-8")
        self._line, terminal = os.openpty()
        self._terminal = os.ttyname(terminal)
        _prepare(terminal)
        self._from_chip, to_host = os.pipe()
        from_host, self._to_chip = os.pipe()
        pipes = (to_host, from_host)
        self._process = subprocess.Popen(
            [self._program, "-X", _HEAP, "-i", str(_PROCESS), str(self._config_file)],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            cwd=self.flash,
            start_new_session=True,
            preexec_fn=lambda: _enter(pipes),
            close_fds=False,
        )
        for end in (terminal, *pipes):
            os.close(end)
        for end in (self._line, self._from_chip, self._to_chip):
            os.set_blocking(end, False)
        self.boots.append(cause)
        self._phase = _STARTING
        self._raw = raw
        self._deadline_s = self._ctrl_c_s = None
        self._hidden = self._received = self._tail = b""
        self._half_ended = False  # a \r at the end of what came last, its \n still to come
        if cause in _BOOT_WORDS:
            self._output(f"{_BOOT_WORDS[cause]},boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n".encode())

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            for end in (self._line, self._from_chip, self._to_chip):
                os.close(end)
        self._phase = _OFF

    def _restart(self, cause: int, *, raw: bool = False) -> None:
        self._drain()
        self._kill()
        if cause == SOFT_RESET:
            self._output(b"MPY: soft reboot\r\n")
        else:
            self._typed = b""
        self._start(cause, raw=raw)

    def _cut_power(self) -> None:
        self._kill()
        self._typed = b""
        self._off_since_s = time.monotonic()
        if self.state is not None:
            self.state.update(pads={}, pwm_freqs=[], watchdog=None)
        self._set_energised(0)

    def _restore_power(self) -> None:
        if self._off_since_s is not None:
            off_s = time.monotonic() - self._off_since_s
            self._off_since_s = None
            self._start(PWRON_RESET, raw=False, off_ms=int(off_s * 1000 * self._speed))

    def _run(self) -> None:
        while not self._ended:
            while self._jobs:
                self._jobs.pop(0)()
            powered = self._process is not None
            sources = [self._line, self._from_chip] if powered else []
            select.select(sources + self._cable.descriptors(), [], [], _LOOK_EVERY_S)
            self._cable.flush()
            self._typed += self._take_typed()
            if not powered:
                self._typed = b""
                continue
            self._receive()
            self._forward_output()
            self._receive()  # a program that has ended sends what it left unread before its end
            self._forward_input()
            self._watch()

    # --- the line -----------------------------------------------------------------------

    def _take_typed(self) -> bytes:
        """Return what the user's side has sent, less any Ctrl-C for a running program."""
        data = self._held_back + self._cable.take()
        self._held_back = b""
        if self._phase == _STARTING and not self._raw:
            return b""
        if self._phase == _PROGRAM and self._config["chip"]["console"] != UART:
            data = self._that_fits(data)
        if self._phase == _PROGRAM and _CTRL_C in data:
            data = data.replace(_CTRL_C, b"")
            self._send({"do": "ctrl_c"})
            self._ctrl_c_s = time.monotonic()
        return data

    def _that_fits(self, data: bytes) -> bytes:
        """Return what a USB console takes now: the rest waits, with any Ctrl-C in it."""
        room = max(_UNREAD_MAX - _unread(self._terminal), 0)
        taken = data[:room]
        self._held_back = data[len(taken) :]
        return taken

    def _forward_input(self) -> None:
        """Pass on what was typed: all of it to the prompt, to a program what it has room for."""
        if not self._typed or self._phase not in (_PROGRAM, _PROMPT):
            return
        try:
            if self._phase == _PROGRAM:
                room = _UNREAD_MAX - _unread(self._terminal)
                fits, self._typed = self._typed[: max(room, 0)], b""
                if fits:
                    os.write(self._line, fits)
                    time.sleep(_ARRIVES_S)
            else:
                self._typed = self._typed[os.write(self._line, self._typed) :]
        except OSError:  # full, or the interpreter is about to end
            return

    def _forward_output(self) -> None:
        """Pass on what the interpreter writes; its end is a soft reset."""
        if self._process is None:
            return
        try:
            data = os.read(self._line, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._output(self._screened(data))
        elif self._phase in (_PROMPT, _SWITCHING):
            self._process.wait()
            self._receive()
            self._restart(SOFT_RESET, raw=self._raw)
        else:
            self._process.wait()
            self._receive()
            if self._process is not None and self._phase in (_STARTING, _PROGRAM):
                self._restart(HARD_RESET)  # the interpreter itself broke down

    def _screened(self, data: bytes) -> bytes:
        """Return `data` with lines ended as on the chip, without our mark or a second banner."""
        if self._half_ended and data[:1] == b"\n":
            data = data[1:]
        self._half_ended = data[-1:] == b"\r"
        data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if self._half_ended:
            data += b"\n"
        if _MARK in data:
            before, _, data = data.partition(_MARK)
            self._output(before)
            self._ctrl_c_s = None
            self._phase = _SWITCHING
            if self._raw:
                os.write(self._line, _CTRL_A)
        if self._phase == _SWITCHING:
            self._hidden += data
            banner = _RAW_BANNER if self._raw else _FRIENDLY_BANNER
            if banner in self._hidden:
                self._phase = _PROMPT
            if self._raw:
                data = b""
                if self._phase == _PROMPT:
                    data = self._hidden[self._hidden.index(banner) :]
        if self._phase == _PROMPT:
            self._tail = (self._tail + data)[-200:]
            raw, friendly = self._tail.rfind(_RAW_BANNER), self._tail.rfind(_FRIENDLY_BANNER)
            if raw != friendly:
                self._raw = raw > friendly
        return data

    def _drain(self) -> None:
        try:
            while data := os.read(self._line, _READ_BYTES):
                self._output(self._screened(data))
        except OSError:
            pass

    def _output(self, data: bytes) -> None:
        if data:
            with self._lock:
                self.transcript = (self.transcript + data)[-_TRANSCRIPT_MAX:]
                self._lock.notify_all()
            self._cable.send(data)

    # --- messages behind the line -------------------------------------------------------

    def _send(self, event: Mapping[str, Any]) -> None:
        if self._process is not None:
            try:
                os.write(self._to_chip, json.dumps(event).encode() + b"\n")
            except OSError:
                pass

    def _receive(self) -> None:
        if self._process is None:
            return
        try:
            while data := os.read(self._from_chip, _READ_BYTES):
                self._received += data
        except OSError:
            pass
        *lines, self._received = self._received.split(b"\n")
        for line in lines:
            kind, value = json.loads(line)
            if self._take(kind, value):
                return

    def _take(self, kind: str, value: Any) -> bool:
        """Act on a message; return whether the boot that sent it is over."""
        now_s = time.monotonic()
        if kind == "booted":
            if self._phase == _STARTING:
                self._phase = _PROGRAM
        elif kind == "state":
            self.state = value
        elif kind == "energised":
            self._set_energised(*value)
        elif kind == "fed":
            patience_s = value / 1000 / self._speed
            if self._phase in (_STARTING, _PROGRAM):
                patience_s = max(patience_s, _HANGS_AFTER_S)
            self._deadline_s = now_s + patience_s
        elif kind == "unread":
            self._typed = bytes(value) + self._typed
        elif kind == "prompt":
            self._deadline_s = None if value is None else now_s + value / 1000 / self._speed
        elif kind == "reset":
            self._restart(value)
            return True
        elif kind == "broken":
            with self._lock:
                self._broken = value
                self._lock.notify_all()
            self._kill()
            return True
        elif kind == "soft_reset":
            self._restart(SOFT_RESET)
            return True
        return False

    def _set_energised(self, bits: int, at_ms: int = 0) -> None:
        with self._lock:
            self.energised = bits
            self.energised_ms = at_ms
            self._lock.notify_all()

    def _watch(self) -> None:
        """Let the watchdog bite where no program runs, and force a Ctrl-C that is overdue."""
        now_s = time.monotonic()
        if self._process is None:
            return
        if self._deadline_s is not None and now_s > self._deadline_s:
            self._restart(WDT_RESET)
        elif self._ctrl_c_s is not None and now_s > self._ctrl_c_s + _CTRL_C_PATIENCE_S:
            self._ctrl_c_s = None
            if self._phase == _PROGRAM:
                self._process.send_signal(signal.SIGINT)


def _unread(terminal: str) -> int:
    """Return how many bytes wait in `terminal` for its reader."""
    import fcntl
    import termios

    end = os.open(terminal, os.O_RDWR | os.O_NOCTTY)  # closed below: its end is seen
    try:
        count = fcntl.ioctl(end, termios.FIONREAD, bytes(4))
    finally:
        os.close(end)
    return int.from_bytes(count, sys.byteorder)


def _prepare(terminal: int) -> None:
    """Set up the interpreter's terminal: bytes as they are; only Ctrl-C has a meaning."""
    import termios

    settings = termios.tcgetattr(terminal)
    settings[0] = settings[1] = 0
    settings[3] = termios.ISIG | termios.NOFLSH
    for name in ("VQUIT", "VSUSP"):
        settings[6][getattr(termios, name)] = b"\x00"
    termios.tcsetattr(terminal, termios.TCSANOW, settings)


def _enter(pipes: tuple[int, int]) -> None:
    """Set up the new process: its terminal, and descriptors 3 and 4."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    high = [fcntl.fcntl(end, fcntl.F_DUPFD, 100) for end in pipes]
    for number, end in zip((3, 4), high, strict=True):
        os.dup2(end, number)
    os.closerange(5, 256)
