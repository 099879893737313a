"""Record inputs and outputs of a controller, and replay them. Runs on both interpreters.

`install(path, heading)` goes before main.py; `python on_board.py RECORDED PLAYED` makes a fresh
controller with the same settings, gives it the same inputs, and writes the same file anew:
equal files are equal outputs, bit for bit. The first line is JSON: the heading, the settings
and the columns; then each tick is one row of 32-bit integers.
"""
# runs in MicroPython, without stubs
# mypy: ignore-errors

import json
import sys
from array import array

from massager.core.controller import Controller
from massager.core.signals import Inputs, Outputs, Settings

_ROWS_A_WRITE = 100
_GROUPS = ("heat", "air", "motor", "system")  # of faults, as the controller has them
_REQUEST = "storage_requests"  # of `Controller.step`, beside `Inputs`
_BYTES_A_CELL = 3  # of a row of pixels: fits 32 bits with a sign


def _names(thing):
    names = [name for name in dir(thing) if name[:2] != "__"]
    return sorted([name for name in names if not callable(getattr(thing, name))])


INPUTS = sorted(_names(Inputs()) + [_REQUEST])  # noqa: RUF005 - MicroPython has no [*names]
OUTPUTS = _names(Outputs())


def _columns():
    """Return the name of every cell; `pixels` takes more than one."""
    columns = ["now_ms"]
    columns.extend(INPUTS)
    fresh = Outputs()
    for name in OUTPUTS:
        value = getattr(fresh, name)
        cells = len(value) // _BYTES_A_CELL if isinstance(value, bytearray) else 1
        columns.extend([name] if cells == 1 else [name + str(n) for n in range(cells)])
    columns.extend(["state", "fault"])
    for name in _GROUPS:
        columns.extend([name + "_active", name + "_latched"])
    return columns


COLUMNS = _columns()


class Writer:
    """Write `COLUMNS` into a file, some rows at a time."""

    def __init__(self, path, heading, settings):
        self._file = open(path, "wb")  # noqa: SIM115 - open until the virtual power fails
        kept = {}
        for name in _names(settings):
            value = getattr(settings, name)
            kept[name] = value if isinstance(value, int) else list(value)
        head = dict(heading)
        head["settings"] = kept
        head["columns"] = COLUMNS
        self._file.write((json.dumps(head) + "\n").encode())
        self._rows = array("i", [0] * (len(COLUMNS) * _ROWS_A_WRITE))
        self._used = 0

    def inputs(self, now_ms, inputs, storage_requests):
        """Write the first part of a row."""
        at = self._used
        rows = self._rows
        rows[at] = now_ms
        for name in INPUTS:
            at += 1
            rows[at] = storage_requests if name == _REQUEST else getattr(inputs, name)
        self._used = at + 1

    def outputs(self, status, outputs):
        """Write the rest of it."""
        at = self._used
        rows = self._rows
        for name in OUTPUTS:
            value = getattr(outputs, name)
            if isinstance(value, bytearray):
                for first in range(0, len(value), _BYTES_A_CELL):
                    rows[at] = value[first] | value[first + 1] << 8 | value[first + 2] << 16
                    at += 1
            else:
                rows[at] = int(value)
                at += 1
        rows[at] = status.state
        rows[at + 1] = status.fault_code
        at += 2
        for group in range(len(_GROUPS)):
            rows[at] = status.active[group]
            rows[at + 1] = status.latched[group]
            at += 2
        if at == len(rows):
            self._file.write(rows)
            self._file.flush()
            at = 0
        self._used = at

    def close(self):
        """Write what is left."""
        self._file.write(memoryview(self._rows)[: self._used])
        self._file.close()


def install(path, heading):
    """Record every step of the next controller in the file `path`.

    `heading` is what the first line says besides.
    """
    writers = []
    init = Controller.__init__
    step = Controller.step

    def recorded_init(controller, board, settings):
        writers.append(Writer(path, heading, settings))
        init(controller, board, settings)

    def recorded_step(controller, now_ms, inputs, outputs, storage_requests=0):
        writer = writers[-1]
        writer.inputs(now_ms, inputs, storage_requests)
        step(controller, now_ms, inputs, outputs, storage_requests)
        writer.outputs(controller.status, outputs)

    Controller.__init__ = recorded_init
    Controller.step = recorded_step


def play(board, recorded, played):
    """Give a fresh controller what `recorded` says; what comes of it goes into `played`.

    Nothing is played of a firmware that had other columns.
    """
    with open(recorded, "rb") as file:
        head = json.loads(file.readline())
        settings = Settings()
        for name in head["settings"]:
            value = head["settings"][name]
            setattr(settings, name, value if isinstance(value, int) else array("i", value))
        writer = Writer(played, {}, settings)
        controller = Controller(board, settings)
        inputs = Inputs()
        outputs = Outputs()
        row_bytes = 4 * len(head["columns"])
        while head["columns"] == COLUMNS:
            data = file.read(row_bytes)
            if len(data) < row_bytes:
                break
            row = array("i", data)
            storage_requests = 0
            for index in range(len(INPUTS)):
                if INPUTS[index] == _REQUEST:
                    storage_requests = row[index + 1]
                else:
                    setattr(inputs, INPUTS[index], row[index + 1])
            writer.inputs(row[0], inputs, storage_requests)
            controller.step(row[0], inputs, outputs, storage_requests)
            writer.outputs(controller.status, outputs)
    writer.close()


if __name__ == "__main__":
    from board import BOARD

    play(BOARD, sys.argv[1], sys.argv[2])
