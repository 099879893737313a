"""Recorded sessions, played again through the core: the same outputs, bit for bit.

record(board, file, events=…, until_ms=…)       on the virtual board
recording(board, file)                          the flash that does so, for a board of one's own
play(board, file, played, on_cpython=True)      the controller alone, on either interpreter
difference(file, played)                        None when they are the same

A recording to hand on is packed (`pack`, `unpacked`); its first line, `Head`, says all that
playing it takes.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from massager_tools import syntax_tree
from massager_tools.build import deploy
from massager_tools.errors import Failure, UsageError
from massager_tools.paths import FIRMWARE_DIR
from massager_tools.sim import host
from massager_tools.sim.host import Result, VirtualMassager

ON_BOARD = Path(__file__).with_name("on_board.py")
SHIM = Path(__file__).parents[1] / "sim" / "cpython_modules"
FORMAT = 1
_LOOK_S = 0.2
_PACKED = 31  # zlib's window with gzip's frame around it


@dataclass(frozen=True)
class Difference:
    """The first place where two recordings part: `tick` counts from 0."""

    tick: int
    column: str
    recorded: int | None
    played: int | None

    def __str__(self) -> str:
        if self.played is None:
            return f"tick {self.tick}: it ended there"
        return f"tick {self.tick}: {self.column} was {self.recorded}, is {self.played}"


@dataclass(frozen=True)
class Head:
    """The first line of a recording."""

    board: dict[str, Any]
    firmware: str
    """`firmware_digest` of the tree that it was recorded with."""
    columns: list[str]


def firmware_digest(firmware_dir: Path = FIRMWARE_DIR) -> str:
    """Return twelve digits that change with any file of the firmware."""
    digest = hashlib.sha256()
    for path in sorted(firmware_dir.rglob("*.py")):
        digest.update(path.relative_to(firmware_dir).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


@contextmanager
def recording(board: Mapping[str, Any], path: Path, *, on_cpython: bool = False) -> Iterator[Path]:
    """Yield a flash folder whose firmware records inputs and outputs of its controller.

    After a reset the file begins anew.
    """
    heading = {"format": FORMAT, "board": repr(dict(board)), "firmware": firmware_digest()}
    with tempfile.TemporaryDirectory(prefix="massager-record-") as folder:
        flash = Path(folder)
        deploy.build(dict(board), flash, python=on_cpython)
        shutil.copy(ON_BOARD, flash)
        main = flash / "main.py"
        install = f"import on_board\n\non_board.install({str(path.resolve())!r}, {heading!r})\n"
        main.write_text(install + main.read_text(encoding="utf-8"), encoding="utf-8")
        deploy.seal(dict(board), flash)
        yield flash


def record(board: Mapping[str, Any], path: Path, **options: Any) -> Result:
    """Run the firmware on the virtual board and write down what its controller saw and did.

    `options` are those of `VirtualMassager`.
    """
    with (
        recording(board, path, on_cpython=bool(options.get("on_cpython"))) as flash,
        VirtualMassager(board, flash_dir=flash, **options) as massager,
    ):
        for _ in massager.rows():
            pass
    assert massager.result is not None
    return massager.result


@contextmanager
def recording_into(
    file: Path, board: Mapping[str, Any], *, on_cpython: bool = False
) -> Iterator[Path]:
    """Do as `recording`, and pack the result into `file` at the end."""
    with tempfile.TemporaryDirectory(prefix="massager-record-") as folder:
        recorded = Path(folder) / "recorded"
        with recording(board, recorded, on_cpython=on_cpython) as flash:
            yield flash
        if not recorded.exists():
            raise Failure(f"{file}: not written, because the firmware never ran")
        pack(recorded, file)


def pack(recorded: Path, file: Path) -> None:
    """Make of a recording a file to keep: rows repeat themselves, so it is far smaller."""
    packer = zlib.compressobj(wbits=_PACKED)
    with file.open("wb") as out, recorded.open("rb") as rows:
        while data := rows.read(1 << 20):
            out.write(packer.compress(data))
        out.write(packer.flush())


def unpack(file: Path, recorded: Path) -> Head:
    """Return what `pack` packed. UsageError, in a line, where `file` is no such file."""
    unpacker = zlib.decompressobj(wbits=_PACKED)
    try:
        with recorded.open("wb") as out, file.open("rb") as packed:
            while data := packed.read(1 << 20):
                out.write(unpacker.decompress(data))
    except zlib.error:
        raise UsageError(f"{file}: not a recording; massager demo --record makes one") from None
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror or error}") from None
    if not unpacker.eof:
        raise UsageError(f"{file}: the end is missing, or nothing was recorded")
    return _head(file, recorded)


def _head(file: Path, recorded: Path) -> Head:
    with recorded.open("rb") as rows:
        line = rows.readline()
    try:
        head = json.loads(line)
        version = head["format"]
        if version == FORMAT:
            return Head(syntax_tree.literal(head["board"]), head["firmware"], head["columns"])
    except (ValueError, SyntaxError, KeyError, TypeError):
        raise UsageError(f"{file}: not a recording; massager demo --record makes one") from None
    raise UsageError(f"{file}: has format {version}, known here is {FORMAT}")


def play(
    board: Mapping[str, Any],
    recorded: Path,
    played: Path,
    *,
    on_cpython: bool,
    on_progress: Callable[[float, str], None] = lambda share, detail: None,
) -> None:
    """Play `recorded` through a fresh controller into `played`; Failure where that breaks."""
    with tempfile.TemporaryDirectory(prefix="massager-replay-") as folder:
        flash = Path(folder) / "flash"
        deploy.build(dict(board), flash, python=on_cpython)
        program = (
            [sys.executable] if on_cpython else [host.micropython_program(), "-X", "heapsize=8m"]
        )
        path = os.pathsep.join(map(str, (flash, SHIM))) if on_cpython else str(flash)
        with subprocess.Popen(
            [*program, str(ON_BOARD), str(recorded.resolve()), str(played.resolve())],
            cwd=folder,
            env={"PYTHONPATH" if on_cpython else "MICROPYPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            while process.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_LOOK_S)
                if played.exists():
                    on_progress(played.stat().st_size / recorded.stat().st_size, "")
            assert process.stdout is not None
            said = process.stdout.read().strip()
    if process.returncode != 0:
        raise Failure(f"the replay broke: {said.splitlines()[-1] if said else 'no message'}")


def ticks(path: Path) -> int:
    """Return the number of ticks in a recording."""
    return len(_read(path)[1])


def difference(recorded: Path, played: Path) -> Difference | None:
    """Return the first cell that differs; None where all ticks of `recorded` are the same.

    The last rows of a session that ended with the power may not have been written.
    """
    columns, first = _read(recorded)
    other_columns, second = _read(played)
    if columns != other_columns:
        raise Failure("recorded with different firmware: its inputs or outputs are not ours")
    for tick, row in enumerate(first):
        other = second[tick] if tick < len(second) else None
        if row != other:
            for index, column in enumerate(columns):
                if other is None or row[index] != other[index]:
                    is_now = None if other is None else other[index]
                    return Difference(tick, column, row[index], is_now)
    if len(second) != len(first):
        return Difference(len(first), "ticks", len(first), len(second))
    return None


def _read(path: Path) -> tuple[list[str], list["array[int]"]]:
    head, _, body = path.read_bytes().partition(b"\n")
    columns = json.loads(head)["columns"]
    row_bytes = 4 * len(columns)
    whole = len(body) - len(body) % row_bytes
    return columns, [array("i", body[at : at + row_bytes]) for at in range(0, whole, row_bytes)]
