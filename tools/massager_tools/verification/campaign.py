"""Many runs, side by side: over all cores or a cluster, remembered in a file, gone on with.

A case is what one process is given; it has a `key`. An outcome is a flat dataclass with the
key of its case. Nothing here knows what is run. What is remembered is only good for the same
firmware, virtual massager, boards and measures: each line carries the digest of their files.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from massager_tools import sim
from massager_tools.errors import Failure, UsageError
from massager_tools.paths import BOARDS_DIR, FIRMWARE_DIR
from massager_tools.verification.report import Options

_CONNECT_S = 3
_DIGEST = "digest"
_PARTS = (FIRMWARE_DIR, BOARDS_DIR, Path(sim.__file__).parent, Path(__file__).parent)
_KINDS = (".py", ".json")


class Keyed(Protocol):
    """A case, or what came of it; an outcome is a dataclass whose sequences are tuples."""

    @property
    def key(self) -> str:
        """The same for the same case, in every run."""


C = TypeVar("C", bound=Keyed)
O = TypeVar("O", bound=Keyed)  # noqa: E741


def run(
    chosen: Sequence[C], run_case: Callable[[C], O], kind: Callable[..., O], options: Options
) -> tuple[list[O], int]:
    """All outcomes, and how many of them are new; `kind` is the class of the outcomes.

    Ctrl-C ends it with those there are, if any: fewer than were chosen.
    """
    remembered = known(options.keep, kind)
    todo = [case for case in chosen if case.key not in remembered]
    outcomes = [remembered[case.key] for case in chosen if case.key in remembered]
    fresh = 0
    with _executor(options.dask) as pool:
        jobs = [pool.submit(run_case, case) for case in todo]
        try:
            for done in as_completed(jobs):
                outcome = done.result()
                outcomes.append(outcome)
                fresh += 1
                if options.keep is not None:
                    _remember(options.keep, outcome)
                options.progress(fresh / len(jobs))
        except BaseException as end:
            for job in jobs:
                job.cancel()
            if not (isinstance(end, KeyboardInterrupt) and outcomes):
                raise
    return outcomes, fresh


@contextmanager
def _executor(address: str | None) -> Iterator[Executor]:
    if address is None:
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            yield pool
        return
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("--dask needs the cluster extra: pip install -e '.[cluster]'") from None
    try:
        client = Client(address, timeout=_CONNECT_S)
    except (OSError, ValueError) as error:
        raise Failure(f"no Dask scheduler at {address}: {error}") from None
    with client, client.get_executor() as executor:
        yield executor


@cache
def digest() -> str:
    """Of every file that an outcome depends on."""
    found = hashlib.sha256()
    for part in _PARTS:
        for path in sorted(part.rglob("*")):
            if path.suffix in _KINDS:
                found.update(path.relative_to(part).as_posix().encode() + b"\0")
                found.update(path.read_bytes() + b"\0")
    return found.hexdigest()


def _remember(path: Path, outcome: Keyed) -> None:
    """One more line; a line before it that a stop cut short is left as it is."""
    told = {_DIGEST: digest(), **asdict(cast(Any, outcome))}
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")


def known(path: Path | None, kind: Callable[..., O]) -> dict[str, O]:
    """What a campaign that was stopped has left of just these files; a line cut short by the
    stop is no line."""
    found: dict[str, O] = {}
    if path is None or not path.exists():
        return found
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            told = json.loads(line)
            if told.pop(_DIGEST) != digest():
                continue
            kept = {
                name: tuple(value) if isinstance(value, list) else value
                for name, value in told.items()
            }
            outcome = kind(**kept)
            found[outcome.key] = outcome
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return found
