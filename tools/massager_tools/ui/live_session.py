"""Run the virtual massager with a person at the keys."""

from collections.abc import Callable
from typing import Any

from massager_tools.firmware_tables import Program
from massager_tools.sim.host import Row, VirtualMassager
from massager_tools.ui.fault_menu import FaultMenu
from massager_tools.ui.keyboard import ReadKeys
from massager_tools.ui.keys import HeldKeys

QUIT = "q"
_MAINS_CUT_MS = 3_000
_FIRST_PRESS_MS = 1_000  # boot takes less
_PRESS_EVERY_MS = 500
_PRESS_MS = 150

Show = Callable[[Row, HeldKeys, FaultMenu, str], None]


def presses_for(program: Program) -> list[dict[str, Any]]:
    """Return the presses of *program* that choose it after power-on."""
    return [
        {
            "at_ms": _FIRST_PRESS_MS + number * _PRESS_EVERY_MS,
            "do": "press",
            "button": "program",
            "for_ms": _PRESS_MS,
        }
        for number in range(program.index)
    ]


def interact(
    massager: VirtualMassager, read_keys: ReadKeys, show: Show, menu: FaultMenu, speed: float
) -> None:
    """Pass keys on and show every row, until the person quits or the massager ends."""
    held = HeldKeys(speed)
    for row in massager.rows():
        now_ms = row["t_ms"]
        for key in read_keys():
            if key == QUIT:
                return
            for event in _events(key, row, held, menu, now_ms):
                massager.send(event)
        for event in held.due_releases(now_ms):
            massager.send(event)
        show(row, held, menu, massager.serial[-1] if massager.serial else "")


def _events(
    key: str, row: Row, held: HeldKeys, menu: FaultMenu, now_ms: int
) -> list[dict[str, Any]]:
    from_menu = menu.press_key(key)
    if from_menu is not None:
        return from_menu
    if key == "l":
        return [{"do": "leg", "on": not row["leg"]}]
    if key == "x":
        return [{"do": "power_cut", "for_ms": _MAINS_CUT_MS}]
    return held.press_key(key, now_ms)
