"""Turns the motor at its set-point."""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio

from pid import PID

_STEP_MS = 20  # controller.py: the motor on even ticks
_RAMP_RPM = 8.0  # a step: 400 rpm/s
_STOP_STEP = 0.024  # of the duty: at rest within a second


async def turn(m):
    """Reads the tach, ramps the set-point, regulates; at rest within a second when it is over."""
    row = m.row
    pid = PID(0.0006, 0.0035, 0, sample_time=None, output_limits=(0, 1))
    while True:
        turn_us = row.tach_turn_us
        age_us = row.tach_age_us
        if turn_us <= 0:
            m.rpm = 0.0
        else:
            m.rpm = 60e6 / (turn_us if age_us * 4 < turn_us * 9 else age_us)
        on = (m.state == "run" or m.state == "ending") and not m.faults.motor
        if on and not m.motor_rests:
            m.motor_set_rpm = set_rpm = 500.0 + 300.0 * m.level
            ramp = m.ramp_rpm
            if ramp < set_rpm:
                ramp = min(ramp + _RAMP_RPM, set_rpm)
            elif ramp > set_rpm:
                ramp = max(ramp - _RAMP_RPM, set_rpm)
            m.ramp_rpm = ramp
            pid.setpoint = ramp
            m.motor = pid(m.rpm, dt=_STEP_MS / 1000)
        else:
            if m.ramp_rpm:
                m.ramp_rpm = 0.0
                pid.reset()
            if on or m.faults.motor:
                m.motor = 0.0
            elif m.motor > 0:  # at rest within a second
                m.motor = max(0.0, m.motor - _STOP_STEP)
                m.motor_set_rpm = 0.0
        await asyncio.sleep_ms(_STEP_MS)
