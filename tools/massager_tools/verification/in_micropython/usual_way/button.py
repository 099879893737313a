"""A button as the asyncio primitives' `Pushbutton` has it: a task that polls and then waits."""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio

from usual_way.clock import ticks_diff, ticks_ms

DEBOUNCE_MS = 30  # as in the firmware's limits
_STUCK_MS = 15_000


class Button:
    """Calls `pressed()` at the first edge and `released(held_ms)`; then nothing until the
    contact has settled. `held(held_ms)` is called while it is down. `stuck` after 15 s.

    `poll_ms` is how soon a press has to be seen.
    """

    def __init__(self, row, bit, poll_ms, pressed=None, released=None, held=None):
        self.stuck = False
        self._row = row
        self._bit = bit
        self._poll_ms = poll_ms
        self._pressed = pressed
        self._released = released
        self._held = held
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self):
        row = self._row
        bit = self._bit
        was_down = False
        since_ms = 0
        while True:
            down = bool(row.buttons & bit)
            if down != was_down:
                was_down = down
                self.stuck = False
                if down:
                    since_ms = ticks_ms()
                    if self._pressed:
                        self._pressed()
                elif self._released:
                    self._released(ticks_diff(ticks_ms(), since_ms))
                await asyncio.sleep_ms(DEBOUNCE_MS)
                continue
            if down:
                held_ms = ticks_diff(ticks_ms(), since_ms)
                self.stuck = held_ms > _STUCK_MS
                if self._held:
                    self._held(held_ms)
            await asyncio.sleep_ms(self._poll_ms)
