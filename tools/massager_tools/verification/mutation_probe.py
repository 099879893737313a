"""Run the core's tests until the first fails: `python mutation_probe.py TREE COURSE.json`.

A fresh interpreter for each mutant, and no pytest in it: that is most of the time saved.

The first run, on sound firmware, writes COURSE.json: how long each case took and which
functions of the firmware it entered. A later one gets the changed file and the first
line of the changed function (0: outside of any), and leaves out the cases that never enter
it, as they cannot notice. Cases of the file's own folder, or that say limits a second time, go
first, and the quick ones first among them.

Prints `failed CASE HOW` and exits 1; HOW is `test`, `error` or `hanging`.
"""

import importlib
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

_PATHS = (".", "firmware", "tools/massager_tools/sim/cpython_modules")
_TIMES_LONGER = 3  # than in the first run, itself four times slower: it hangs …
_LEAST_S = 2.0  # … of the process's own time, which a busy machine does not stretch

Case = tuple[str, Callable[..., None], tuple[Any, ...]]


class _Hangs(BaseException):
    """A case has taken far too long; not an Exception, which a test may expect."""


class _Entered:
    """The functions below `firmware` that have been called since the last `take`."""

    def __init__(self, firmware: Path) -> None:
        self._firmware = str(firmware) + "/"
        self._codes: set[CodeType] = set()

    def see(self, frame: FrameType, event: str, _: object) -> None:
        """Record a call, for `sys.setprofile`."""
        if event == "call":
            self._codes.add(frame.f_code)

    def take(self) -> list[str]:
        """Return them as `file:first line`, sorted."""
        codes, self._codes = self._codes, set()
        return sorted(
            f"{code.co_filename.removeprefix(self._firmware)}:{code.co_firstlineno}"
            for code in codes
            if code.co_filename.startswith(self._firmware)
        )


def main(tree: Path, course_file: Path, file: str, line: str) -> int:
    """Run the tests; return the exit code."""
    sys.path[:0] = [str(tree / path) for path in _PATHS]
    signal.signal(signal.SIGVTALRM, _stop)
    entered = _Entered(tree / "firmware")
    is_first = not course_file.exists()
    if is_first:
        sys.setprofile(entered.see)
    cases = _cases(tree)
    if is_first:
        return _record(cases, entered, course_file)
    course = json.loads(course_file.read_text())
    for case in _chosen(cases, course, file, line):
        if not _passes(case, course["cases"][case[0]]["s"]):
            return 1
    return 0


def _cases(tree: Path) -> list[Case]:
    from host_tests.support import rows

    cases: list[Case] = []
    for path in sorted((tree / "host_tests" / "core").rglob("test_*.py")):
        if path.stem.endswith("_properties"):
            continue
        name = ".".join(path.relative_to(tree).with_suffix("").parts)
        try:
            module = importlib.import_module(name)
        except Exception:  # a broken module may not even import
            print(f"failed {name} error")
            sys.exit(1)
        for case, function, arguments in rows.cases(module.__dict__):
            cases.append((f"{name}::{case}", function, arguments))
    return cases


def _record(cases: list[Case], entered: _Entered, course_file: Path) -> int:
    """Run all, and write what they did; what was called while importing is of all cases."""
    course: dict[str, Any] = {"importing": entered.take(), "cases": {}}
    for case in cases:
        started_s = time.process_time()
        if not _passes(case, 60.0):
            return 1
        took_s = round(time.process_time() - started_s, 4)
        course["cases"][case[0]] = {"s": took_s, "entered": entered.take()}
    course_file.write_text(json.dumps(course))
    return 0


def _chosen(cases: list[Case], course: dict[str, Any], file: str, line: str) -> list[Case]:
    """Return the tests that may notice a change in the function at `line` of `file`, in order."""
    known = course["cases"]
    function = f"{file}:{line}"
    if line != "0" and function not in course["importing"]:
        cases = [case for case in cases if function in known[case[0]]["entered"]]
    folder = file.removeprefix("massager/").rpartition("/")[0].replace("/", ".")
    own = ".test_limits_" if file.endswith("/limits.py") else f"host_tests.{folder}."
    return sorted(cases, key=lambda case: (own not in case[0], known[case[0]]["s"]))


def _passes(case: Case, seconds: float) -> bool:
    name, function, arguments = case
    signal.setitimer(signal.ITIMER_VIRTUAL, max(_LEAST_S, _TIMES_LONGER * seconds))
    try:
        function(*arguments)
    except _Hangs:
        print(f"failed {name} hanging")
        return False
    except AssertionError:
        print(f"failed {name} test")
        return False
    except Exception:  # a broken guard fails in whatever way it likes
        print(f"failed {name} error")
        return False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return True


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise _Hangs


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), *(sys.argv[3:] or ("", "0"))))
