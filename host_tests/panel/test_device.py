"""What the page knows of a device, over restarts, and a virtual one from press to crash."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import serial

from host_tests.panel.support import AT_REST, BOARD
from massager_tools.device_data.blackbox import read
from massager_tools.device_data.freeze_frames import last_readings
from massager_tools.errors import Failure
from massager_tools.firmware_tables import fault_name
from massager_tools.panel.device import HISTORY_EVERY_S, Status
from massager_tools.panel.port_device import PULLED, PortDevice
from massager_tools.panel.virtual_device import VirtualDevice
from massager_tools.sim import host
from massager_tools.sim.serial.board import SerialBoard

PATIENCE_S = 60.0  # a busy computer builds the firmware for half a minute


def wait_for(condition: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    """Poll until `condition`; a test that waits fails with `what`."""
    end_s = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end_s, what
        time.sleep(0.02)


def test_history_goes_on_over_a_restart() -> None:
    status = Status()
    for t_ms in (1_000, 1_100, 1_500, 2_000, 100, 700):
        status.add({"t_ms": t_ms})
    times_s = [t_s for t_s, _ in status.recent()]
    assert times_s == sorted(times_s)
    assert [values["t_ms"] for _, values in status.recent()] == [1_000, 1_500, 2_000, 100, 700]
    assert times_s[3] == times_s[2] + HISTORY_EVERY_S


def test_values_end_the_waiting() -> None:
    status = Status()
    assert status.condition
    status.add(AT_REST)
    assert not status.condition


@pytest.mark.micropython
@pytest.mark.xdist_group("panel-virtual")
def test_a_virtual_massager_runs_is_broken_and_says_how_it_ended() -> None:
    device = VirtualDevice(BOARD, speed=20)
    try:
        wait_for(lambda: device.status.values.get("t_ms", 0) > 3_000, "it never started")
        device.send({"do": "press", "button": "power", "for_ms": 600})
        wait_for(lambda: device.status.values.get("fw_state") == 2, "power started nothing")
        device.set_fault("ntc_a_open", True)
        wait_for(lambda: device.status.values.get("fw_fault"), "the fault was not found")
        with device.at_rest() as kept:
            codes = [frame["code"] for frame in last_readings(kept.store)]
            assert any(fault_name(code).startswith("NTC") for code in codes)
            assert read(kept.files).fault in codes
        device.status.values = {}
        wait_for(lambda: device.status.values.get("t_ms", 0) > 3_000, "it did not come back")
        device.send({"do": "ctrl_c"})
        wait_for(lambda: device.status.crash, "its end was not reported")
        assert "every output is off" in device.status.crash
    finally:
        device.close()


def test_without_an_interpreter_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "micropython_program", _missing)
    device = VirtualDevice(BOARD)
    try:
        wait_for(lambda: "no interpreter" in device.status.condition, "nothing was said")
        assert not device.status.crash
    finally:
        device.close()


def _missing() -> str:
    raise Failure("no interpreter")


@pytest.mark.micropython
@pytest.mark.xdist_group("panel-virtual")
def test_a_board_that_is_unplugged_is_a_sentence(tmp_path: Path) -> None:
    with SerialBoard(BOARD, tmp_path) as board:
        device = PortDevice(board.port)
    try:
        wait_for(lambda: device.status.condition == PULLED, "nothing was said")
        with pytest.raises(Failure):
            device.at_rest().__enter__()
        assert device.status.condition
    finally:
        device.close()


def test_a_port_without_permission_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Linux says to one who is not in the group of the port."""

    def refuse(_: object) -> None:
        raise serial.SerialException(13, "could not open port: [Errno 13] Permission denied")

    monkeypatch.setattr(serial.Serial, "open", refuse)
    with pytest.raises(Failure, match="no permission; on Linux join the group `dialout`"):
        PortDevice(os.devnull)
