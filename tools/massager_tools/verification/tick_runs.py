"""What `measure tick` runs: a session that is written down, and its replay against the clock."""

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
USUAL_WAY = _ON_CHIP / "usual_way"
UNGUARDED = "unguarded"
TELEMETRY = "telemetry"
BLACKBOX = "blackbox"
PINS = "pins"

_EVENTS = (
    {"at_ms": 1_000, "do": "press", "button": "power", "for_ms": 600},
    {"at_ms": 15_000, "do": "press", "button": "heat", "for_ms": 300},
    {"at_ms": 30_000, "do": "press", "button": "up", "for_ms": 200},
)
_HEAP = "heapsize=64m"  # holds the recording; what the tick takes does not depend on it
FREE_BYTES = 200_000  # 100 KB of an ESP32: here, on 64 bits, everything takes twice the room
_HEAP_OF_CHIP = "heapsize=400k"  # these, what lives on it, and a little
_RUN = 2  # telemetry's name for the state


@dataclass
class Probe:
    """What `tick_probe.py` told; times are one array a repeat, one number a tick."""

    ticks: int = 0
    reference_us: list[float] = field(default_factory=list)
    times_us: list[array] = field(default_factory=list)
    usual_us: list[array] = field(default_factory=list)
    heap_bytes: int = 0
    locked_ticks: int = 0
    usual_bytes: int = 0
    usual_squeezes: int = 0
    usual_lines: int = 0
    complaint: str = ""

    def medians_us(self) -> list[float]:
        """For each tick, the median of its repeats."""
        return _medians(self.times_us)

    def usual_medians_us(self) -> list[float]:
        """The same of the usual way, where it ran."""
        return _medians(self.usual_us)

    def references(self, us: float) -> float:
        """A time in references."""
        return us / statistics.median(self.reference_us)


def _medians(repeats: Sequence[array]) -> list[float]:
    return list(map(statistics.median, zip(*repeats, strict=True)))


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


def record_usual(
    board: Mapping[str, Any],
    folder: Path,
    until_ms: int,
    options: Options,
    progress: Callable[[float], None],
    guarded: bool = True,
) -> Path:
    """The same evening the usual way, on the same virtual board behind the firmware's hal."""
    flash = folder / "usual_flash"
    inputs = folder / ("usual_inputs" if guarded else "usual_unguarded_inputs")
    flash_usual(board, flash, inputs, guarded)
    with _evening(board, flash, until_ms, options) as massager:
        for row in massager.rows():
            progress(row["t_ms"] / until_ms)
    _require_end(massager)
    told = [line.split() for line in massager.serial if line.startswith("usual ")]
    if not any(words[2] == "run" for words in told):
        raise Failure("the usual way never ran")
    if any(len(words) > 4 for words in told):
        raise Failure(f"the usual way stopped: {' '.join(told[-1])}")
    return inputs


def flash_usual(
    board: Mapping[str, Any], flash: Path, inputs: Path | None, guarded: bool = True
) -> None:
    """A tree for the virtual board with the usual way in the place of the firmware's main."""
    shutil.rmtree(flash, ignore_errors=True)
    deploy.build(dict(board), flash, python=True)
    # the hal and its signals, by the names that they have at home
    package = deploy.FIRMWARE_DIR / "massager"
    shutil.copytree(package, flash / package.name, dirs_exist_ok=True)
    shutil.copytree(USUAL_WAY, flash / USUAL_WAY.name)
    shutil.copy(_simple_pid() / "pid.py", flash)
    path = None if inputs is None else str(inputs)
    (flash / "main.py").write_text(
        "from board import BOARD\nfrom usual_way.on_board import live\n\n"
        f"live(BOARD, {path!r}, {guarded})\n",
        encoding="utf-8",
    )
    deploy.seal(dict(board), flash)


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


def replay(
    inputs: Path,
    parts: Sequence[str],
    progress: Callable[[float], None],
    usual: Path | None = None,
) -> Probe:
    """Feed a controller with the recording, alone in an interpreter of its own.

    In turns with it the usual way is fed with its own recording `usual`, if given.
    """
    folder = inputs.parent
    times = folder / "times"
    path = [folder / "flash", _ON_CHIP, ".frozen"]
    if usual:
        path.append(_simple_pid())
        parts = (*parts, f"usual={usual}")
    process = subprocess.Popen(
        [host._micropython(), "-X", _HEAP, PROBE, inputs, times, str(REPEATS), *parts],
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
    runs = [numbers[at : at + probe.ticks] for at in range(0, len(numbers), probe.ticks)]
    if usual:
        probe.times_us, probe.usual_us = runs[::2], runs[1::2]
    else:
        probe.times_us = runs
    return probe


def usual_collection_us() -> float:
    """One garbage collection of the usual way, once FREE_BYTES are full of garbage."""
    result = subprocess.run(
        [host._micropython(), "-X", _HEAP_OF_CHIP, "-m", "usual_way.collecting", str(FREE_BYTES)],
        env={"MICROPYPATH": os.pathsep.join(map(str, (_ON_CHIP, _simple_pid(), ".frozen")))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    told = dict(line.split() for line in result.stdout.splitlines())
    if result.returncode or "collect_us" not in told:
        raise Failure(f"the usual way broke: {(result.stdout + result.stderr).strip()}")
    return float(told["collect_us"])


def _simple_pid() -> Path:
    """The folder of the library's one module, which MicroPython runs as it is."""
    try:
        from simple_pid import pid
    except ImportError:
        raise Failure("simple-pid is missing to compare with: pip install -e '.[test]'") from None
    return Path(pid.__file__).parent
