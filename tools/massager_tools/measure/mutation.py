"""Whether a test notices when a guard, a limit or a row of a safety table is broken.

Each mutant (see `mutants.py`) goes into a copy of the tree, and the tests of the core run
on it until the first fails. A mutant that no test notices survives: it is listed, with the
reason where one is known.
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
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from massager_tools.boards.load import REPO_DIR
from massager_tools.errors import Failure
from massager_tools.measure.mutants import Mutant, mutants, unused_limits
from massager_tools.measure.report import Bar, Options, Report

KILLED_PERCENT = 95
REASONS = Path(__file__).with_name("mutation_reasons.json")
"""Name of a mutant → why no test can, or need, notice it."""

_QUICK_SHARE = 10
_COPIED = ("firmware", "host_tests", "boards")
_TESTS = Path("host_tests") / "core"
_PROBE = Path(__file__).with_name("mutation_probe.py")
_SECONDS = "seconds.json"  # beside the trees
_TIMES_LONGER = 10  # than the tests take undisturbed: the mutant hangs …
_LEAST_S = 60.0  # … on a machine that may be busy
_HANGS = "no end"


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant: `noticed` is the test that failed, "" where none did."""

    mutant: Mutant
    noticed: str


def measure(options: Options) -> Report:
    """Break everything in turn; see the module."""
    firmware = REPO_DIR / "firmware"
    chosen = mutants(firmware)
    if options.quick:
        chosen = random.Random(options.seed).sample(chosen, len(chosen) // _QUICK_SHARE)
    verdicts = run(chosen, options)
    return report(verdicts, unused_limits(firmware))


def run(chosen: Sequence[Mutant], options: Options) -> list[Verdict]:
    """Try every mutant, on all cores; Failure where the tests fail without any."""
    workers = os.cpu_count() or 1
    with _trees(workers) as trees:
        tree = trees.get()
        started_s = time.monotonic()
        noticed = _test(tree, 3600.0)
        if noticed:
            raise Failure(f"the tests fail without any mutant: {noticed}; mend that first")
        longest_s = max(_LEAST_S, _TIMES_LONGER * (time.monotonic() - started_s))
        trees.put(tree)
        with ThreadPoolExecutor(workers) as pool:
            jobs = {pool.submit(_try, one, trees, longest_s): one for one in chosen}
            try:
                for number, done in enumerate(as_completed(jobs), start=1):
                    done.result()
                    options.progress(number / len(jobs))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
            return [job.result() for job in jobs]


@contextmanager
def _trees(count: int) -> Iterator["queue.SimpleQueue[Path]"]:
    """Copies of the repository, one for each worker."""
    with tempfile.TemporaryDirectory(prefix="massager-mutation-") as folder:
        trees: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for number in range(count):
            tree = Path(folder) / str(number)
            for name in _COPIED:
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(REPO_DIR / name, tree / name, ignore=ignored)
            shutil.copy(REPO_DIR / "pyproject.toml", tree)
            (tree / "tools").symlink_to(REPO_DIR / "tools", target_is_directory=True)
            trees.put(tree)
        yield trees


def _try(mutant: Mutant, trees: "queue.SimpleQueue[Path]", longest_s: float) -> Verdict:
    tree = trees.get()
    file = tree / "firmware" / mutant.file
    source = file.read_text(encoding="utf-8")
    try:
        file.write_text(mutant.apply(source), encoding="utf-8")
        return Verdict(mutant, _test(tree, longest_s))
    finally:
        file.write_text(source, encoding="utf-8")
        trees.put(tree)


def _test(tree: Path, longest_s: float) -> str:
    """The first test that fails in `tree`, "" where all pass: those with properties last."""
    probe = [sys.executable, str(_PROBE), str(tree), str(tree.parent / _SECONDS)]
    noticed = _run(probe, tree, longest_s, "failed ")
    if noticed:
        return noticed
    properties = [str(path) for path in sorted((tree / _TESTS).rglob("test_*_properties.py"))]
    options = ("-x", "-q", "--tb=no", "--numprocesses=0", "-p", "no:cacheprovider")
    pytest = [sys.executable, "-m", "pytest", *options, *properties]
    return _run(pytest, tree, longest_s, "FAILED ")


def _run(command: Sequence[str], tree: Path, longest_s: float, mark: str) -> str:
    """What `command` says after `mark`, "" where it ends well."""
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=longest_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _HANGS
    if done.returncode == 0:
        return ""
    for line in done.stdout.splitlines():
        if line.startswith(mark):
            return line.removeprefix(mark).split(" - ")[0]
    return done.stdout.strip().rpartition("\n")[2] or "no message"


def report(verdicts: Sequence[Verdict], unused: Sequence[str]) -> Report:
    """Killed and survived, by kind, and the survivors by name."""
    reasons: dict[str, str] = json.loads(REASONS.read_text(encoding="utf-8"))
    survivors = [verdict.mutant for verdict in verdicts if not verdict.noticed]
    killed = len(verdicts) - len(survivors)
    percent = 100 * killed / len(verdicts) if verdicts else 0.0
    values: dict[str, int | float] = {
        "mutants": len(verdicts),
        "killed": killed,
        "survived": len(survivors),
        "survived_unexplained": sum(one.name not in reasons for one in survivors),
    }
    for kind in sorted({verdict.mutant.kind for verdict in verdicts}):
        of_kind = [verdict for verdict in verdicts if verdict.mutant.kind == kind]
        values[f"killed_{kind}"] = sum(bool(verdict.noticed) for verdict in of_kind)
        values[f"of_{kind}"] = len(of_kind)
    notes = [
        f"survived: {one.name} (line {one.line}): {reasons.get(one.name, 'not explained yet')}"
        for one in survivors
    ]
    if unused:
        notes.append(f"limits that nothing in the core looks at: {', '.join(unused)}")
    return Report(
        name="mutation",
        values=values,
        bars=(Bar("killed", round(percent, 1), KILLED_PERCENT, "at least", "%"),),
        notes=tuple(notes),
    )
