"""What can be wrong with the heat: three tasks."""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio

from usual_way.clock import ticks_diff, ticks_ms
from usual_way.faults import Lasting
from usual_way.readings import celsius

_NTC_MS = 100  # heat/guard.py `step`: every tenth tick
_HEATING_MS = 100  # heat/guard.py `step_slow`, heat/dose.py: every tenth tick
_SWITCHES_MS = 20  # guards.py `_watch_switches`: every second tick
_SENSE_COUNTS = 4
_FAST = 1 / 8  # of a reading, in the mean that a slope is measured against
_SMOOTH = 1 / 32


async def watch_thermistors(m):
    """Window, slope, disagreement, over-temperature; `m.heat_cut` forces the PWM to zero."""
    row = m.row
    faults = m.faults
    no_a = Lasting(150)
    no_b = Lasting(150)
    steep = Lasting(150)
    apart = Lasting(10_000)
    far_apart = Lasting(5_000)
    warm = Lasting(3_000)
    mean_a = mean_b = None
    since_hot = 5  # readings
    while True:
        a = celsius(row.pad_a_uv)
        b = celsius(row.pad_b_uv)
        bad_a = a is None or not 5 <= a <= 60
        bad_b = b is None or not 5 <= b <= 60
        if no_a(bad_a):
            faults.raise_("ntc_a_invalid")
        if no_b(bad_b):
            faults.raise_("ntc_b_invalid")
        if bad_a or bad_b:
            m.pad_valid = False
            m.heat_cut = True
        else:
            if mean_a is None:
                mean_a = a
                mean_b = b
            slope_a = a - mean_a
            slope_b = b - mean_b
            mean_a += slope_a * _FAST
            mean_b += slope_b * _FAST
            if steep(abs(slope_a) > 1.6 or abs(slope_b) > 1.6):  # 2 °C/s over 0.8 s
                faults.raise_("ntc_slope")
            hot = max(a, b)
            apart_c = abs(a - b)
            if apart(apart_c > 3):
                faults.raise_("ntc_disagree_warning")
            else:
                faults.pass_("ntc_disagree_warning")
            if far_apart(apart_c > 5):
                faults.raise_("ntc_disagree_trip")
            if warm(hot >= 45.5):
                faults.raise_("pad_over_temp_warning")
            else:
                faults.pass_("pad_over_temp_warning")
            if hot < 47.0:
                since_hot += 1
            elif since_hot < 5:
                faults.raise_("pad_over_temp_trip")
            else:
                since_hot = 1
            m.pad_a_c = a
            m.pad_b_c = b
            m.pad_c = hot
            m.pad_valid = True
            m.heat_cut = hot >= 45.0 or hot >= m.heat_set_c + 1.0
        await asyncio.sleep_ms(_NTC_MS)


async def watch_heating(m):
    """No heat, stuck thermistors, a pad that warms while off, and the dose (CEM43)."""
    faults = m.faults
    smooth_a = smooth_b = None
    heat_from = a_from = b_from = 0.0
    heat_ms = a_ms = b_ms = 0
    off_ms = None
    window_ms = 0
    coolest = before = 0.0
    while True:
        now_ms = ticks_ms()
        if m.pad_valid:
            if smooth_a is None:
                smooth_a = m.pad_a_c
                smooth_b = m.pad_b_c
            smooth_a += (m.pad_a_c - smooth_a) * _SMOOTH
            smooth_b += (m.pad_b_c - smooth_b) * _SMOOTH
            hot = max(smooth_a, smooth_b)
            duty = m.heater
            below = m.heat_set_c - hot
            if duty < 0.9 or below <= 3.0 or hot - heat_from >= 2.0:
                heat_from = hot
                heat_ms = now_ms
            elif ticks_diff(now_ms, heat_ms) > 60_000:
                faults.raise_("no_heat")
            powered = duty >= 0.5 and below > 2.0
            if not powered or abs(smooth_a - a_from) >= 0.1:
                a_from = smooth_a
                a_ms = now_ms
            elif ticks_diff(now_ms, a_ms) > 30_000:
                faults.raise_("ntc_stuck")
            if not powered or abs(smooth_b - b_from) >= 0.1:
                b_from = smooth_b
                b_ms = now_ms
            elif ticks_diff(now_ms, b_ms) > 30_000:
                faults.raise_("ntc_stuck")
            cool = min(smooth_a, smooth_b)
            if duty > 0:
                off_ms = None
            elif off_ms is None:
                off_ms = now_ms
            elif ticks_diff(now_ms, off_ms) <= 20_000:
                coolest = before = cool
                window_ms = now_ms
            else:
                if ticks_diff(now_ms, window_ms) > 60_000:
                    before = coolest
                    coolest = cool
                    window_ms = now_ms
                elif cool < coolest:
                    coolest = cool
                if cool > 38.0 and cool - min(coolest, before) >= 1.0:
                    faults.raise_("heater_welded")
            hot = m.pad_c
            if hot > 33.0:  # below that a minute counts nothing
                m.dose_min += (0.5 if hot >= 43.0 else 0.25) ** (43.0 - hot) * (0.1 / 60)
            if hot < 37.0 and m.dose_min > 0:
                m.dose_min = max(0.0, m.dose_min - 0.1 / 60 / 8)
            if m.dose_min >= 60:
                m.dose_spent = True
            elif m.dose_min < 45:
                m.dose_spent = False
        await asyncio.sleep_ms(_HEATING_MS)


async def watch_switches(m):
    """The node between pad and low side: live while off, dead while only the high side is on."""
    row = m.row
    faults = m.faults
    live_count = dead_count = 0
    while True:
        if m.has_supply:
            live = row.heater_sense
            if m.heater_on:
                live_count = 0
                if m.heater or live:
                    dead_count = 0
                else:
                    dead_count += 1
                    if dead_count >= _SENSE_COUNTS:
                        faults.raise_("low_side_welded")
            elif live:
                live_count += 1
                if live_count >= _SENSE_COUNTS:
                    faults.raise_("high_side_welded")
            else:
                live_count = dead_count = 0
        await asyncio.sleep_ms(_SWITCHES_MS)
