"""Squeezes: chambers fill one after the other, hold, let go, and show that they are empty."""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio

from usual_way.clock import ticks_diff, ticks_ms

CHAMBERS = 3
_STEP_MS = 20  # controller.py: the air on odd ticks
_SETTLE_MS = 300  # until the manifold shows a chamber that has just been opened to it
_HOLD_MS = 5_000
_VENT_MS = 2_000
_LOOK_MS = 300  # into each empty chamber
_REST_MS = 4_000
_LEAK_TOP_UPS = 5  # of 1 mmHg each


def _may_squeeze(m):
    return (m.state == "run" or m.state == "ending") and not m.faults.air


async def squeeze(m):
    """Cycle after cycle while a session runs."""
    while True:
        if not _may_squeeze(m):
            await asyncio.sleep_ms(_STEP_MS)
            continue
        set_mmhg = 17.5 + 2.5 * m.level
        for chamber in range(CHAMBERS):
            if not _may_squeeze(m):
                break
            m.open_valve(chamber)
            m.pump = 1.0
            await asyncio.sleep_ms(_SETTLE_MS)
            while _may_squeeze(m) and m.mmhg < set_mmhg:
                await asyncio.sleep_ms(_STEP_MS)
        await _hold(m, set_mmhg)
        whole = _may_squeeze(m)
        m.let_go()
        await asyncio.sleep_ms(_VENT_MS)
        await _prove(m)
        if whole:
            m.squeezes += 1
        await asyncio.sleep_ms(_REST_MS - _VENT_MS)


async def _hold(m, set_mmhg):
    began_ms = ticks_ms()
    top_ups = 0
    while _may_squeeze(m) and ticks_diff(ticks_ms(), began_ms) < _HOLD_MS:
        if m.mmhg >= set_mmhg:
            m.pump = 0.0
        elif m.mmhg < set_mmhg - 1.0 and not m.pump:
            m.pump = 1.0
            top_ups += 1
        await asyncio.sleep_ms(_STEP_MS)
    if top_ups > _LEAK_TOP_UPS:
        m.faults.raise_("leak")
    else:
        m.faults.pass_("leak")


async def _prove(m):
    """Every chamber alone on the idle manifold, for the guard to see it empty."""
    for chamber in range(CHAMBERS):
        if m.state == "fault":
            break
        m.open_valve(chamber)
        await asyncio.sleep_ms(_LOOK_MS)
        m.let_go()
