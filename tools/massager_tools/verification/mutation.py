"""Mutation test: does a test notice a broken guard, limit or row of a safety table?

Each mutant (see `mutants.py`) goes into a copy of the tree, and the tests that can notice it
run until the first fails: those of the core, or of hal and bring-up for what only these look
at. A mutant that no test notices survives: it is listed, with the reason where one is known.
`--keep FILE` remembers every verdict until the firmware or the tests that decided it change.
"""

import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from massager_tools.errors import Failure
from massager_tools.paths import CHECKOUT, require_checkout
from massager_tools.verification.mutants import HAL, LIMITS, Mutant, limits_outside, mutants
from massager_tools.verification.mutation_verdicts import VerdictStore
from massager_tools.verification.report import Criterion, Options, Report

KILLED_PERCENT = 95
REASONS = Path(__file__).with_name("mutation_reasons.json")
"""Name of a mutant → why no test can, or need, notice it."""

BY_A_TEST, BY_AN_ERROR, BY_HANGING = "test", "error", "hanging"
"""How a mutant shows: a test says so, it ends with another error, it does not end."""

_QUICK_SHARE = 10
_COPIED = ("firmware", "host_tests", "boards", "tools")
_CORE = Path("host_tests") / "core"
_HAL = Path("host_tests") / "hal"
_OUTSIDE = (_HAL, Path("host_tests") / "bringup")  # of the core
_PROBE = Path(__file__).with_name("mutation_probe.py")
_COURSE = "course.json"  # beside the trees
_TIMES_LONGER = 3  # than the first run, which also notes who calls what: the mutant hangs …
_LEAST_S = 60.0  # … on a machine that may be busy
_ANOTHER_TIME_S = 10


@dataclass(frozen=True)
class Verdict:
    """Result of one mutant: `noticed` is what failed first, "" where nothing did."""

    mutant: Mutant
    noticed: str
    how: str = BY_A_TEST


def measure(options: Options) -> Report:
    """Break everything in turn; see the module."""
    require_checkout("massager measure mutation")
    chosen = mutants(CHECKOUT / "firmware")
    if options.quick:
        chosen = random.Random(options.seed).sample(chosen, len(chosen) // _QUICK_SHARE)
    return report(run(chosen, options))


def run(
    chosen: Sequence[Mutant], options: Options, workers: int = os.cpu_count() or 1
) -> list[Verdict]:
    """Try every mutant, on all cores; Failure where the tests fail without any."""
    outside = limits_outside(CHECKOUT / "firmware")
    verdicts = VerdictStore(options.keep, CHECKOUT)
    found: dict[Mutant, Verdict] = {}
    for one in chosen:
        known = verdicts.known(one, tests(one, outside))
        if known is not None:
            found[one] = Verdict(one, *known)
    todo = [one for one in chosen if one not in found]
    if not todo:
        return [found[one] for one in chosen]
    needed = {path for one in todo for path in tests(one, outside)}
    with _trees(workers, sorted(needed)) as trees, ThreadPoolExecutor(workers) as pool:
        jobs = [pool.submit(_try, one, trees, outside) for one in todo]
        try:
            for number, job in enumerate(as_completed(jobs), start=1):
                verdict = job.result()
                mutant = verdict.mutant
                found[mutant] = verdict
                verdicts.keep(mutant, tests(mutant, outside), verdict.noticed, verdict.how)
                options.progress(number / len(jobs))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [found[one] for one in chosen]


def tests(mutant: Mutant, outside: "set[str]") -> list[Path]:
    """Return folders and files of the tests that may notice it, the likely ones first."""
    if not _is_outside(mutant, outside):
        return [_CORE]
    if Path(mutant.file) == HAL:
        return [_HAL]
    naming = [
        path.relative_to(CHECKOUT)
        for path in sorted((CHECKOUT / _CORE).rglob("test_*.py"))
        if f"limits.{mutant.where}" in path.read_text(encoding="utf-8")
    ]
    return [*naming, *_OUTSIDE]


def _is_outside(mutant: Mutant, outside: "set[str]") -> bool:
    """Return whether nothing in the core looks at it."""
    file = Path(mutant.file)
    return file == HAL or (file == LIMITS and mutant.where in outside)


@dataclass(frozen=True)
class _Tree:
    """A copy of the repository, and how long its tests may take."""

    path: Path
    longest_s: float

    @property
    def course(self) -> Path:
        return self.path.parent / _COURSE


@contextmanager
def _trees(count: int, needed: Sequence[Path]) -> Iterator["queue.SimpleQueue[_Tree]"]:
    """Yield a copy for each worker, of one in which the tests `needed` have passed."""
    with tempfile.TemporaryDirectory(prefix="massager-mutation-") as folder:
        first = Path(folder) / "0"
        for name in _COPIED:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(CHECKOUT / name, first / name, ignore=ignored)
        shutil.copy(CHECKOUT / "pyproject.toml", first)
        started_s = time.monotonic()
        sound = _Tree(first, 3600.0)
        noticed = _probe(sound)[0] if _CORE in needed else ""
        noticed = noticed or _pytest(sound, needed)[0]
        if noticed:
            raise Failure(f"the tests fail without any mutant: {noticed}; mend that first")
        longest_s = max(_LEAST_S, _TIMES_LONGER * (time.monotonic() - started_s))
        trees: queue.SimpleQueue[_Tree] = queue.SimpleQueue()
        trees.put(_Tree(first, longest_s))
        for number in range(1, count):
            shutil.copytree(first, Path(folder) / str(number))
            trees.put(_Tree(Path(folder) / str(number), longest_s))
        yield trees


def _try(mutant: Mutant, trees: "queue.SimpleQueue[_Tree]", outside: "set[str]") -> Verdict:
    tree = trees.get()
    try:
        with broken(tree.path / "firmware", mutant):
            if _is_outside(mutant, outside):
                return Verdict(mutant, *_pytest(tree, tests(mutant, outside)))
            seen = _probe(tree, mutant)
            return Verdict(mutant, *(seen if seen[0] else _pytest(tree, [_CORE])))
    finally:
        trees.put(tree)


@contextmanager
def broken(firmware: Path, mutant: Mutant) -> Iterator[None]:
    """Have `mutant` in the tree for a while.

    What Python has compiled of the sound file stays good for it, and is not taken for the
    broken one: it goes by the file's time and length.
    """
    file = firmware / mutant.file
    source = file.read_text(encoding="utf-8")
    before = file.stat()
    try:
        file.write_text(mutant.apply(source), encoding="utf-8")
        os.utime(file, (before.st_atime, before.st_mtime + _ANOTHER_TIME_S))
        yield
    finally:
        file.write_text(source, encoding="utf-8")
        os.utime(file, (before.st_atime, before.st_mtime))


def _probe(tree: _Tree, mutant: Mutant | None = None) -> tuple[str, str]:
    """Return the first failure of the core's tests but those with properties; "" if none."""
    command = [sys.executable, str(_PROBE), str(tree.path), str(tree.course)]
    if mutant is not None:
        command += [mutant.file, str(mutant.inside)]
    noticed = _run(command, tree, "failed ", writes=mutant is None)
    name, _, how = noticed.rpartition(" ")
    if how in (BY_A_TEST, BY_AN_ERROR, BY_HANGING):
        return name, how
    return noticed, BY_AN_ERROR if noticed else BY_A_TEST


def _pytest(tree: _Tree, wanted: Sequence[Path]) -> tuple[str, str]:
    """Return the same of the tests below `wanted`; of the core's folder those with properties."""
    paths: list[Path] = []
    for path in wanted:
        in_core = sorted((tree.path / path).rglob("test_*_properties.py"))
        paths += in_core if path == _CORE else [path]
    if not paths:
        return "", BY_A_TEST
    options = ("-x", "-q", "--tb=line", "--numprocesses=0", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", *options, *map(str, paths)]
    noticed = _run(command, tree, "FAILED ")
    return noticed, BY_HANGING if noticed == BY_HANGING else BY_A_TEST


def _run(command: Sequence[str], tree: _Tree, mark: str, writes: bool = False) -> str:
    """Return what `command` prints after `mark`, "" where it ends well."""
    environment = {**os.environ, "PYTHONPATH": str(tree.path / "tools")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if not writes:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    try:
        done = subprocess.run(
            command,
            cwd=tree.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=tree.longest_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return BY_HANGING
    if done.returncode == 0:
        return ""
    for line in done.stdout.splitlines():
        if line.startswith(mark):
            return line.removeprefix(mark).split(" - ")[0]
    return done.stdout.strip().rpartition("\n")[2] or "no message"


def report(verdicts: Sequence[Verdict]) -> Report:
    """Return the report: killed and survived, by kind and by file, and the survivors by name."""
    reasons: dict[str, str] = json.loads(REASONS.read_text(encoding="utf-8"))
    survivors = [verdict.mutant for verdict in verdicts if not verdict.noticed]
    unexplained = sum(one.name not in reasons for one in survivors)
    values: dict[str, int | float] = {**_counts(verdicts), "survived_unexplained": unexplained}
    for kind in sorted({verdict.mutant.kind for verdict in verdicts}):
        of_kind = [verdict for verdict in verdicts if verdict.mutant.kind == kind]
        values[f"killed_{kind}"] = sum(bool(verdict.noticed) for verdict in of_kind)
        values[f"of_{kind}"] = len(of_kind)
    killed = len(verdicts) - len(survivors)
    percent = 100 * killed / len(verdicts) if verdicts else 0.0
    files = dict.fromkeys(verdict.mutant.file for verdict in verdicts)
    return Report(
        name="mutation",
        values=values,
        criteria=(
            Criterion("killed", round(percent, 1), KILLED_PERCENT, "at least", "%"),
            Criterion("survivors without a reason", unexplained, 0, "at most"),
        ),
        notes=tuple(
            f"survived: {one.name} (line {one.line}): {reasons.get(one.name, 'not explained yet')}"
            for one in survivors
        ),
        rows=tuple(
            {"of": file, **_counts([one for one in verdicts if one.mutant.file == file])}
            for file in files
        ),
    )


def _counts(verdicts: Sequence[Verdict]) -> Mapping[str, int]:
    """Return how many, and how they were noticed; a developer sees a crash or a hang too."""
    noticed = [verdict.how for verdict in verdicts if verdict.noticed]
    return {
        "mutants": len(verdicts),
        "killed": len(noticed),
        "killed_by_a_test": noticed.count(BY_A_TEST),
        "killed_by_an_error": noticed.count(BY_AN_ERROR),
        "killed_by_hanging": noticed.count(BY_HANGING),
        "survived": len(verdicts) - len(noticed),
    }
