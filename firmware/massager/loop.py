"""The fixed tick: read, step, apply, record, feed. Absolute deadlines, nothing allocated."""

import time

from massager.core import limits, schedule
from massager.core.signals import Inputs, Outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from massager.core.controller import Controller
    from massager.hal.console import Console
    from massager.hal.esp32 import Hal
    from massager.storage.blackbox import BlackBox
    from massager.storage.settings_store import SettingsStore
    from massager.telemetry import Telemetry


def run(
    hal: "Hal",
    controller: "Controller",
    console: "Console",
    telemetry: "Telemetry",
    storage: "SettingsStore",
    blackbox: "BlackBox",
    inputs: Inputs,
    outputs: Outputs,
) -> None:
    """Tick at 100 Hz until an exception ends it; the caller makes the outputs safe.

    The watchdog is fed only after a complete tick. `inputs.late_ms` says how late a tick
    starts; after a long stall the deadlines start anew instead of catching up.
    """
    status = controller.status
    due_ms = time.ticks_ms()
    while True:
        now_ms = time.ticks_ms()
        inputs.late_ms = time.ticks_diff(now_ms, due_ms)
        hal.read(inputs)
        controller.step(now_ms, inputs, outputs, storage.core_requests)  # type: ignore[arg-type]
        hal.apply(outputs, status.tick)
        telemetry.step(status, outputs)
        if status.tick == schedule.DRAIN:
            console.drain()
        storage.step(status, outputs)
        blackbox.step(status, inputs, outputs)
        hal.feed()
        if inputs.late_ms > limits.TICK_MS:
            due_ms = now_ms
        due_ms = time.ticks_add(due_ms, limits.TICK_MS)
        wait_ms = time.ticks_diff(due_ms, time.ticks_ms())
        if wait_ms > 0:
            time.sleep_ms(wait_ms)
