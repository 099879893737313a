"""Holds the pad at its set-point."""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio

from pid import PID

_STEP_MS = 100  # controller.py: every tenth tick
_PID_MS = 1_000  # simple-pid does best at this, see heat_peers.py
_READINGS = 10
_PROOF_STEPS = 2  # limits.py: HEATER_PROOF_TICKS


async def hold_heat(m):
    """Once a second by the PID, on the mean; off at once when it must not be on."""
    total = 0.0
    count = 0
    proved = 0
    duty = 0.0
    pid = PID(0.6, 0.006, 4.0, sample_time=None, output_limits=(0, 1))
    while True:
        may = (
            m.state == "run"
            and m.heat_wanted
            and m.pad_valid
            and not m.faults.heat
            and not m.dose_spent
        )
        if not may:
            if proved:
                m.heat_off()
                proved = count = 0
                total = duty = 0.0
                pid.reset()
        elif proved < _PROOF_STEPS:
            # the high side alone first, so that the low side shows that it blocks
            m.heater_on = True
            proved += 1
        else:
            total += m.pad_c
            count += 1
            if count == _READINGS:
                pid.setpoint = m.heat_set_c
                duty = pid(total / count, dt=_PID_MS / 1000)
                total = 0.0
                count = 0
            m.heater = 0.0 if m.heat_cut else duty
        await asyncio.sleep_ms(_STEP_MS)
