"""Worker processes for a campaign: PyPy where it is installed, else this Python.

A worker is `INTERPRETER -m massager_tools.verification.workers`: it reads pickled (function,
case) pairs from its standard input and answers each with a pickled (is it an outcome, what).
PyPy runs the core and the model several times as fast, to the same bit; it needs nothing but
the modules that a function and its cases come from, and those must run on Python 3.9.
"""

from __future__ import annotations
import __future__

import importlib
import importlib.util
import os
import pickle
import queue
import shutil
import struct
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import IO, Any

from massager_tools.errors import Failure

_PROTOCOL = 4  # the highest that both interpreters have
_LENGTH = struct.Struct("<I")
_TOOLS = Path(__file__).resolve().parents[2]
_OLDEST = (3, 9)


@cache
def pypy() -> str:
    """Return the path of a PyPy that can run the workers; "" where there is none."""
    found = shutil.which("pypy3")
    if found is None:
        return ""
    with Workers(found, 1) as pool:
        try:
            return found if pool.submit(_version, None).result() >= _OLDEST else ""
        except Failure:
            return ""


def note() -> str:
    """Return one line that says what the runs were made with."""
    if pypy():
        return "run by PyPy, with the same results as by CPython"
    return (
        "run by CPython: with PyPy installed (apt install pypy3, brew install pypy3) it takes "
        "about half the time, for the same results"
    )


def _version(_: object) -> tuple[int, int]:
    """Return the worker's version of Python; it has to have the model and the core for that."""
    importlib.import_module("massager_tools.verification.harness")
    return sys.version_info[:2]


class Workers(ThreadPoolExecutor):
    """An executor whose jobs run in `count` processes of `interpreter`.

    A job is a function of a module and one argument, both of which pickle.
    """

    def __init__(self, interpreter: str, count: int) -> None:
        super().__init__(count)
        self._processes = [_start(interpreter) for _ in range(count)]
        self._idle: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
        for process in self._processes:
            self._idle.put(process)

    def submit(  # type: ignore[override]
        self, function: Callable[[Any], Any], case: Any
    ) -> Future[Any]:
        """Run `function(case)` in the next idle process."""
        return super().submit(self._ask, function, case)

    def _ask(self, function: Callable[[Any], Any], case: Any) -> Any:
        process = self._idle.get()
        try:
            assert process.stdin is not None and process.stdout is not None
            try:
                _send(process.stdin, (function, case))
                is_outcome, answer = _receive(process.stdout)
            except (OSError, EOFError):
                raise Failure("a worker of the campaign has died") from None
        finally:
            self._idle.put(process)
        if not is_outcome:
            raise Failure(f"a run failed: {answer}")
        return answer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes, in the middle of a run where one is under way."""
        for process in self._processes:
            process.kill()
        super().shutdown(wait, cancel_futures=cancel_futures)
        for process in self._processes:
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


def _start(interpreter: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [interpreter, "-m", "massager_tools.verification.workers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(_paths()),
            # beside what other interpreters make of the same sources: see _without_annotations
            "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "massager-workers"),
        },
        start_new_session=True,  # Ctrl-C is the campaign's to handle
    )


def _paths() -> list[str]:
    """Return where a worker finds the tools, and simple-pid, which is plain Python."""
    spec = importlib.util.find_spec("simple_pid")
    found = [] if spec is None or spec.origin is None else [Path(spec.origin).parents[1]]
    return [str(_TOOLS), *map(str, found)]


def _send(stream: IO[bytes], what: Any) -> None:
    data = pickle.dumps(what, _PROTOCOL)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> Any:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    return pickle.loads(stream.read(_LENGTH.unpack(head)[0]))


def _without_annotations() -> None:
    """Let no module evaluate its annotations: `int | None` is none of Python 3.9's."""

    def source_to_code(self: object, data: bytes, path: str, *, _optimize: int = -1) -> CodeType:
        flag = __future__.annotations.compiler_flag
        code: CodeType = compile(data, path, "exec", flag, dont_inherit=True, optimize=_optimize)
        return code

    SourceFileLoader.source_to_code = source_to_code  # type: ignore[method-assign, assignment]


def main() -> None:
    """Answer until the standard input ends."""
    _without_annotations()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a run prints is no answer
    while True:
        try:
            function, case = _receive(sys.stdin.buffer)
            answer = True, function(case)
        except EOFError:
            return
        except Exception:
            answer = False, traceback.format_exc()
        _send(answers, answer)


if __name__ == "__main__":
    from massager_tools.verification import workers

    workers.main()
