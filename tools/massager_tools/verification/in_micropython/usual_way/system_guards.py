"""What can be wrong with supply, buttons and the loop itself: two tasks."""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio

from usual_way.clock import ticks_diff, ticks_ms
from usual_way.faults import Lasting

_LOOP_MS = 10  # loop.py: late ticks counted, leases renewed and the watchdog fed every tick
_SUPPLY_MS = 50  # guards.py `_watch_system`: twice in ten ticks


async def watch_loop(m):
    """Time lost, in one go or little by little; renews the outputs' lease, feeds the watchdog."""
    faults = m.faults
    last_ms = ticks_ms() - _LOOP_MS
    lost_ms = 0
    while True:
        now_ms = ticks_ms()
        late_ms = ticks_diff(now_ms, last_ms) - _LOOP_MS
        last_ms = now_ms
        if late_ms > 2 or lost_ms:
            if late_ms > 50:
                m.late_count += 1
            lost_ms += min(late_ms, 1_000) - 2
            if lost_ms < 0 or not m.is_driving():
                lost_ms = 0
            if lost_ms > 500 or late_ms > 500:
                faults.raise_("loop_late")
        m.renew(now_ms)
        await asyncio.sleep_ms(_LOOP_MS)


async def watch_supply(m):
    """Brown-out, and buttons that are down for ever."""
    faults = m.faults
    low = Lasting(500)
    while True:
        volts = m.read_supply()
        m.has_supply = volts >= 10.5
        if low(not m.has_supply):
            faults.raise_("supply_low")
        else:
            faults.pass_("supply_low")
        for button in m.buttons:
            if button.stuck:
                faults.raise_("button_stuck")
                break
        else:
            faults.pass_("button_stuck")
        await asyncio.sleep_ms(_SUPPLY_MS)
