"""What one garbage collection takes with the usual way alone on the heap. Runs in MicroPython.

`micropython -X heapsize=N -m usual_way.collecting FREE_BYTES` prints `live_bytes` and
`collect_us`, the median of some collections of FREE_BYTES of garbage.
"""
# MicroPython has no annotations
# mypy: ignore-errors

import gc
import sys
import time

from usual_way import clock
from usual_way.massager import Massager
from usual_way.on_board import Row, Stream

_TIMES = 11


def main(free_bytes):
    """Let it run and collect whenever so much garbage has come together."""
    massager = Massager(Row(), Stream())
    took_us = []
    gc.disable()
    gc.collect()
    live_bytes = gc.mem_alloc()

    def next_period(period):
        nonlocal live_bytes
        if gc.mem_alloc() - live_bytes < free_bytes:
            return
        start_us = time.ticks_us()
        gc.collect()
        took_us.append(time.ticks_us() - start_us)
        live_bytes = gc.mem_alloc()
        if len(took_us) == _TIMES:
            print("live_bytes", live_bytes)
            print("collect_us", sorted(took_us)[_TIMES // 2])
            raise clock.Over

    clock.run(massager, next_period)


main(int(sys.argv[1]))
