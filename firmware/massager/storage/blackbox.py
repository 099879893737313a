"""The last 30 s of signals, in a fixed buffer, kept in the flash when something trips.

Ten rows a second; nothing is allocated until every output is off. The first fault that
latches counts, because what follows is mostly its consequence: AFTER_ROWS after it the rows
stand still until they are written, which happens only with every output off, a piece at a
time; the next recording waits until a person has cleared the fault.

A fault that leaves the rest of the session running waits long for that. The newest half of
the rows is kept for it, the other half records on, and a trip that stops everything takes
the recording over: the file names it, and holds the seconds before both. `massager
blackbox` reads the file.
"""

import os
from array import array

from micropython import const

from massager.core import schedule
from massager.core.safety import supervisor
from massager.core.safety.fault_table import STOPS_ALL
from massager.core.signals import Inputs, Outputs, Status
from massager.core.units import clamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = "blackbox.bin"
MAGIC = b"massager-blackbox"
VERSION = const(2)
ROWS = const(300)
AFTER_ROWS = const(20)  # what the trip led to
WORDS = const(10)  # 16 bits each, little-endian; `_record` says what is in them
_HALF = const(150)  # of ROWS
_CENTI = const(10)  # milli-degrees in 1/100 °C
_MOST = const(32_767)  # only a pressure may be more: the others are bounded where measured
_LATE_MAX_MS = const(255)
_ROWS_A_PIECE = const(60)  # one erased sector of flash at a time
_ARMED = const(-1)
_SAFE = (supervisor.OFF, supervisor.FAULT)


class BlackBox:
    """Record at schedule.BLACKBOX; write to the file `path`.

    A file that cannot be written is reported once and not tried again until the next power-up.
    """

    def __init__(self, path: str = NAME) -> None:
        self._path: str | None = path  # None once it could not be written
        self._rows = array("h", bytes(ROWS * WORDS * 2))
        self._count = 0  # rows recorded so far; the ring holds the newest
        self._kept = 0  # 0, or how many there were when a half began to be kept
        self._late_ms = 0
        self._gravity = STOPS_ALL  # what was latched before power-up is no news
        self._left = _ARMED  # rows still to come after a trip
        self._code = 0
        self._last_ms = 0
        self._file: Any = None
        self._written = 0
        self._is_closed = False

    def step(self, status: Status, inputs: Inputs, outputs: Outputs) -> None:
        """Record or write a piece; in each tick, after the outputs have been applied."""
        if inputs.late_ms > self._late_ms:
            self._late_ms = inputs.late_ms
        if status.tick != schedule.BLACKBOX:
            return
        gravity = status.stops & STOPS_ALL or status.has_latched
        graver = gravity > self._gravity
        if self._left == 0:
            safe = status.state in _SAFE and not outputs.driven()
            if self._file or (safe and not graver):
                if safe:
                    self._write_piece()
                return
            self._kept = self._kept or self._count
        self._gravity = gravity
        self._record(status, inputs, outputs)
        self._last_ms = status.now_ms
        if graver:
            self._left = AFTER_ROWS
            self._code = status.fault_code
        elif self._left > 0:
            self._left -= 1

    def keep(self, code: int) -> None:
        """Write now, because the program ends: about fault `code`, or (0) what a trip has left.

        Every output must be safe.
        """
        if code and (self._left == _ARMED or self._gravity < STOPS_ALL):
            self._code = code
        elif self._left == _ARMED:
            return
        self._left = 0
        while self._left == 0 and self._path:
            self._write_piece()

    def _record(self, status: Status, inputs: Inputs, outputs: Outputs) -> None:
        measured = status.measured
        rows = self._rows
        kept = self._kept
        at = (kept + (self._count - kept) % (_HALF if kept else ROWS)) % ROWS * WORDS
        rows[at] = (
            status.state
            | outputs.chambers << 4
            | inputs.buttons << 8
            | outputs.exhaust << 13
            | outputs.heater_enable << 14
        )
        rows[at + 1] = measured.pad_temp_a_mc // _CENTI
        rows[at + 2] = measured.pad_temp_b_mc // _CENTI
        rows[at + 3] = clamp(measured.pressure_pa, -_MOST, _MOST)
        rows[at + 4] = measured.supply_mv
        rows[at + 5] = measured.motor_rpm
        rows[at + 6] = outputs.heater_permille
        rows[at + 7] = outputs.pump_permille
        rows[at + 8] = outputs.motor_permille
        rows[at + 9] = status.fault_code | min(self._late_ms, _LATE_MAX_MS) << 7
        self._late_ms = 0
        self._count += 1

    def _write_piece(self) -> None:
        """Write the head, some rows at each call, close, rename: one stall of the chip at a time.
        At the end armed again."""
        if not self._path:
            return
        new = self._path + ".new"  # a power cut leaves the old one whole
        try:
            if self._file is None:
                self._file = open(new, "wb")  # noqa: SIM115 - written over several calls
                # who wrote this, which rows there are, and when the last one was
                self._file.write(
                    b"%s %d %d %d %d %d\n"
                    % (MAGIC, VERSION, self._count, self._kept, self._last_ms, self._code)
                )
                self._written = 0
                self._is_closed = False
            elif self._written < ROWS * WORDS:
                start = self._written
                self._written = start + _ROWS_A_PIECE * WORDS
                self._file.write(memoryview(self._rows)[start : self._written])
            elif not self._is_closed:
                self._file.close()
                self._is_closed = True
            else:
                os.rename(new, self._path)
                self._file = None
                self._left = _ARMED
                self._count = self._kept = 0
        except OSError as error:
            self._path = None
            print("black box: cannot be written:", error)
