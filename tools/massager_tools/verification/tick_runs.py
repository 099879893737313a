"""Runs of `measure tick`: a session that is recorded, and its timed replay."""

import os
import shutil
import statistics
import subprocess
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from massager_tools.build import deploy
from massager_tools.errors import Failure
from massager_tools.sim import host
from massager_tools.sim.host import VirtualMassager
from massager_tools.sim.model import parameters
from massager_tools.verification.report import Options

REPEATS = 5
_ON_CHIP = Path(__file__).parent / "in_micropython"
PROBE = _ON_CHIP / "tick_probe.py"
RECORD = _ON_CHIP / "tick_record.py"
TELEMETRY = "telemetry"
BLACKBOX = "blackbox"
PINS = "pins"

_EVENTS = (
    {"at_ms": 1_000, "do": "press", "button": "power", "for_ms": 600},
    {"at_ms": 15_000, "do": "press", "button": "heat", "for_ms": 300},
    {"at_ms": 30_000, "do": "press", "button": "up", "for_ms": 200},
)
_HEAP = "heapsize=64m"  # holds the recording; what the tick takes does not depend on it
_RUN = 2  # telemetry's name for the state


@dataclass
class Probe:
    """Output of `tick_probe.py`; times are one array a repeat, one number a tick."""

    ticks: int = 0
    reference_us: list[float] = field(default_factory=list)
    times_us: list["array[int]"] = field(default_factory=list)
    heap_bytes: int = 0
    locked_ticks: int = 0
    complaint: str = ""

    def medians_us(self) -> list[float]:
        """Return, for each tick, the median of its repeats."""
        return list(map(statistics.median, zip(*self.times_us, strict=True)))

    def references(self, us: float) -> float:
        """Return a time in references."""
        return us / statistics.median(self.reference_us)


def record(
    board: Mapping[str, Any],
    folder: Path,
    until_ms: int,
    options: Options,
    progress: Callable[[float], None],
) -> Path:
    """Run the evening on the virtual board; the file of what its controller was given.

    The flashed tree stays in `folder`.
    """
    flash = folder / "flash"
    inputs = folder / "inputs"
    deploy.build(dict(board), flash)
    shutil.copy(RECORD, flash)
    main = flash / "main.py"
    install = f"import tick_record\n\ntick_record.install({str(inputs)!r})\n"
    main.write_text(install + main.read_text(encoding="utf-8"), encoding="utf-8")
    deploy.seal(dict(board), flash)
    ran = False
    with _evening(board, flash, until_ms, options) as massager:
        for row in massager.rows():
            ran = ran or row.get("fw_state") == _RUN
            progress(row["t_ms"] / until_ms)
    _require_end(massager)
    if not ran:
        raise Failure("the recorded session never ran: see massager demo")
    return inputs


def _evening(
    board: Mapping[str, Any], flash: Path, until_ms: int, options: Options
) -> VirtualMassager:
    table = None if options.plants is None else parameters.load(options.plants)
    return VirtualMassager(
        board,
        plant=parameters.nominal(table),
        seed=options.seed,
        events=_EVENTS,
        until_ms=until_ms,
        flash_dir=flash,
    )


def _require_end(massager: VirtualMassager) -> None:
    result = massager.result
    assert result is not None
    if result.reason != "until":
        why = result.traceback.rpartition("\n")[2] or result.reason
        raise Failure(f"the recorded session ended early: {why}; see massager demo")


def replay(inputs: Path, parts: Sequence[str], progress: Callable[[float], None]) -> Probe:
    """Feed a controller with the recording, alone in an interpreter of its own."""
    folder = inputs.parent
    times = folder / "times"
    path = [folder / "flash", _ON_CHIP, ".frozen"]
    process = subprocess.Popen(
        [host.micropython_program(), "-X", _HEAP, PROBE, inputs, times, str(REPEATS), *parts],
        cwd=folder,
        env={"MICROPYPATH": os.pathsep.join(map(str, path))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    probe = Probe()
    whole = {field for field in Probe.__annotations__ if Probe.__annotations__[field] is int}
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            name, _, value = line.rstrip().partition(" ")
            if name in whole:
                setattr(probe, name, int(value))
            elif name == "reference_us":
                probe.reference_us.append(float(value))
            elif name == "repeat":
                progress(int(value) / REPEATS)
            elif name == "differs":
                raise Failure(
                    f"tick {value} did not replay as recorded: the core looked elsewhere"
                )
            else:
                probe.complaint += line
    if process.returncode or not probe.ticks:
        raise Failure(f"the probe broke: {probe.complaint.strip() or 'no message'}")
    numbers = array("H", times.read_bytes())
    probe.times_us = [numbers[at : at + probe.ticks] for at in range(0, len(numbers), probe.ticks)]
    return probe
