"""`massager bench` as a program: it leaves nothing behind, however it is ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from host_tests.serial.conftest import BOARD, build
from massager_tools.boards import load_board
from massager_tools.cli import main
from massager_tools.cli.bench import FaultType
from massager_tools.device.mpremote import Device
from massager_tools.sim.serial.board import SerialBoard

pytestmark = pytest.mark.micropython


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGINT])
def test_no_temporary_folder_stays(ended_by: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "massager_tools.cli.main", "bench"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        # a shell that runs the tests in the background has them ignore SIGINT
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout is not None
        assert " is on " in process.stdout.readline()
        assert list(tmp_path.iterdir())
        process.send_signal(ended_by)
        said = process.communicate(timeout=20)[0]
    assert said.endswith("off\n")
    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


FAULT_ROWS = (
    # as typed, the event
    ("tach_lost", {"name": "tach_lost"}),
    ("tach_noise=50", {"name": "tach_noise", "value": 50}),
    ("tach_noise=50@2.5", {"name": "tach_noise", "value": 50, "at_ms": 2_500}),
    ("tach_slow_edges=0.1@3", {"name": "tach_slow_edges", "value": 0.1, "at_ms": 3_000}),
)


def test_fault(row: tuple[str, dict[str, Any]]) -> None:
    typed, event = row
    assert FaultType().convert(typed, None, None) == {"do": "fault", "on": True, **event}


WRONG_ROWS = (
    # options, part of the one line
    (["--fault", "tach_noise=fast"], "write NAME, NAME=NUMBER"),
    (["--fault", "tach_missing"], "no fault 'tach_missing'; there are adc_failing"),
    (["--fault", "hose_loose_4"], "this board has 3 chambers"),
    (["--micropython", "1.22"], "knows MicroPython 1.23 to 1.29"),
    (["--console", "lpt"], "lpt"),
)


def test_wrong(row: tuple[list[str], str], capsys: pytest.CaptureFixture[str]) -> None:
    options, message = row
    assert main.run(["bench", *options]) == 2
    shown = capsys.readouterr().err
    assert message in " ".join(shown.split()) and "Traceback" not in shown


def test_a_board_with_a_fault_of_another_version(tmp_path: Path) -> None:
    with SerialBoard(
        load_board(BOARD),
        build(tmp_path),
        version="1.28.0",
        events=[{"do": "fault", "name": "adc_uncalibrated", "on": True}],
    ) as board:
        board.wait_for("ready")
        code = (
            "import sys, machine\n"
            "print(sys.implementation.version[:2])\n"
            "try:\n    machine.ADC(36).read_uv()\n"
            "except OSError as error:\n    print(error.args[0])\n"
        )
        assert Device(board.port).execute(code).split() == ["(1,", "28)", "-258"]
