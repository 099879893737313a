"""Verdicts on mutants, one a line, remembered as long as they would come out the same.

A line holds a digest of the firmware and of the tests that decided: of a killed mutant the one
that failed, of a survivor all that might have. So a new test has only survivors tried again.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from massager_tools.verification.mutants import Mutant

_EVERYWHERE = ("firmware", "boards", "host_tests/support")
_TOOLS = ("tools/massager_tools/bringup", "tools/massager_tools/sim")
_OUTSIDE_CORE = (*_TOOLS, "host_tests/sim/flashed.py")
_READ = ("firmware", "boards", "host_tests", *_TOOLS)


class VerdictStore:
    """Verdicts that `path` holds of the repository at `root` as it is now; none without one."""

    def __init__(self, path: Path | None, root: Path) -> None:
        self._path = path
        self._lines: dict[str, tuple[str, str, str]] = {}
        self._files: dict[str, str] = {}
        if path is None:
            return
        for file in (file for name in _READ for file in sorted((root / name).rglob("*"))):
            if file.is_file() and "__pycache__" not in file.parts:
                record = hashlib.sha256(file.read_bytes()).hexdigest()
                self._files[file.relative_to(root).as_posix()] = record
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for line in text.splitlines():
            try:
                row = json.loads(line)
                self._lines[row["mutant"]] = (row["digest"], row["noticed"], row["how"])
            except (ValueError, TypeError, KeyError):
                continue  # cut short when the run was killed
        if text and not text.endswith("\n"):
            with path.open("a", encoding="utf-8") as out:
                out.write("\n")

    def known(self, mutant: Mutant, tests: Sequence[Path]) -> tuple[str, str] | None:
        """Return what noticed it and how, None where that has to be found out."""
        if mutant.name not in self._lines:
            return None
        digest, noticed, how = self._lines[mutant.name]
        return (noticed, how) if digest == self._digest(mutant, tests, noticed) else None

    def keep(self, mutant: Mutant, tests: Sequence[Path], noticed: str, how: str) -> None:
        """Add a line; `tests` are the folders and files that were to run."""
        if self._path is None:
            return
        digest = self._digest(mutant, tests, noticed)
        record = {"mutant": mutant.name, "digest": digest, "noticed": noticed, "how": how}
        with self._path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(record, ensure_ascii=False) + "\n")

    def _digest(self, mutant: Mutant, tests: Sequence[Path], noticed: str) -> str:
        decided = noticed.partition("::")[0]
        if decided not in self._files:
            decided = decided.replace(".", "/") + ".py"  # as the probe calls it
        used = [*_EVERYWHERE, *(path.as_posix() for path in tests)]
        if not all(name.startswith("host_tests/core") for name in used[len(_EVERYWHERE) :]):
            used += _OUTSIDE_CORE
        record = hashlib.sha256(f"{mutant.name} {mutant.start}".encode())
        for file, text in self._files.items():
            is_test = PurePosixPath(file).name.startswith("test_")
            if is_test and decided in self._files and file != decided:
                continue
            if any(file == name or file.startswith(f"{name}/") for name in used):
                record.update(f"{file} {text} ".encode())
        return record.hexdigest()[:16]
