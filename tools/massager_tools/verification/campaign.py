"""Run many cases side by side, over all cores or a cluster; store and resume them.

A case is what one process is given; it has a `key`. An outcome is a flat dataclass with the
key of its case. Nothing here knows what is run. What is stored is only good for the same
firmware, virtual massager, boards and measures: each line carries the digest of their files.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from massager_tools import sim
from massager_tools.errors import Failure, UsageError
from massager_tools.paths import BOARDS_DIR, FIRMWARE_DIR
from massager_tools.verification import workers
from massager_tools.verification.report import Options

_CONNECT_S = 3
_WORTH_PYPY = 4  # cases: fewer are done before it has warmed up
_DIGEST = "digest"
_PARTS = (FIRMWARE_DIR, BOARDS_DIR, Path(sim.__file__).parent, Path(__file__).parent)
_KINDS = (".py", ".json")


class Keyed(Protocol):
    """A case, or what came of it; an outcome is a dataclass whose sequences are tuples."""

    @property
    def key(self) -> str:
        """Return a key that is the same for the same case, in every run."""


C = TypeVar("C", bound=Keyed)
O = TypeVar("O", bound=Keyed)  # noqa: E741


def run(
    chosen: Sequence[C],
    run_case: Callable[[C], O],
    kind: Callable[..., O],
    options: Options,
    pypy: bool = False,
) -> tuple[list[O], int]:
    """Return all outcomes in the order of `chosen`, and how many of them are new.

    `kind` is the class of the outcomes. `pypy`: PyPy may run them, where it is installed.
    Ctrl-C ends it with those there are, if any: fewer than were chosen.
    """
    found = known(options.keep, kind)
    todo = [case for case in chosen if case.key not in found]
    done_before = len(chosen) - len(todo)
    fresh = 0
    with _executor(options.dask, pypy, len(todo)) as pool:
        jobs = [pool.submit(run_case, case) for case in todo]
        try:
            for done in as_completed(jobs):
                outcome = done.result()
                found[outcome.key] = outcome
                fresh += 1
                if options.keep is not None:
                    _remember(options.keep, outcome)
                options.progress((done_before + fresh) / len(chosen))
        except BaseException as end:
            for job in jobs:
                job.cancel()
            is_started = any(case.key in found for case in chosen)
            if not (isinstance(end, KeyboardInterrupt) and is_started):
                raise
            if isinstance(pool, workers.Workers):
                pool.shutdown(wait=False, cancel_futures=True)
    return [found[case.key] for case in chosen if case.key in found], fresh


Part = tuple[Sequence[Any], Callable[[Any], Any], Callable[..., Any]]
"""Cases, what runs one, and the class of its outcome."""


def run_both(first: Part, second: Part, options: Options) -> tuple[list[Any], list[Any]]:
    """Run two sets of cases one after the other, with one progress and one file for both."""
    total = len(first[0]) + len(second[0])
    found: list[list[Any]] = []
    done = 0
    for chosen, run_case, kind in (first, second):
        part = replace(
            options, progress=_part(options.progress, done / total, len(chosen) / total)
        )
        found.append(run(chosen, run_case, kind, part, pypy=True)[0])
        done += len(chosen)
    return found[0], found[1]


def _part(progress: Callable[[float], None], start: float, size: float) -> Callable[[float], None]:
    return lambda share: progress(start + share * size)


@contextmanager
def _executor(address: str | None, pypy: bool, cases: int) -> Iterator[Executor]:
    count = min(os.cpu_count() or 1, max(cases, 1))
    if address is None:
        interpreter = workers.pypy() if pypy and cases >= _WORTH_PYPY else ""
        if interpreter:
            with workers.Workers(interpreter, count) as pool:
                yield pool
        else:
            with ProcessPoolExecutor(count) as pool:
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
    """Return a digest of every file that an outcome depends on."""
    found = hashlib.sha256()
    for part in _PARTS:
        for path in sorted(part.rglob("*")):
            if path.suffix in _KINDS:
                found.update(path.relative_to(part).as_posix().encode() + b"\0")
                found.update(path.read_bytes() + b"\0")
    return found.hexdigest()


def _remember(path: Path, outcome: Keyed) -> None:
    """Append a line; one before it that a stop cut short stays as it is."""
    record = {_DIGEST: digest(), **asdict(cast(Any, outcome))}
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")


def known(path: Path | None, kind: Callable[..., O]) -> dict[str, O]:
    """Return what a stopped campaign has stored of just these files; a line that the stop
    cut short is left out."""
    found: dict[str, O] = {}
    if path is None or not path.exists():
        return found
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            record = json.loads(line)
            if record.pop(_DIGEST) != digest():
                continue
            outcome = kind(**{name: _frozen(value) for name, value in record.items()})
            found[outcome.key] = outcome
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return found


def _frozen(value: Any) -> Any:
    """Return lists as the tuples that JSON has made lists of."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
