"""A massager on a port, worked through mpremote, which runs as a program.

The chip's watchdog cannot be stopped once the firmware has armed it, and PWM outlives a
reset that skips boot.py. So whatever takes long goes through `enter_service` first: a
note in the flash store and a reset, after which every output is off, no watchdog runs and
the prompt is free.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from massager_tools.device.ports import open_port
from massager_tools.device.restart import after_reset
from massager_tools.errors import Failure

ANSWER_S = 30.0
"""A question that takes longer has hung; mpremote itself would wait forever."""

_ATTEMPTS = 3  # a board that is just starting hears no Ctrl-C
_BOOT_S = 20.0  # after a reset; the first start of a new interpreter formats its files
_PROMPT = ">>> "
_NO_ACCESS = "failed to access"  # mpremote gives the same reason for any cause
_STARTED = "ready massager"  # what the firmware says when it starts
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
    """The device, or the way to it, did not do what was asked."""


class Device:
    """The device on `port`, anything that mpremote takes.

    Every method raises DeviceError, one line, where the device does not answer or its port
    cannot be opened.
    """

    def __init__(self, port: str) -> None:
        self.port = port

    def execute(self, code: str, timeout_s: float = ANSWER_S) -> str:
        """Run `code` on the device as it is, without a reset; what it prints.

        This stops a running firmware, which puts every output to its safe level first.
        """
        return self._mpremote(["resume", "exec", code], timeout_s)

    def evaluate(self, expression: str, timeout_s: float = ANSWER_S) -> Any:
        """The value of an expression, if it is a literal."""
        return ast.literal_eval(self.execute(f"print(repr({expression}))", timeout_s).strip())

    def read_file(self, path: str) -> bytes:
        """What is in a file on the device, nothing where it is not there."""
        return bytes.fromhex("".join(self.execute(_READ.format(path=path)).split()))

    def read_store(self, namespace: str, keys: Sequence[str]) -> dict[str, bytes]:
        """Blocks of the flash store by key, in one go; empty where nothing is kept."""
        said = self.execute(_STORE.format(namespace=namespace, keys=tuple(keys)))
        blocks = [bytes.fromhex(line[1:]) for line in said.splitlines() if line[:1] == "="]
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

        def heard(line: str) -> None:
            if line.startswith("="):
                copied(next(names))

        self._mpremote(command[:-1], timeout_s, heard)

    def identity(self) -> Identity:
        """Which interpreter and chip it is. Tries again, because it may be just starting."""
        for attempt in range(_ATTEMPTS):
            try:
                return Identity(*json.loads(self.execute(_IDENTITY).strip().splitlines()[-1]))
            except (ValueError, IndexError, TypeError) as error:
                raise DeviceError(f"{self.port}: it does not say what it is: {error}") from None
            except Failure:
                if attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def enter_service(self) -> Identity:
        """Outputs off, no watchdog, prompt free: by a note and a reset."""
        for _ in range(_ATTEMPTS):
            self.execute(_SERVICE)
            self.restart()
            identity = self.identity()
            # a Ctrl-C too early leaves the note unread, and the firmware then runs
            if not identity.firmware_runs:
                return identity
        raise DeviceError(f"{self.port}: the firmware does not give the line free")

    def leave_service(self) -> None:
        """The next start is one like any other."""
        self.execute(_NO_SERVICE)

    def restart(self) -> None:
        """Reset the chip and wait until its prompt, or its firmware, is there."""
        for said in after_reset(self.port, _BOOT_S):
            if _PROMPT in said or _STARTED in said:
                return
        raise DeviceError(f"{self.port}: no prompt within {_BOOT_S:.0f} s after a reset")

    def _mpremote(
        self,
        command: list[str],
        timeout_s: float,
        heard: Callable[[str], None] | None = None,
    ) -> str:
        """Run mpremote; its output. `heard` gets each line at once."""
        process = subprocess.Popen(
            [sys.executable, "-m", "mpremote", "connect", self.port, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            text=True,
            errors="replace",
        )
        try:
            return self._follow(process, timeout_s, heard)
        finally:
            process.kill()
            process.wait()

    def _follow(
        self,
        process: subprocess.Popen[str],
        timeout_s: float,
        heard: Callable[[str], None] | None,
    ) -> str:
        assert process.stdout is not None
        timer = threading.Timer(timeout_s, process.kill)
        timer.start()
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if heard is not None:
                    heard(line.rstrip("\r\n"))
            code = process.wait()
        finally:
            hung = not timer.is_alive()
            timer.cancel()
            process.stdout.close()
        output = "".join(lines)
        if hung:
            raise DeviceError(f"{self.port}: no answer within {timeout_s:.0f} s; see the cable")
        if code != 0:
            if _NO_ACCESS in output:
                try:
                    open_port(self.port).close()
                except Failure as reason:  # which knows why
                    raise DeviceError(str(reason)) from None
            raise DeviceError(f"{self.port}: {_complaint(output)}")
        return output


class Identity:
    """What a device says of itself."""

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
        """As boards call it, or None."""
        # the plain name is part of the others
        for chip in ("esp32s3", "esp32c3", "esp32c6", "esp32"):
            if chip in self.machine.lower():
                return chip
        return None


def _complaint(output: str) -> str:
    """The line of mpremote's output that says what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if not lines:
        return "mpremote failed without a word"
    if "could not enter raw repl" in output:
        return (
            "no MicroPython answers there; is it the right port, and is an interpreter on it? "
            "massager flash --micropython FILE puts one on"
        )
    return lines[-1].removeprefix("mpremote: ")
