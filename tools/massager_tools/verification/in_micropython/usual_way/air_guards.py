"""What can be wrong with the air: four tasks."""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio

from usual_way.air_job import CHAMBERS
from usual_way.clock import ticks_diff, ticks_ms
from usual_way.readings import MMHG_PER_UV, ZERO_UV

_PRESSURE_MS = 10  # air/guard.py `step`: every tick
_STEP_MS = 20  # air/guard.py `_watch`: every second tick
_CLOCKS_MS = 100  # air/dwell_guard.py: ten times a second
_FORGET_MS = 3_600_000


async def watch_pressure(m):
    """Reads the sensor; over-pressure, soft and hard, and readings that cannot be."""
    row = m.row
    faults = m.faults
    warning_ms = trip_ms = bad_ms = None
    warnings = 0
    warned_ms = ticks_ms()
    while True:
        mmhg = m.mmhg = (row.pressure_uv - ZERO_UV) * MMHG_PER_UV
        if -5 <= mmhg < 45:
            if warning_ms is not None:
                warning_ms = trip_ms = None
                faults.pass_("pressure_warning")
            bad_ms = None
        else:
            now_ms = ticks_ms()
            # all let go and the pump off: its last breath, shut into a few millilitres
            if mmhg >= 45 and (m.open or m.pump):
                if warning_ms is None:
                    warning_ms = now_ms
                elif ticks_diff(now_ms, warning_ms) >= 500:
                    if "pressure_warning" not in faults.active:
                        if ticks_diff(now_ms, warned_ms) > _FORGET_MS:
                            warnings = 0
                        warned_ms = now_ms
                        warnings += 1
                        if warnings >= 3:
                            faults.raise_("pressure_repeated")
                    faults.raise_("pressure_warning")
                if mmhg < 55:
                    trip_ms = None
                elif trip_ms is None:
                    trip_ms = now_ms
                elif ticks_diff(now_ms, trip_ms) >= 100:
                    faults.raise_("pressure_trip")
            if mmhg < -5 or mmhg > (70 if m.open else 90):
                if bad_ms is None:
                    bad_ms = now_ms
                elif ticks_diff(now_ms, bad_ms) >= 30:
                    faults.raise_("pressure_invalid")
            else:
                bad_ms = None
        await asyncio.sleep_ms(_PRESSURE_MS)


async def watch_pumping(m):
    """Does pumping get anywhere, does the sensor move, does a hold only feed a leak?"""
    faults = m.faults
    joined = 0  # valves that were open, at the most, since all had let go
    left_ms = no_sign_ms = dead_head_ms = make_up_ms = still_ms = 0
    sign = False
    held = 0.0
    low = high = smooth = 0.0
    rest_ms = 0
    while True:
        mmhg = m.mmhg
        count = m.open
        if m.pump:
            rest_ms = 0
            smooth += (mmhg - smooth) * 0.25
            if smooth < low:
                low = smooth
            elif smooth > high:
                high = smooth
            if high - low >= 1.5:
                low = high = smooth
                still_ms = 0
            still_ms += _STEP_MS
            if still_ms > 12_000:
                faults.raise_("pressure_frozen")
            if not count:
                dead_head_ms += _STEP_MS
                if dead_head_ms > 2_000:
                    faults.raise_("inflate_timeout")
            else:
                dead_head_ms = 0
                if count > joined:
                    if not joined:
                        no_sign_ms = 0
                        sign = False
                    left_ms = 40_000 * (count - joined)
                    joined = count
                    held = 0.0
                if mmhg >= 5:
                    sign = True
                elif not sign:
                    no_sign_ms += _STEP_MS
                    if no_sign_ms > 30_000 * joined:
                        faults.raise_("leak_or_loose")
                if mmhg <= 10:
                    held = 0.0
                if 10 < mmhg < held + 3:
                    make_up_ms += _STEP_MS
                    if make_up_ms > 7_000:
                        faults.raise_("leak_too_long")
                else:
                    left_ms -= _STEP_MS
                    if left_ms < 0:
                        faults.raise_("inflate_timeout")
        elif count:
            rest_ms += _STEP_MS
            if rest_ms >= 200 and joined:  # the pump has paused: this is a hold
                if not held:
                    make_up_ms = 0
                held = mmhg if mmhg > 10 else 0.0
        else:
            joined = 0
            held = 0.0
        m.held_mmhg = held
        await asyncio.sleep_ms(_STEP_MS)


async def watch_venting(m):
    """Is every chamber seen empty after its release, and does nothing rise with the pump off?"""
    faults = m.faults
    valves = m.valves
    unproved = [False] * CHAMBERS
    waiting = False  # for a proof
    pumped = False
    released_ms = 0
    looked_ms = 0  # into what was not empty
    below = 0
    rest_ms = 0
    rise_ms = 0
    lowest = 0.0
    was_open = 0
    while True:
        mmhg = m.mmhg
        count = m.open
        if count != was_open:
            below = 0
            if count > was_open:
                rest_ms = 0  # what comes out of a chamber may rise, a closed manifold may not
            was_open = count
        if m.pump:
            rest_ms = rise_ms = 0
            if count:
                if waiting:
                    faults.raise_("vent_failed")
                pumped = True
                for chamber in range(CHAMBERS):
                    if valves[chamber]:
                        unproved[chamber] = True
        else:
            rest_ms += _STEP_MS
            if rest_ms < 1_000 or mmhg < lowest:
                lowest = mmhg
                rise_ms = 0
            elif mmhg > lowest + 15:
                rise_ms += _STEP_MS
                if rise_ms >= 1_000:
                    faults.raise_("pressure_rising")
            if pumped and not count:
                pumped = False
                waiting = True
                released_ms = ticks_ms()
                looked_ms = 0
            if waiting:
                if count == 1 and mmhg < 8:
                    below += 1
                    if below >= 3:
                        for chamber in range(CHAMBERS):
                            if valves[chamber]:
                                unproved[chamber] = False
                        waiting = True in unproved
                elif count:
                    below = 0
                    looked_ms += _STEP_MS
                    if looked_ms >= 1_000 and ticks_diff(ticks_ms(), released_ms) > 10_000:
                        faults.raise_("vent_failed")
        await asyncio.sleep_ms(_STEP_MS)


async def watch_chambers(m):
    """How long each chamber has been squeezed, and held."""
    faults = m.faults
    valves = m.valves
    squeezed_ms = [0] * CHAMBERS
    held_ms = [0] * CHAMBERS
    calm_ms = [0] * CHAMBERS
    running = False
    while True:
        mmhg = m.mmhg
        if running or (mmhg > 10 and m.open):
            running = False
            for chamber in range(CHAMBERS):
                if mmhg > 10 and valves[chamber]:
                    calm_ms[chamber] = 0
                    if mmhg < m.held_mmhg + 3:
                        held_ms[chamber] += _CLOCKS_MS
                else:
                    calm_ms[chamber] += _CLOCKS_MS
                if calm_ms[chamber] >= 500:
                    squeezed_ms[chamber] = held_ms[chamber] = 0
                else:
                    running = True
                    squeezed_ms[chamber] += _CLOCKS_MS
                    if held_ms[chamber] > 20_000:
                        faults.raise_("hold_timeout")
                    if squeezed_ms[chamber] > 90_000:
                        faults.raise_("squeezed_too_long")
        await asyncio.sleep_ms(_CLOCKS_MS)
