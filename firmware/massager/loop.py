"""The fixed tick: read, step, apply, tell, feed. Absolute deadlines, nothing allocated."""

import time

from massager.core import limits


def run(hal, controller, telemetry, memory, blackbox, inputs, outputs):
    """Tick at 100 Hz until an exception ends it; the caller makes the outputs safe.

    The watchdog is fed only after a complete tick. A tick that starts late says so in
    `inputs.late_ms`; after a long stall the schedule starts anew instead of catching up.
    """
    due_ms = time.ticks_ms()
    while True:
        now_ms = time.ticks_ms()
        inputs.late_ms = time.ticks_diff(now_ms, due_ms)
        hal.read(inputs)
        controller.step(now_ms, inputs, outputs)
        hal.apply(outputs)
        telemetry.step(now_ms, controller, outputs)
        memory.step(controller, inputs, outputs)
        blackbox.step(now_ms, controller, inputs, outputs)
        hal.feed()
        if inputs.late_ms > limits.TICK_MS:
            due_ms = now_ms
        due_ms = time.ticks_add(due_ms, limits.TICK_MS)
        wait_ms = time.ticks_diff(due_ms, time.ticks_ms())
        if wait_ms > 0:
            time.sleep_ms(wait_ms)
