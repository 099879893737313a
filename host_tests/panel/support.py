"""A window of the page without a browser, and a virtual massager that only remembers."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui.testing import User, user_simulation

from massager_tools.boards import load_board
from massager_tools.panel.frame import build
from massager_tools.panel.panel import Panel
from massager_tools.panel.virtual_device import VirtualDevice
from massager_tools.panel.widgets import ANSWER

BOARD = load_board("esp32_devkitc")

AT_REST = {
    "t_ms": 1000,
    "supply_mv": 12_000,
    "pad_mc": 23_000,
    "manifold_pa": 0,
    "chamber_1_pa": 0,
    "chamber_2_pa": 0,
    "chamber_3_pa": 0,
    "valves": 0,
    "buttons": 0,
    "leg": 1,
    "motor_rpm": 0,
    "pixels": "",
    "fw_state": 0,
    "fw_program": 0,
    "fw_level": 2,
    "fw_fault": 0,
    "fw_pad_a_mc": 23_000,
    "fw_pad_b_mc": 23_100,
}
"""A row of a virtual massager that is off."""


class Remembering(VirtualDevice):
    """A virtual massager without a process: `sent` is what the page asked of it."""

    def __init__(self, **values: Any) -> None:
        self.sent: list[Mapping[str, Any]] = []
        super().__init__(BOARD, nvs={})
        self.show(**values)

    def show(self, **values: Any) -> None:
        """Let these values come from it, the rest as at rest."""
        self.status.add({**AT_REST, **values})

    def send(self, *events: Mapping[str, Any]) -> None:
        self.sent += [event for event in events if event["do"] != "speed"]

    def _start(self) -> None:
        self.status.crash = ""

    def _stop(self, how: str = "stop") -> None:
        pass


def in_window(test: Callable[[User], Awaitable[None]], panel: Panel, path: str = "/") -> None:
    """Open `path` of the page in a window, and do `test` in it."""

    async def run() -> None:
        async with user_simulation(root=lambda: build(panel)) as user:
            user.javascript_rules[re.compile(ANSWER)] = lambda _: 1
            await user.open(path)
            await test(user)

    try:
        asyncio.run(run())
    finally:
        panel.close()
