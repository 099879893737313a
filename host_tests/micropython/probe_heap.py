"""Runs a scenario with the heap locked: `micropython probe_heap.py MODULE FUNCTION TICKS`.

`FUNCTION()` builds an object with `prepare(tick)`, which may allocate, and `step(tick)`,
which runs with the heap locked, where any allocation raises. Prints `clean TICKS`, or
`allocates TICK` with the traceback of the allocation and exits 1.
"""

import sys

import micropython

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def first_allocation(scenario: "Any", ticks: int) -> "tuple[int, Any]":
    """The tick whose step allocated and the error, or (-1, None) after `ticks` clean ones."""
    tick = 0
    found = None
    while tick < ticks:
        scenario.prepare(tick)
        micropython.heap_lock()
        try:
            scenario.step(tick)
        except MemoryError as error:
            found = error
        finally:
            micropython.heap_unlock()
        if found is not None:
            return tick, found
        tick += 1
    return -1, None


def main(module_name: str, function_name: str, ticks: int) -> int:
    """Probe one scenario; the exit code."""
    __import__(module_name)
    scenario = getattr(sys.modules[module_name], function_name)()
    tick, error = first_allocation(scenario, ticks)
    if error is None:
        print("clean", ticks)
        return 0
    print("allocates", tick)
    sys.print_exception(error)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
