"""Power cut at every step of flashing: safe, reported, and repaired by the next time."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from host_tests.serial.conftest import APP, BOARD, build
from massager_tools.device.mpremote import Device, DeviceError
from massager_tools.device.sync import Plan, listing, plan, sync
from massager_tools.sim.serial.board import SerialBoard
from massager_tools.sim.wiring import HEATER

pytestmark = pytest.mark.micropython

STEPS = 8  # calls of mpremote in `sync`
COPYING = 1
FILES = 3  # of the copy, at which it is cut in the middle


class CutDevice(Device):
    """Loses cable and power together before call number `at`, or within it after `files`."""

    def __init__(self, board: SerialBoard, at: int, files: int | None = None) -> None:
        super().__init__(board.port)
        self._board = board
        self._left = at
        self._files = files

    def _cut(self) -> None:
        self._board.pull_cable()
        self._board.cut_power()

    def _mpremote(
        self,
        command: Sequence[str],
        timeout_s: float,
        on_line: Callable[[str], None] | None = None,
    ) -> str:
        if self._left == 0 and self._files is None:
            self._cut()
        elif self._left == 0 and on_line is not None:
            pass_on = on_line

            def on_line(line: str) -> None:
                pass_on(line)
                if line.startswith("="):
                    assert self._files is not None
                    self._files -= 1
                    if self._files == 0:
                        self._cut()

        self._left -= 1
        return super()._mpremote(list(command), timeout_s, on_line)


def in_service(device: Device, tree: Path) -> Plan:
    device.enter_service()
    return plan(tree, listing(device))


def no_progress(_share: float, _what: str) -> None:
    pass


@pytest.mark.parametrize(
    ("step", "files"), [*((step, None) for step in range(STEPS)), (COPYING, 1), (COPYING, FILES)]
)
def test_cut_while_flashing_is_safe_and_repaired(
    step: int, files: int | None, running: SerialBoard, tmp_path: Path
) -> None:
    running.wait_until_powered(HEATER)
    newer = tmp_path / "newer"
    newer.mkdir()
    tree = build(newer, APP.replace('"1.0"', '"2.0"'), ahead="ANOTHER = 1.5\n")
    todo = in_service(Device(running.port), tree)
    assert running.energised == 0
    with pytest.raises(DeviceError):
        sync(CutDevice(running, step, files), tree, todo, no_progress)
    before = len(running.transcript)
    running.plug_cable()
    running.restore_power()
    cut_before_anything_changed = step == 0
    shown = "ready" if cut_before_anything_changed else "firmware incomplete"
    running.wait_for(shown, since=before)
    if not cut_before_anything_changed:
        assert running.energised == 0

    device = Device(running.port)
    sync(device, tree, in_service(device, tree), no_progress)
    device.leave_service()
    before = len(running.transcript)
    device.restart()
    running.wait_for(f"ready massager 2.0 board {BOARD}", since=before)
    assert plan(tree, listing(device)).empty
