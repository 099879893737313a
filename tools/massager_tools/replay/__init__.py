"""Recorded sessions, played again through the core: the same outputs, bit for bit.

record(board, file, events=…, until_ms=…)       on the virtual board
play(board, file, played, on_cpython=True)      the controller alone, on either interpreter
difference(file, played)                        None when they are the same
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from massager_tools import deploy
from massager_tools.errors import Failure
from massager_tools.virtual import host
from massager_tools.virtual.host import Result, VirtualMassager

ON_BOARD = Path(__file__).with_name("on_board.py")
SHIM = Path(__file__).parents[1] / "shim"


@dataclass(frozen=True)
class Difference:
    """The first place where two recordings part: `tick` counts from 0."""

    tick: int
    column: str
    recorded: int | None
    played: int | None

    def __str__(self) -> str:
        return f"tick {self.tick}: {self.column} was {self.recorded}, is {self.played}"


def record(board: Mapping[str, Any], path: Path, **options: Any) -> Result:
    """Run the firmware on the virtual board and write down what its controller saw and did.

    `options` are those of `VirtualMassager`. After a reset the file begins anew.
    """
    with tempfile.TemporaryDirectory(prefix="massager-record-") as folder:
        flash = Path(folder)
        deploy.build(dict(board), flash, python=bool(options.get("on_cpython")))
        shutil.copy(ON_BOARD, flash)
        main = flash / "main.py"
        install = f"import on_board\n\non_board.install({str(path.resolve())!r})\n"
        main.write_text(install + main.read_text(encoding="utf-8"), encoding="utf-8")
        deploy.seal(dict(board), flash)
        with VirtualMassager(board, flash_dir=flash, **options) as massager:
            for _ in massager.rows():
                pass
    assert massager.result is not None
    return massager.result


def play(board: Mapping[str, Any], recorded: Path, played: Path, *, on_cpython: bool) -> None:
    """Play `recorded` through a fresh controller into `played`; Failure where that breaks."""
    with tempfile.TemporaryDirectory(prefix="massager-replay-") as folder:
        flash = Path(folder) / "flash"
        deploy.build(dict(board), flash, python=on_cpython)
        program = [sys.executable] if on_cpython else [host._micropython(), "-X", "heapsize=8m"]
        path = os.pathsep.join(map(str, (flash, SHIM))) if on_cpython else str(flash)
        done = subprocess.run(
            [*program, str(ON_BOARD), str(recorded.resolve()), str(played.resolve())],
            cwd=folder,
            env={"PYTHONPATH" if on_cpython else "MICROPYPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise Failure(f"the replay broke: {done.stdout.strip() or 'no message'}")


def ticks(path: Path) -> int:
    """How many ticks a recording holds."""
    return len(_read(path)[1])


def difference(recorded: Path, played: Path) -> Difference | None:
    """Where the two part, cell by cell; None where all ticks of `recorded` are the same.

    The last rows of a session that ended with the power may not have been written.
    """
    columns, first = _read(recorded)
    other_columns, second = _read(played)
    if columns != other_columns:
        raise Failure("the recordings are of different firmware: their columns differ")
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


def _read(path: Path) -> tuple[list[str], list[array]]:
    head, _, body = path.read_bytes().partition(b"\n")
    columns = json.loads(head)["columns"]
    row_bytes = 4 * len(columns)
    whole = len(body) - len(body) % row_bytes
    return columns, [array("i", body[at : at + row_bytes]) for at in range(0, whole, row_bytes)]
