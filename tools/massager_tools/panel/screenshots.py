"""Take the pictures of the page for the documents: python -m massager_tools.panel.screenshots.

It plays the virtual massager into an evening session and has a Chromium without a window draw
the pages into tools/pictures, or into the folder that is given.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from massager_tools.boards import load_board
from massager_tools.device_data import session_log
from massager_tools.errors import Failure
from massager_tools.panel.chromium import FLAGS, MISSING, program
from massager_tools.panel.example import example_nvs
from massager_tools.panel.kept import KeptData
from massager_tools.panel.panel import Panel
from massager_tools.panel.server import PanelServer
from massager_tools.panel.virtual_device import NvsBlocks, VirtualDevice
from massager_tools.paths import require_checkout

PICTURES = (
    # file, page, dark, width, height
    ("panel.png", "", False, 1360, 1010),
    ("panel_phone.png", "", True, 430, 930),
    ("panel_nights.png", "nights", False, 1360, 900),
)
_BOARD = "esp32_devkitc"
_FAST, _INTO_SESSION_S = 20.0, 330.0
_PATIENCE_S = 120.0


def take(folder: Path) -> list[Path]:
    """Draw every picture into `folder`; return their paths. Failure without a Chromium."""
    chromium = program()
    if chromium is None:
        raise Failure(MISSING)
    board = load_board(_BOARD)
    nvs = example_nvs(board)
    panel = Panel(VirtualDevice(board, nvs=nvs, speed=_FAST))
    panel.kept = KeptData("an example", session_log.sessions(NvsBlocks(nvs)))
    address: list[str] = []
    server = PanelServer(panel)
    serving = threading.Thread(target=server.run, args=(address.append,))
    serving.start()
    try:
        _play_into_session(panel)
        panel.virtual.set_speed(1.0)
        _wait(lambda: bool(address), "the page did not start")
        return [_draw(chromium, panel, address[0], folder, *picture) for picture in PICTURES]
    finally:
        server.stop()
        serving.join()
        panel.close()


def _play_into_session(panel: Panel) -> None:
    status = panel.virtual.status
    _wait(lambda: status.values.get("t_ms", 0) > 2_000, "the virtual massager did not start")
    panel.virtual.send({"do": "press", "button": "power", "for_ms": 600})
    panel.virtual.send({"at_ms": 20_000, "do": "press", "button": "heat", "for_ms": 400})
    _wait(lambda: status.values["t_ms"] > _INTO_SESSION_S * 1000, "it stands still")


def _wait(condition: Callable[[], bool], what: str) -> None:
    end_s = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > end_s:
            raise Failure(what)
        time.sleep(0.05)


def _draw(
    chromium: str,
    panel: Panel,
    address: str,
    folder: Path,
    name: str,
    page: str,
    dark: bool,
    width: int,
    height: int,
) -> Path:
    panel.dark = dark
    path = folder / name
    with tempfile.TemporaryDirectory(prefix="massager-") as profile:
        command = [chromium, *FLAGS, "--timeout=6000", f"--user-data-dir={profile}"]
        command += [f"--window-size={width},{height}", f"--screenshot={path}", address + page]
        subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE_S)
    return path


def main() -> None:
    """Run it, for `python -m`."""
    checkout = require_checkout("taking the pictures")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else checkout / "tools" / "pictures"
    for path in take(folder):
        print(path)


if __name__ == "__main__":
    main()
