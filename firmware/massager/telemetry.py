"""One `name:value,…` line ten times a second that any serial plotter reads.

Two fields go out each tick: a whole line would fill the UART's buffer and hold the tick
up. The values of a line are taken together, at schedule.TELEMETRY. Nothing is allocated.
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
_DIGITS = const(11)
_LAST = len(_NAMES) - 1
_ZERO = const(48)
_MINUS = const(45)
_NEWLINE = const(10)


class Telemetry:
    """Write lines to `stream`, which takes `write(buffer, length)` as MicroPython's do."""

    def __init__(self, stream: "Any") -> None:
        self._send = stream.write  # bound here: a bound method is an object of its own
        self._values = array("i", [0] * len(_NAMES))
        self._number = bytearray(_DIGITS + 1)
        self._number[_DIGITS] = _NEWLINE
        # slices of it, made here: a slice is an object of its own
        self._ends = tuple([memoryview(self._number)[at:] for at in range(_DIGITS)])
        self._has_begun = False

    def step(self, status: Status, outputs: Outputs) -> None:
        """Send two more fields; in each tick."""
        since = status.tick - schedule.TELEMETRY
        if since == 0:
            self._has_begun = True
            self._snapshot(status, outputs)
        elif since < 0:
            since += schedule.TICKS
        if self._has_begun:
            self._write(since * _FIELDS_PER_TICK)

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

    def _write(self, index: int) -> None:
        """Send two fields: the digits are written from the last to the first into `_number`."""
        end = index + _FIELDS_PER_TICK
        while index < end:
            self._send(_NAMES[index], len(_NAMES[index]))
            number = self._number
            value = abs(self._values[index])
            at = _DIGITS
            while value or at == _DIGITS:
                at -= 1
                number[at] = _ZERO + value % 10
                value //= 10
            if self._values[index] < 0:
                at -= 1
                number[at] = _MINUS
            self._send(self._ends[at], _DIGITS - at + (index == _LAST))
            index += 1
