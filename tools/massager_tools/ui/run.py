"""Run the virtual massager in real time in the terminal."""

import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live

from massager_tools.device_data.transport import kept_in, save_nvs
from massager_tools.firmware_tables import Program
from massager_tools.sim.board_faults import faults_of
from massager_tools.sim.host import Result, Row, VirtualMassager
from massager_tools.ui.fault_menu import FaultMenu
from massager_tools.ui.gauges import gauges
from massager_tools.ui.keyboard import keyboard
from massager_tools.ui.keys import HeldKeys
from massager_tools.ui.live_session import interact, presses_for

_REFRESH_S = 0.08  # as often as an eye follows, whatever the speed


def run(
    board: dict[str, Any],
    program: Program,
    *,
    speed: float,
    on_cpython: bool,
    seed: int,
    memory: Path | None = None,
) -> Result | None:
    """Run until the massager or the person ends it; return how it ended, None if the person quit.

    `memory` is a file that stands for the flash store: read before, written after.
    """
    menu = FaultMenu(faults_of(board))
    title = f"{board['name']} ×{speed:g}"
    shown_s = 0.0
    with (
        keyboard() as read_keys,
        VirtualMassager(
            board,
            seed=seed,
            speed=speed,
            events=presses_for(program),
            on_cpython=on_cpython,
            nvs=kept_in(memory),
        ) as massager,
        Live(console=Console(), auto_refresh=False, screen=True) as live,
    ):

        def show(row: Row, held: HeldKeys, menu: FaultMenu, message: str) -> None:
            nonlocal shown_s
            if time.monotonic() - shown_s >= _REFRESH_S:
                shown_s = time.monotonic()
                live.update(gauges(row, title, held.held, menu, message), refresh=True)

        interact(massager, read_keys, show, menu, speed)
        ended = massager.result
    if memory is not None and massager.result is not None and massager.result.nvs:
        save_nvs(memory, massager.result.nvs)
    return ended
