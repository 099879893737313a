"""Many runs, side by side: over all cores or a cluster, remembered in a file, gone on with.

A case is what one process is given; it has a `key`. An outcome is a flat dataclass with the
key of its case. Nothing here knows what is run.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from massager_tools.errors import Failure, UsageError
from massager_tools.measure.report import Options

_CONNECT_S = 3


class Keyed(Protocol):
    """A case, or what came of it; an outcome is a dataclass whose sequences are tuples."""

    @property
    def key(self) -> str:
        """The same for the same case, in every run."""


C = TypeVar("C", bound=Keyed)
O = TypeVar("O", bound=Keyed)  # noqa: E741


def run(
    chosen: Sequence[C], spend: Callable[[C], O], kind: Callable[..., O], options: Options
) -> tuple[list[O], int]:
    """All outcomes, and how many of them are new; `kind` is the class of the outcomes."""
    remembered = known(options.keep, kind)
    todo = [case for case in chosen if case.key not in remembered]
    outcomes = [remembered[case.key] for case in chosen if case.key in remembered]
    with _executor(options.dask) as pool:
        jobs = [pool.submit(spend, case) for case in todo]
        try:
            for number, done in enumerate(as_completed(jobs), start=1):
                outcome = done.result()
                outcomes.append(outcome)
                if options.keep is not None:
                    with options.keep.open("a", encoding="utf-8") as file:
                        line = json.dumps(asdict(cast(Any, outcome)), ensure_ascii=False)
                        file.write(line + "\n")
                options.progress(number / len(jobs))
        except BaseException:
            for job in jobs:
                job.cancel()
            raise
    return outcomes, len(todo)


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


def known(path: Path | None, kind: Callable[..., O]) -> dict[str, O]:
    """What a campaign that was stopped has left; a line cut short by the stop is no line."""
    found: dict[str, O] = {}
    if path is None or not path.exists():
        return found
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            kept = {
                name: tuple(value) if isinstance(value, list) else value
                for name, value in json.loads(line).items()
            }
            outcome = kind(**kept)
            found[outcome.key] = outcome
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return found
