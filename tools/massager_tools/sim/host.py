"""Run a virtual massager in a process of its own and read what it does, row by row."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from massager_tools.build import deploy
from massager_tools.build.tracebacks import with_source_lines
from massager_tools.device.telemetry import telemetry
from massager_tools.errors import Failure
from massager_tools.sim import events as sim_events
from massager_tools.sim.chip_facts import NEWEST, chip_facts, ntc_line
from massager_tools.sim.events import Event
from massager_tools.sim.factory_nvs import brought_up
from massager_tools.sim.model import parameters
from massager_tools.sim.wiring import chamber_count

Row = dict[str, Any]
"""True values by the names of `record.columns`, the latest telemetry as `fw_…`."""

_PROCESS = Path(__file__).with_name("chip_process.py")
_MARK = b"\x1e"
_HEAP = "heapsize=2m"  # room for the model; the firmware's own share is in the result
_SILENT_S = 30.0  # a row comes every 100 ms of virtual time; so long without: it hangs
_AHEAD = 256  # records that the process may be ahead of its reader


@dataclass
class Result:
    """The end of a run."""

    reason: str
    """until, stop, returned (main.py ended), exception, hung, or died."""
    traceback: str = ""
    outputs_safe: bool = False
    """Every output that switches energy at its safe level at the end."""
    virtual_ms: int = 0
    boots: int = 0
    heap_bytes: int | None = None
    """In use by the firmware one second after its start; on 64 bits, so twice the chip's."""
    nvs: dict[str, Any] = field(default_factory=dict)
    """The flash store, to hand to the next one."""


class VirtualMassager:
    """A massager from power-on, as a context manager.

    `board` is the board that is flashed, `wiring` the one that is soldered (the same unless
    given). `plant` are parameters from `model.parameters`; nominal unless given. `speed` is
    virtual over real time, as fast as possible unless given. It ends at `until_ms`, when
    the firmware ends (unless `repl`, where the chip would wait at its prompt), or by `send`.
    `nvs` is what its flash store holds: bring-up has passed on it, unless given. `version` is
    that of the interpreter, 1.23 to 1.29, as far as the chip behaves by it, and `console` its
    kind of console, where it is not the chip's own.

    Events are mappings with `at_ms` (now, unless given) and `do`, one of press/release
    (`button`; press with `for_ms` releases by itself), fault (`name` of
    `model.faults.FAULTS`, `on`, perhaps `value`), leg (`on`), warm (pad and skin settled at
    `pad_mc`), motor_load (`nm`), power_cut (`for_ms`), speed (`times` real time, from here
    on), reset_pin, panic (the chip crashes), nvs_wipe, pixel_noise (garbage on the light
    stick), ctrl_c, type (`text`, on the console), stop. UsageError when one makes no sense.
    """

    def __init__(
        self,
        board: Mapping[str, Any],
        *,
        wiring: Mapping[str, Any] | None = None,
        plant: parameters.Parameters | None = None,
        seed: int = 1,
        speed: float | None = None,
        events: Iterable[Event] = (),
        until_ms: int | None = None,
        flash_dir: Path | None = None,
        on_cpython: bool = False,
        ticks_start_ms: int = 0,
        nvs: Mapping[str, Any] | None = None,
        repl: bool = False,
        version: str = NEWEST,
        console: str | None = None,
    ) -> None:
        soldered = dict(board if wiring is None else wiring)
        self._flashed = dict(board)
        self._flash_dir = flash_dir
        self._on_cpython = on_cpython
        self._chambers = chamber_count(soldered)
        self._config: dict[str, Any] = {
            "board": soldered,
            "chip": chip_facts(soldered["chip"], version, console),
            "chip_name": soldered["chip"],
            "ntc_line": ntc_line(soldered["ntc"]),
            "plant": parameters.nominal() if plant is None else plant,
            "seed": seed,
            "speed": speed,
            "events": [
                sim_events.checked({"at_ms": 0, **event}, self._chambers) for event in events
            ],
            "until_ms": until_ms,
            "ticks_start_ms": ticks_start_ms,
            "nvs": brought_up(board) if nvs is None else dict(nvs),
            "repl": repl,
            "realtime": False,
        }
        self.serial: list[str] = []
        """Lines of the firmware that are not telemetry."""
        self.events: list[str] = []
        """What happened to the board, in order, as it reports it."""
        self.result: Result | None = None
        """Set when it has ended."""
        self._telemetry: dict[str, int] = {}
        self._columns: list[str] = []
        self._line = b""
        self._executed = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._records: queue.Queue[bytes | None] = queue.Queue(_AHEAD)

    def __enter__(self) -> VirtualMassager:
        program = [sys.executable] if self._on_cpython else [micropython_program(), "-X", _HEAP]
        self._folder = tempfile.TemporaryDirectory(prefix="massager-")
        folder = Path(self._folder.name)
        try:
            flash = self._flash_dir
            if flash is None:
                flash = folder / "flash"
                deploy.build(
                    self._flashed, flash, python=self._on_cpython, linked=not self._on_cpython
                )
            self._config["flash"] = str(flash.resolve())
            config = folder / "config.json"
            config.write_text(json.dumps(self._config), encoding="utf-8")
            self._errors = (folder / "stderr").open("w+b")
            self._process = subprocess.Popen(
                [*program, str(_PROCESS), str(config)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                cwd=flash,  # on the chip, too, files are found from the root of the flash
                start_new_session=True,  # so that Ctrl-C reaches this process only
            )
        except BaseException:
            self._folder.cleanup()
            raise
        assert self._process.stdout is not None
        self._reader = threading.Thread(
            target=_read, args=(self._process.stdout, self._records), daemon=True
        )
        self._reader.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self.result is None:
            self.send({"do": "stop"})
            for _ in self.rows():
                pass
        process = self._process
        if process is not None:
            process.kill()
            process.wait()
            while self._reader.is_alive():  # it may wait for room, and must not read a closed pipe
                with suppress(queue.Empty):
                    self._records.get(timeout=0.05)
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
        self._errors.close()
        self._folder.cleanup()

    def send(self, *events: Event) -> None:
        """Let `events` happen; without `at_ms`, at the next row (100 ms).

        Events sent together are seen together.
        """
        line = "".join(
            json.dumps(sim_events.checked(event, self._chambers)) + "\n" for event in events
        )
        if self._process is None or self._process.stdin is None or self.result is not None:
            return
        try:
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except OSError:
            return  # it has ended; `rows` says how

    def exec(
        self, code: str, on_row: Callable[[Row], None] = lambda row: None
    ) -> tuple[list[str], list[Row]]:
        """Run `code` at the prompt of a board with `repl`; return the lines printed, and rows.

        `on_row` gets each row at once.
        """
        printed = len(self.serial)
        executed = self._executed
        self.send({"do": "exec", "code": code})
        rows = []
        for row in self.rows(lambda: self._executed > executed):
            rows.append(row)
            on_row(row)
        return self.serial[printed:], rows

    def rows(self, until: Callable[[], bool] | None = None) -> Iterator[Row]:
        """Yield one row for every 100 ms of virtual time, to the end, or until `until()`.

        Raises Failure when the board's process itself breaks, which is a fault of the tools.
        """
        while self.result is None and not (until is not None and until()):
            try:
                record = self._records.get(timeout=_SILENT_S)
            except queue.Empty:
                assert self._process is not None
                self._process.kill()
                self.result = Result("hung")
                return
            if record is None:
                self._died()
                return
            row = self._take(record)
            if row is not None:
                yield row

    def _take(self, record: bytes) -> Row | None:
        """Take a piece of output: serial text, or a record. Return the row, if it is one."""
        if not record.startswith(_MARK):
            self._take_serial(record)
            return None
        kind, text = record[1:2], record[2:].decode()
        if kind == b"r":
            values = text.split(",")
            row: Row = {name: int(values[n]) for n, name in enumerate(self._columns[:-1])}
            row[self._columns[-1]] = values[-1]
            row.update(self._telemetry)
            return row
        if kind == b"c":
            self._columns = text.split(",")
        elif kind == b"e":
            self.events.append(text)
            if text.startswith(("reset", "soft reset")):
                self._end_line()
                self._telemetry = {}
        elif kind == b"x":
            self._executed += 1
        else:
            self.result = Result(**json.loads(with_source_lines(text)))
            self._end_line()
        return None

    def _end_line(self) -> None:
        """End a line that a reset cut off: half a message is kept, half a telemetry line not."""
        if self._line and not _telemetry(self._line.decode(errors="replace").rpartition(",")[0]):
            self._take_serial(b"\n")
        self._line = b""

    def _take_serial(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            text = line.decode(errors="replace").rstrip("\r")
            values = _telemetry(text)
            if values:
                self._telemetry = values
            else:
                self.serial.append(with_source_lines(text))

    def _died(self) -> None:
        self.result = Result("died")
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        raise Failure(f"the virtual board broke: {' | '.join(lines[-4:]) or 'no message'}")


def _read(stream: IO[bytes], records: queue.Queue[bytes | None]) -> None:
    """Cut the output into records and the serial text between them."""
    waiting = b""
    while data := stream.read1(65_536):  # type: ignore[attr-defined]
        waiting += data
        while waiting:
            start = waiting.find(_MARK)
            if start == 0:
                end = waiting.find(b"\n")
                if end < 0:
                    break
                records.put(waiting[:end])
                waiting = waiting[end + 1 :]
            else:
                end = len(waiting) if start < 0 else start
                records.put(waiting[:end])
                waiting = waiting[end:]
    records.put(None)


def _telemetry(line: str) -> dict[str, int]:
    """Return the values of a telemetry line as `fw_…`; empty when it is not one."""
    return {"fw_" + name: value for name, value in telemetry(line).items()}


def micropython_program() -> str:
    """Return the path of the `micropython` program. Failure when it is not installed."""
    beside = Path(sys.executable).with_name("micropython")
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if found is None:
        raise Failure(
            "no `micropython` program here (its wheel is for Linux x86_64 and macOS arm64): "
            "use --python to run the firmware's code on CPython instead"
        )
    return found
