"""One `name:value,…` line ten times a second that any serial plotter reads.

Two fields go out each tick, in one write: a whole line would fill the UART's buffer and hold
the tick up. The values of a line are taken together, at schedule.TELEMETRY. Where the console
does not take a piece at once, the rest of the line is lost and the piece before it ends in
`?`, so that half a line is never read as a whole one. The first line after a gap is the one
that the firmware started with: who has opened the port only now has not seen it. Nothing is
allocated.
"""

from array import array

from micropython import const

from massager.core import schedule
from massager.core.signals import Outputs, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NAMES = (
    b"t_ms:",
    b",state:",
    b",program:",
    b",level:",
    b",heat_level:",
    b",heat_set_mc:",
    b",pad_a_mc:",
    b",pad_b_mc:",
    b",pressure_pa:",
    b",pressure_set_pa:",
    b",pump_permille:",
    b",chambers:",
    b",cycles:",
    b",heater_permille:",
    b",motor_permille:",
    b",rpm:",
    b",fault:",
    b",left_s:",
    b",dose_s:",
    b",late:",
)
_FIELDS_PER_TICK = const(2)
_CUT = b"?\n"  # ends a line that was cut
_BUFFER = const(64)  # one packet; two fields and their digits are at most 59
_PIECE = const(60)  # of the line after a gap
_NOT_BEGUN = const(-1)
_LAST = len(_NAMES) - 1
_ZERO = const(48)
_MINUS = const(45)
_NEWLINE = const(10)


class Telemetry:
    """Write lines to `console`, whose `write(buffer, count)` returns whether it took them.

    `ready` is the line that is sent after a gap.
    """

    def __init__(self, console: "Any", ready: bytes) -> None:
        self._send = console.write  # bound here: a bound method is an object of its own
        self._ready = ready
        self._values = array("i", [0] * len(_NAMES))
        self._buffer = bytearray(_BUFFER)
        self._count = 0  # bytes in it
        self._cut = _NOT_BEGUN  # or 1: nothing more of this line is sent; or 0
        self._is_after_gap = False
        self._is_open = False  # a line was begun and not ended

    def step(self, status: Status, outputs: Outputs) -> None:
        """Send the next piece; in each tick."""
        since = status.tick - schedule.TELEMETRY
        if since == 0:
            self._is_after_gap = self._cut > 0
            self._cut = 0
            self._snapshot(status, outputs)
        elif since < 0:
            since += schedule.TICKS
        if self._cut:
            return
        self._count = 0
        if since == 0 and self._is_open:
            self._append(_CUT, 0)
        if self._is_after_gap:
            self._append(self._ready, since * _PIECE)
        else:
            self._append_fields(since * _FIELDS_PER_TICK)
        if self._count == 0:
            return
        if self._send(self._buffer, self._count):
            self._is_open = self._buffer[self._count - 1] != _NEWLINE
        else:
            self._cut = 1

    def _snapshot(self, status: Status, outputs: Outputs) -> None:
        values = self._values
        measured = status.measured
        setpoints = status.setpoints
        values[0] = status.now_ms
        values[1] = status.state
        values[2] = status.program
        values[3] = status.level
        values[4] = status.heat_level
        values[5] = setpoints.heat_set_mc if setpoints.heat_on else 0
        values[6] = measured.pad_temp_a_mc
        values[7] = measured.pad_temp_b_mc
        values[8] = measured.pressure_pa
        values[9] = setpoints.pressure_set_pa if setpoints.air_on else 0
        values[10] = outputs.pump_permille
        values[11] = outputs.chambers
        values[12] = status.cycles
        values[13] = outputs.heater_permille
        values[14] = outputs.motor_permille
        values[15] = measured.motor_rpm
        values[16] = status.fault_code
        values[17] = status.left_ms // 1000
        values[18] = status.dose_s
        values[19] = status.late_ticks

    def _append_fields(self, index: int) -> None:
        """Append two fields from `index` on."""
        end = index + _FIELDS_PER_TICK
        while index < end:
            self._append(_NAMES[index], 0)
            self._append_number(self._values[index])
            index += 1
        if end > _LAST:
            self._buffer[self._count] = _NEWLINE
            self._count += 1

    def _append(self, text: bytes, start: int) -> None:
        """Append up to _PIECE bytes of `text`, from `start` on."""
        at = self._count
        end = min(start + _PIECE, len(text))
        while start < end:
            self._buffer[at] = text[start]
            at += 1
            start += 1
        self._count = at

    def _append_number(self, value: int) -> None:
        at = self._count
        if value < 0:
            self._buffer[at] = _MINUS
            at += 1
            value = -value
        place = 1
        while value // place > 9:
            place *= 10
        while place:
            self._buffer[at] = _ZERO + value // place % 10
            at += 1
            place //= 10
        self._count = at
