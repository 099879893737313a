"""Record the inputs of a controller, tick by tick. Runs in MicroPython, as on the chip.

Flashed beside the firmware, its `install` goes before main.py; nothing else changes. The
file starts with a line of column names; then each tick is one row of 32-bit integers.
"""
# MicroPython has no annotations
# mypy: ignore-errors

from array import array

from massager.core.controller import Controller
from massager.core.signals import Inputs

_ROWS_A_WRITE = 100
NAMES = sorted([name for name in dir(Inputs()) if name[:2] != "__"])
COLUMNS = ["now_ms"] + NAMES + ["state"]  # noqa: RUF005 - MicroPython has no [*names]


def install(path):
    """Record every controller's `step` in the file `path`, with the state after it."""
    out = open(path, "wb")  # noqa: SIM115 - open until the virtual power fails
    out.write((" ".join(COLUMNS) + "\n").encode())
    rows = array("i", [0] * (len(COLUMNS) * _ROWS_A_WRITE))
    used = 0
    step = Controller.step

    def recorded_step(controller, now_ms, inputs, outputs, storage_requests=0):
        nonlocal used
        rows[used] = now_ms
        for name in NAMES:
            used += 1
            rows[used] = getattr(inputs, name)
        step(controller, now_ms, inputs, outputs, storage_requests)
        used += 1
        rows[used] = controller.state
        used += 1
        if used == len(rows):
            out.write(rows)
            out.flush()
            used = 0

    Controller.step = recorded_step
