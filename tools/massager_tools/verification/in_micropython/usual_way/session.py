"""The session: self-test, a level that rises, an end."""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio

_STEP_MS = 100  # controller.py: every tenth tick
_SESSION_S = 1_800.0
ENDING_S = 60.0
_RAMP_S = 60.0  # a level a minute
_USUAL_LEVEL = 3


async def live(m):
    """One session after the other, each when it is wanted."""
    while True:
        await m.wanted.wait()
        m.wanted.clear()
        m.level = 1
        m.go("check")
        await _check(m)
        if m.state == "check":
            m.left_s = _SESSION_S
            m.go("run")
        risen_s = 0.0
        while m.state == "run" or m.state == "ending":
            m.left_s -= _STEP_MS / 1000
            risen_s += _STEP_MS / 1000
            if risen_s >= _RAMP_S:
                risen_s = 0.0
                if m.state == "ending":
                    m.level = 1
                elif m.level < _USUAL_LEVEL:
                    m.level += 1
            if m.left_s <= 0:
                m.go("off")
            elif m.left_s <= ENDING_S:
                m.state = "ending"
            await asyncio.sleep_ms(_STEP_MS)


async def _check(m):
    """Vented, the manifold has to read zero."""
    m.open_valve(0)
    await asyncio.sleep_ms(1_000)
    for _ in range(100):
        if m.state != "check" or abs(m.mmhg) <= 5:
            break
        await asyncio.sleep_ms(100)
    else:
        m.faults.raise_("pressure_zero_off")
    m.let_go()
