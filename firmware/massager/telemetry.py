"""One `name:value,…` line ten times a second that any serial plotter reads.

Two fields go out each tick: a whole line would fill the UART's buffer and hold the tick
up. The values of a line are taken together, on its first tick, which is one of the
controller's light ones. Nothing is allocated.
"""

from array import array

from micropython import const

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
_LAST_TICK = const(9)
_FIRST_TICK = const(7)  # of the controller's ten: one that carries little else
_DIGITS = const(11)
_LAST = len(_NAMES) - 1
_ZERO = const(48)
_MINUS = const(45)
_NEWLINE = const(10)


class Telemetry:
    """Writes lines to `stream`, which takes `write(buffer, length)` as MicroPython's do."""

    def __init__(self, stream):
        self._send = stream.write  # bound here: a bound method is an object of its own
        self._values = array("i", [0] * len(_NAMES))
        self._number = bytearray(_DIGITS + 1)
        self._number[_DIGITS] = _NEWLINE
        # slices of it, made here: a slice is an object of its own
        self._ends = tuple([memoryview(self._number)[at:] for at in range(_DIGITS)])
        self._tick = -_FIRST_TICK

    def step(self, now_ms, controller, outputs):
        """One tick: two more fields."""
        tick = self._tick
        self._tick = tick + 1 if tick != _LAST_TICK else 0
        if tick == 0:
            self._snapshot(now_ms, controller, outputs)
        if tick >= 0:
            self._write(tick * _FIELDS_PER_TICK)

    def _snapshot(self, now_ms, controller, outputs):
        values = self._values
        session = controller.session
        measured = controller.measured
        setpoints = controller.setpoints
        values[0] = now_ms
        values[1] = controller.state
        values[2] = session.program
        values[3] = session.intensity.value
        values[4] = session.heat.level
        values[5] = setpoints.heat_set_mc if setpoints.heat_on else 0
        values[6] = measured.pad_temp_a_mc
        values[7] = measured.pad_temp_b_mc
        values[8] = measured.pressure_pa
        values[9] = setpoints.pressure_set_pa if setpoints.air_on else 0
        values[10] = outputs.pump_permille
        values[11] = outputs.chambers
        values[12] = controller.regulators.air.cycles
        values[13] = outputs.heater_permille
        values[14] = outputs.motor_permille
        values[15] = measured.motor_rpm
        values[16] = controller.faults.code
        values[17] = session.left_ms // 1000
        values[18] = controller.dose.seconds
        values[19] = controller.guards.late_ticks

    def _write(self, index):
        """Two fields: each one's digits from the last to the first, up to the end of `_number`."""
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
