"""A massager on a port, controlled through mpremote, which runs as a program.

The chip's watchdog cannot be stopped once the firmware has armed it, and PWM survives a
reset that skips boot.py. So every long operation begins with `enter_service`: a flag in the
flash store and a reset, after which every output is off, no watchdog runs and the prompt is
free.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from massager_tools import syntax_tree
from massager_tools.device.ports import close_port, open_port
from massager_tools.device.restart import after_reset
from massager_tools.errors import Failure

ANSWER_S = 30.0
"""A longer command has hung; mpremote itself would wait for ever."""

_ATTEMPTS = 3  # a Ctrl-C may be lost
_NO_PROMPT = "could not enter raw repl"  # as mpremote says it
_NO_PROMPT_ADVICE = (
    "no MicroPython answers there; is it the right port, and is an interpreter on it? "
    "massager flash --micropython FILE puts one on"
)
_BOOT_S = 20.0  # after a reset; the first start of a new interpreter formats its files
_PROMPT = ">>> "
_CTRL_C = b"\x03\x03"  # one may come while MicroPython drops it
_NO_ACCESS = "failed to access"  # mpremote reports any cause with these words
_STARTED = ("ready massager", "firmware incomplete", "failed:", "halted:")
"""What the firmware prints when it starts, or does not: Ctrl-C ends all of it."""
_NAMESPACE = "startup"  # of the flash store, as in firmware/massager/hal/nvs.py

_IDENTITY = """
import sys, json
i = sys.implementation
print(json.dumps([i.name, list(i.version[:3]), getattr(i, "_machine", ""),
    getattr(i, "_mpy", 0), "massager.app" in sys.modules]))
"""
_SERVICE = f"""
import esp32
n = esp32.NVS("{_NAMESPACE}")
n.set_i32("service", 1)
n.commit()
"""
_NO_SERVICE = f"""
import esp32
n = esp32.NVS("{_NAMESPACE}")
n.set_i32("service", 0)
n.set_i32("resets", 0)
n.commit()
"""
_READ = """
import binascii
try:
    with open({path!r}, "rb") as f:
        while True:
            b = f.read(256)
            if not b:
                break
            print(binascii.hexlify(b).decode())
except OSError as e:
    if e.errno != 2:
        raise
"""
_STORE = """
import esp32, binascii
b = bytearray(4000)
for key in {keys!r}:
    n = 0
    try:
        n = esp32.NVS({namespace!r}).get_blob(key, b)
    except OSError as e:
        if e.args[0] != -0x1102:
            raise
    print("=", binascii.hexlify(b[:n]).decode())
"""


class DeviceError(Failure):
    """Raise when the device, or the connection to it, fails."""


class NoPromptError(DeviceError):
    """The device did not answer Ctrl-C with its prompt."""


class Device:
    """The device on `port`, anything that mpremote takes.

    Every method raises DeviceError, one line, if the device does not answer or its port
    cannot be opened.
    """

    def __init__(self, port: str) -> None:
        self.port = port
        self._process: subprocess.Popen[str] | None = None

    def execute(self, code: str, timeout_s: float = ANSWER_S) -> str:
        """Run `code` on the device as it is, without a reset; return what it prints.

        This stops a running firmware, which puts every output to its safe level first.
        """
        return self._mpremote(["resume", "exec", code], timeout_s)

    def interrupt(self) -> None:
        """End the call that another thread has under way, and send Ctrl-C to the device.

        Whatever runs there ends, with its outputs off; the other call raises DeviceError.
        """
        process = self._process
        if process is not None:
            process.kill()
            process.wait()
        line = open_port(self.port)
        try:
            line.write(_CTRL_C)
        finally:
            line.close()

    def evaluate(self, expression: str, timeout_s: float = ANSWER_S) -> Any:
        """Return the value of an expression, if it is a literal."""
        return syntax_tree.literal(self.execute(f"print(repr({expression}))", timeout_s).strip())

    def read_file(self, path: str) -> bytes:
        """Return the contents of a file on the device, empty if there is no such file."""
        return bytes.fromhex("".join(self.execute(_READ.format(path=path)).split()))

    def read_store(self, namespace: str, keys: Sequence[str]) -> dict[str, bytes]:
        """Return blocks of the flash store by key, read at once; empty where there is none."""
        output = self.execute(_STORE.format(namespace=namespace, keys=tuple(keys)))
        blocks = [bytes.fromhex(line[1:]) for line in output.splitlines() if line[:1] == "="]
        return dict(zip(keys, blocks, strict=True))

    def copy(
        self, files: Iterable[tuple[str, str]], copied: Callable[[str], None], timeout_s: float
    ) -> None:
        """Copy (path here, path there) over one connection; `copied(path there)` after each."""
        pairs = list(files)
        command = ["resume"]
        for here, there in pairs:
            command += ["fs", "cp", "--force", here, f":{there}", "+"]
            command += ["exec", f"print('={there}')", "+"]
        names = iter(there for _, there in pairs)

        def on_line(line: str) -> None:
            if line.startswith("="):
                copied(next(names))

        self._mpremote(command[:-1], timeout_s, on_line)

    def identity(self) -> Identity:
        """Return interpreter and chip."""
        try:
            return Identity(*json.loads(self.execute(_IDENTITY).strip().splitlines()[-1]))
        except (ValueError, IndexError, TypeError) as error:
            raise DeviceError(f"{self.port}: its identity cannot be read: {error}") from None

    def enter_service(self) -> Identity:
        """Switch to service mode by a flag and a reset: outputs off, no watchdog, prompt free."""
        for _ in range(_ATTEMPTS):
            self.execute(_SERVICE)
            self.restart()
            identity = self.identity()
            # after a too early Ctrl-C the flag is unread, and the firmware runs
            if not identity.firmware_runs:
                return identity
        raise DeviceError(f"{self.port}: the firmware does not leave the serial line")

    def leave_service(self) -> None:
        """Clear the service flag: the next start is a normal one."""
        self.execute(_NO_SERVICE)

    def restart(self) -> None:
        """Reset the chip and wait until its prompt, or its firmware, is there."""
        for output in after_reset(self.port, _BOOT_S):
            if any(text in output for text in (_PROMPT, *_STARTED)):
                return
        raise DeviceError(f"{self.port}: no prompt within {_BOOT_S:.0f} s after a reset")

    def _mpremote(
        self,
        command: list[str],
        timeout_s: float,
        on_line: Callable[[str], None] | None = None,
    ) -> str:
        """Run mpremote and return its output. `on_line` gets each line at once.

        Retry where no prompt came, for then nothing was executed: mpremote sends one Ctrl-C, and
        MicroPython drops it while it starts and inside a timer callback (micropython #19424).
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._run(command, timeout_s, on_line)
            except NoPromptError:
                continue
        return self._run(command, timeout_s, on_line)

    def _run(
        self, command: list[str], timeout_s: float, on_line: Callable[[str], None] | None
    ) -> str:
        process = subprocess.Popen(
            [sys.executable, "-m", "mpremote", "connect", self.port, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            text=True,
            errors="replace",
        )
        self._process = process
        try:
            return self._follow(process, timeout_s, on_line)
        finally:
            self._process = None
            process.kill()
            process.wait()

    def _follow(
        self,
        process: subprocess.Popen[str],
        timeout_s: float,
        on_line: Callable[[str], None] | None,
    ) -> str:
        assert process.stdout is not None
        timer = threading.Timer(timeout_s, process.kill)
        timer.start()
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if on_line is not None:
                    on_line(line.rstrip("\r\n"))
            code = process.wait()
        finally:
            hung = not timer.is_alive()
            timer.cancel()
            process.stdout.close()
        output = "".join(lines)
        if hung:
            raise DeviceError(f"{self.port}: no answer within {timeout_s:.0f} s; check the cable")
        if code != 0:
            if _NO_ACCESS in output:
                try:
                    close_port(open_port(self.port))
                except Failure as reason:  # it names the cause
                    raise DeviceError(str(reason)) from None
            if _NO_PROMPT in output:
                raise NoPromptError(f"{self.port}: {_NO_PROMPT_ADVICE}")
            raise DeviceError(f"{self.port}: {_error_line(output)}")
        return output


class Identity:
    """Interpreter, version and chip of a device."""

    def __init__(
        self, name: str, version: list[int], machine: str, mpy: int, firmware_runs: bool
    ) -> None:
        self.name = name
        self.version = ".".join(map(str, version))
        self.machine = machine
        self.mpy = mpy
        self.firmware_runs = firmware_runs

    @property
    def chip(self) -> str | None:
        """Return the chip as board files call it, or None."""
        # the plain name is part of the others
        for chip in ("esp32s3", "esp32c3", "esp32c6", "esp32"):
            if chip in self.machine.lower().replace("-", ""):
                return chip
        return None


def _error_line(output: str) -> str:
    """Return the line of mpremote's output with the error."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if not lines:
        return "mpremote failed without a message"
    return lines[-1].removeprefix("mpremote: ")
