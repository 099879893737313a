"""What one tick of the controller costs, on MicroPython, in the evening program.

First the whole firmware runs on the virtual board, and what its controller is given is
written down, tick by tick. Then the controller alone is fed with that, in an interpreter
of its own with the real clock. Each tick is timed several times over and its median
counts: a machine busy with something else would have to hit the same tick in most
repeats to show. The estimate for the ESP32 scales by a reference measured in between.
"""

import shutil
import statistics
import subprocess
import tempfile
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from massager_tools import deploy
from massager_tools.boards import load_board
from massager_tools.errors import Failure
from massager_tools.measure.report import Bar, Figure, Options, Report
from massager_tools.virtual import host
from massager_tools.virtual.host import VirtualMassager
from massager_tools.virtual.model import parameters

REFERENCE_ON_ESP32_US = 14.0  # a method call with six small-integer operations, 240 MHz
MEAN_LIMIT = 110  # references: 1.5 ms on an ESP32, an eighth of the tick …
WORST_LIMIT = 250  # … and 3.5 ms

BOARD = "esp32_devkitc"
REPEATS = 5
EVENING_MS = 30 * 60_000
_SETTLE_MS = 20_000  # self-test before, vent after
_QUICK_SHARE = 10
_EVENTS = (
    {"at_ms": 1_000, "do": "press", "button": "power", "for_ms": 600},
    {"at_ms": 15_000, "do": "press", "button": "heat", "for_ms": 300},
    {"at_ms": 30_000, "do": "press", "button": "up", "for_ms": 200},
)
_RECORDING_SHARE = 0.6  # of the whole work
PROBE = Path(__file__).parent / "in_micropython" / "tick_probe.py"
RECORD = PROBE.with_name("tick_record.py")
_HEAP = "heapsize=64m"  # holds the recording; what the tick takes does not depend on it
_RUNNING = range(1, 5)  # telemetry's states from CHECK to ENDING


@dataclass
class Probe:
    """What `tick_probe.py` told."""

    ticks: int = 0
    reference_us: list[float] = field(default_factory=list)
    times_us: list[array] = field(default_factory=list)
    """One array a repeat, one time a tick."""
    heap_bytes: int = 0
    locked_ticks: int = 0
    complaint: str = ""

    def medians_us(self) -> list[float]:
        """For each tick, the median of its repeats."""
        return list(map(statistics.median, zip(*self.times_us, strict=True)))


def measure(options: Options) -> Report:
    """Time and memory of a tick in the evening program; see the module."""
    interpreter = _interpreter()
    with tempfile.TemporaryDirectory(prefix="massager-tick-") as folder:
        inputs = _record(Path(folder), options)
        probe = _probe(interpreter, Path(folder), inputs, options.progress)
    return report(probe)


def _interpreter() -> str:
    try:
        return host._micropython()
    except Failure:
        raise Failure(
            "measure tick times MicroPython, which is not installed here; "
            "its wheel is for Linux x86_64 and macOS arm64"
        ) from None


def _record(folder: Path, options: Options) -> Path:
    """Run the evening on the virtual board; the file of what the controller was given."""
    flash = folder / "flash"
    inputs = folder / "inputs"
    board = load_board(BOARD)
    deploy.build(board, flash)
    shutil.copy(RECORD, flash)
    main = flash / "main.py"
    install = f"import tick_record\n\ntick_record.install({str(inputs)!r})\n"
    main.write_text(install + main.read_text(encoding="utf-8"), encoding="utf-8")
    deploy.seal(board, flash)
    until_ms = (EVENING_MS + _SETTLE_MS) // (_QUICK_SHARE if options.quick else 1)
    table = None if options.plants is None else parameters.load(options.plants)
    ran = False
    with VirtualMassager(
        board,
        plant=parameters.nominal(table),
        seed=options.seed,
        events=_EVENTS,
        until_ms=until_ms,
        flash_dir=flash,
    ) as massager:
        for row in massager.rows():
            ran = ran or row.get("fw_state") == 2
            options.progress(_RECORDING_SHARE * row["t_ms"] / until_ms)
    result = massager.result
    assert result is not None
    if result.reason != "until":
        why = result.traceback.rpartition("\n")[2] or result.reason
        raise Failure(f"the recorded session ended early: {why}; see massager demo")
    if not ran:
        raise Failure("the recorded session never ran: see massager demo")
    return inputs


def _probe(
    interpreter: str, folder: Path, inputs: Path, progress: Callable[[float], None]
) -> Probe:
    """Feed a controller with the recording, alone in an interpreter."""
    times = folder / "times"
    process = subprocess.Popen(
        [interpreter, "-X", _HEAP, str(PROBE), str(inputs), str(times), str(REPEATS)],
        cwd=folder,
        env={"MICROPYPATH": str(folder / "flash")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    probe = Probe()
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            name, _, value = line.rstrip().partition(" ")
            if name == "ticks":
                probe.ticks = int(value)
            elif name == "reference_us":
                probe.reference_us.append(float(value))
            elif name == "repeat":
                done = int(value) / REPEATS
                progress(_RECORDING_SHARE + (1 - _RECORDING_SHARE) * done)
            elif name == "heap_bytes":
                probe.heap_bytes = int(value)
            elif name == "locked_ticks":
                probe.locked_ticks = int(value)
            elif name == "differs":
                raise Failure(
                    f"tick {value} did not replay as recorded: the core looked elsewhere"
                )
            else:
                probe.complaint += line
    if process.returncode or not probe.ticks:
        raise Failure(f"the probe broke: {probe.complaint.strip() or 'no message'}")
    data = times.read_bytes()
    size = len(data) // REPEATS
    probe.times_us = [array("H", data[at : at + size]) for at in range(0, len(data), size)]
    return probe


def report(probe: Probe) -> Report:
    """Figures and bars of what the probe told."""
    times_us = probe.medians_us()
    reference_us = statistics.median(probe.reference_us)
    mean_us = statistics.fmean(times_us)
    worst_us = max(times_us)
    heap_bytes_per_tick = probe.heap_bytes / probe.ticks if probe.heap_bytes else 0
    to_esp32_ms = REFERENCE_ON_ESP32_US / reference_us / 1000

    def draw(path: Path) -> None:
        from massager_tools.measure.tick_plot import draw_ticks

        draw_ticks(times_us, reference_us, MEAN_LIMIT, WORST_LIMIT, path)

    notes = [
        f"times: median of {REPEATS} repeats for each tick, then mean, p99 and worst of those",
        f"ESP32: an estimate, by a reference that takes {REFERENCE_ON_ESP32_US:g} µs there",
    ]
    if probe.complaint:
        notes.append(f"first allocation: {probe.complaint.strip()}")
    return Report(
        name="tick",
        values={
            "us_mean": round(mean_us, 3),
            "us_p99": statistics.quantiles(times_us, n=100)[98],
            "us_worst": worst_us,
            "heap_bytes_per_tick": heap_bytes_per_tick,
            "ticks": probe.ticks,
            "ticks_with_heap_locked": probe.locked_ticks,
            "reference_us": round(reference_us, 4),
            "esp32_ms_mean": round(mean_us * to_esp32_ms, 3),
            "esp32_ms_worst": round(worst_us * to_esp32_ms, 3),
        },
        figures={"tick": Figure.of(times_us, "µs")},
        bars=(
            Bar("mean", round(mean_us / reference_us, 1), MEAN_LIMIT, "at most", "references"),
            Bar("worst", round(worst_us / reference_us, 1), WORST_LIMIT, "at most", "references"),
            Bar("heap", heap_bytes_per_tick, 0, "at most", "bytes a tick"),
            Bar("heap locked", probe.locked_ticks, probe.ticks, "at least", "clean ticks"),
        ),
        notes=tuple(notes),
        draw=draw,
    )
