"""Three days of random use in MicroPython: does anything grow, drift, or get left out?

The firmware's own loop, core, telemetry, storage and black box run on a clock that only we
move, so that "on time" is exact; a tick takes 0.7 to 3.3 ms of it. The plant is the coarse
one of the core's tests, the flash takes no time (on a chip it is written only with every
output off, and the schedule starts anew after it). The ticks wrap half-way.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from massager_tools.boards import load_board
from massager_tools.build import deploy
from massager_tools.errors import Failure
from massager_tools.sim import host
from massager_tools.verification.report import Criterion, Distribution, Options, Report

HOURS = 72
_QUICK_HOURS = 1
_BOARD = "esp32_devkitc"
_TICKS_AN_HOUR = 360_000
_LINES_AN_HOUR = 10
_OFF_MOST_US = 1_000  # the clock that the loop sees has a grain of a millisecond
_STATES = 7  # all there are
_TOOLS = Path(__file__).parents[2]
_PROBE = Path(__file__).parent / "in_micropython" / "soak_probe.py"

Line = dict[str, int]
"""One line of the probe, by name."""


def measure(options: Options) -> Report:
    """Run the test; see the module."""
    hours = _QUICK_HOURS if options.quick else HOURS
    lines = hours * _LINES_AN_HOUR
    printed: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="massager-longrun-") as folder:
        flash = Path(folder) / "flash"
        deploy.build(load_board(_BOARD), flash)
        command = [host.micropython_program(), str(_PROBE), str(hours), str(options.seed)]
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={"MICROPYPATH": f"{flash}{os.pathsep}{_TOOLS}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        complaint = ""
        assert process.stdout is not None
        with process:
            try:
                for line in process.stdout:
                    if line.startswith("ticks "):
                        printed.append(_line(line))
                        options.progress(len(printed) / lines)
                    else:
                        complaint += line
            except BaseException:
                process.kill()
                raise
    if process.returncode or len(printed) != lines:
        raise Failure(f"the probe broke: {complaint.strip() or 'no message'}")
    return report(printed, hours)


def _line(line: str) -> Line:
    words = line.split()
    return {name: int(value) for name, value in zip(words[::2], words[1::2], strict=True)}


def report(printed: list[Line], hours: int) -> Report:
    """Return figures and bars of what the probe printed."""
    last = printed[-1]
    heaps = [line["heap_bytes"] for line in printed]
    return Report(
        name="longrun",
        values={
            "hours": hours,
            "ticks": last["ticks"],
            "sessions": last["sessions"],
            "flash_writes": last["flash_writes"],
            "telemetry_bytes": last["telemetry_bytes"],
            "heap_bytes_first": heaps[0],
            "heap_bytes_last": heaps[-1],
        },
        figures={"heap": Distribution.of(heaps, "bytes")},
        criteria=(
            Criterion("heap, most less least", max(heaps) - min(heaps), 0, "at most", "bytes"),
            Criterion(
                "ticks missed or added",
                abs(last["ticks"] - hours * _TICKS_AN_HOUR),
                0,
                "at most",
            ),
            Criterion("ticks late", last["late_ticks"], 0, "at most"),
            Criterion(
                "furthest from schedule", last["worst_off_us"], _OFF_MOST_US, "at most", "µs"
            ),
            Criterion("wraps of the clock", last["wrapped"], 1, "at least"),
            Criterion("states entered", last["seen"].bit_count(), _STATES, "at least"),
        ),
    )
