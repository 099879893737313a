"""Invent some weeks of sessions, for the pictures and for whoever has none yet."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from massager_tools.device_data.transport import Nvs
from massager_tools.firmware_tables import firmware
from massager_tools.sim.factory_nvs import brought_up


class _Blocks:
    """A store as the session log needs it, in a dict."""

    def __init__(self) -> None:
        self.blocks: dict[str, bytes] = {}

    def read(self, key: str, buffer: bytearray) -> int:
        data = self.blocks.get(key, b"")
        buffer[: len(data)] = data
        return len(data)

    def write(self, key: str, data: bytearray) -> None:
        self.blocks[key] = bytes(data)

    def commit(self) -> None:
        """Do nothing: no write waits."""


def example_nvs(board: Mapping[str, Any], nights: int = 31, seed: int = 5) -> Nvs:
    """Return the flash store of a device that was used for so many evenings."""
    dice = random.Random(seed)
    store = _Blocks()
    log = firmware("storage.session_log").SessionLog(store)
    before = 7.0
    for night in range(nights):
        before = max(2.0, before - 0.09 + dice.uniform(-0.9, 0.9))
        after = max(0, round(before - dice.uniform(1.0, 3.5)))
        stopped = night % 9 == 4
        failed = night == 12
        minutes = dice.uniform(8, 19) if stopped or failed else dice.choice((30, 30, 30, 20))
        reason = 4 if failed else 3 if stopped else 1
        answered = dice.random() < 0.85
        log.keep(
            [
                0,
                dice.choice((0, 0, 0, 1, 3)),
                reason,
                dice.choice((2, 2, 3)),
                dice.choice((0, 2, 2, 3)),
                min(10, round(before)),
                after if answered and not failed else 255,
                int(minutes * 60),
                int(minutes * 60 * dice.uniform(0.28, 0.36)),
                int(minutes * 60 * dice.uniform(0.4, 0.7)),
                int(minutes),
                dice.randint(4150, 4330),
                dice.randint(2900, 3600),
                dice.randint(1050, 1450),
                22 if failed else 0,
            ]
        )
    nvs = {space: dict(keys) for space, keys in brought_up(board).items()}
    nvs["massager"].update({key: list(data) for key, data in store.blocks.items()})
    return nvs
