"""What can be wrong with the motor: one task."""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio

from usual_way.clock import ticks_diff, ticks_ms

_STEP_MS = 20  # guards.py `_watch_motor`: every second tick
_RETRIES = 2
_REST_MS = 1_500
_FORGET_MS = 30_000


async def watch_motor(m):
    """Stall and lost tach (told apart by the supply's sag), overspeed, turning while off."""
    row = m.row
    faults = m.faults
    edges = None
    now_ms = ticks_ms()
    edge_ms = soft_ms = floor_ms = stall_ms = now_ms
    fast_ms = None
    stalls = 0
    idle_v = floor = 0.0
    while True:
        now_ms = ticks_ms()
        rpm = m.rpm
        duty = m.motor
        if duty > 0:
            floor = rpm
            floor_ms = now_ms
            if duty <= 0.3:
                soft_ms = now_ms
            if row.tach_edges != edges or duty <= 0.1:
                edges = row.tach_edges
                edge_ms = now_ms
            else:
                silent_ms = ticks_diff(now_ms, edge_ms)
                if silent_ms > 1_000 or (silent_ms > 500 and ticks_diff(now_ms, soft_ms) > 500):
                    edge_ms = stall_ms = now_ms
                    stalls += 1
                    m.motor_rests = True
                    if stalls > _RETRIES:
                        sag_v = idle_v - m.read_supply()
                        turns = 0.04 <= sag_v <= 1.5  # a blocked shaft draws it far down
                        faults.raise_("tach_lost" if turns else "motor_stalled")
        else:
            edge_ms = soft_ms = now_ms
            idle_v = m.read_supply()
            if rpm < 300 or rpm < floor * 15 / 16:
                floor = rpm
                floor_ms = now_ms
            elif ticks_diff(now_ms, floor_ms) > 3_000:
                faults.raise_("motor_runaway")
        if stalls:
            since_ms = ticks_diff(now_ms, stall_ms)
            m.motor_rests = since_ms < _REST_MS
            if since_ms > _FORGET_MS:
                stalls = 0
        if rpm <= 720 or rpm <= 1.2 * max(m.ramp_rpm, m.motor_set_rpm):
            fast_ms = None
        elif fast_ms is None:
            fast_ms = now_ms
        elif ticks_diff(now_ms, fast_ms) >= 1_000:
            faults.raise_("motor_overspeed")
        await asyncio.sleep_ms(_STEP_MS)
