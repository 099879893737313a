"""What people and plotters see: eight lights and a line of telemetry."""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio

from usual_way.clock import ticks_ms

LIGHTS = 8
_SHOW_MS = 350  # leds.py: seven lights come round in as many calls, two every 100 ms
_BLINK_MS = 100  # leds.py: the last light, while a fault is blinked
_TELL_MS = 100  # telemetry.py: a line every ten ticks
_LIT = 6


async def show(m):
    """Level, heat, time left, state; or the code of a fault."""
    while True:
        code = m.faults.code
        if code:
            await _blink(m, code)
            continue
        running = m.state != "off"
        pixels = m.pixels
        for light in range(5):
            pixels[light] = (_LIT, 0, _LIT) if running and light < m.level else (0, 0, 0)
        pixels[5] = (0, _LIT, 0) if running and m.heat_wanted else (0, 0, 0)
        pixels[6] = (0, 0, _LIT) if running and m.left_s > 300 else (0, 0, 0)
        pixels[7] = (_LIT, 0, 0) if running else (0, 0, 0)
        await asyncio.sleep_ms(_SHOW_MS)


async def _blink(m, code):
    """Tens, a pause, units."""
    for count in (code // 10, code % 10):
        for _ in range(count):
            for color in ((0, 2 * _LIT, 0), (0, 0, 0)):
                m.pixels[7] = color
                for _ in range(3):
                    await asyncio.sleep_ms(_BLINK_MS)
        await asyncio.sleep_ms(6 * _BLINK_MS)


async def tell(m, stream):
    """One line ten times a second."""
    while True:
        stream.write(
            f"t_ms:{ticks_ms()},state:{m.state},level:{m.level},"
            f"heat:{m.heat_wanted},pad_a:{m.pad_a_c:.1f},pad_b:{m.pad_b_c:.1f},"
            f"mmhg:{m.mmhg:.1f},rpm:{m.rpm:.0f},pump:{m.pump:.2f},"
            f"valves:{m.open},heater:{m.heater:.2f},motor:{m.motor:.2f},"
            f"cycles:{m.squeezes},fault:{m.faults.code},left_s:{m.left_s:.0f},"
            f"dose:{m.dose_min:.1f},late:{m.late_count}\n"
        )
        m.lines += 1
        await asyncio.sleep_ms(_TELL_MS)
