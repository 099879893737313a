"""Proof that a tick allocates nothing: scenarios run in MicroPython with the heap locked."""

import re
from dataclasses import dataclass
from pathlib import Path

from host_tests.support.interpreter import SCRIPTS, run_script

_ALLOCATES = re.compile(r"^allocates (?P<tick>\d+)\n(?P<traceback>.*)", re.M | re.S)


@dataclass(frozen=True)
class HeapReport:
    """`ticks` ran clean, or `tick` was the first to allocate, at the place in `traceback`."""

    ticks: int
    tick: int | None
    traceback: str

    @property
    def clean(self) -> bool:
        """Whether nothing was allocated."""
        return self.tick is None


def probe(scenario: str, ticks: int = 10_000, paths: tuple[Path, ...] = ()) -> HeapReport:
    """Run `scenario`, "module:function", for `ticks` ticks with the heap locked.

    The function builds an object with `prepare(tick)`, free to allocate, and
    `step(tick)`, locked. Raises RuntimeError where the scenario itself breaks.
    """
    module, _, function = scenario.partition(":")
    done = run_script(SCRIPTS / "probe_heap.py", module, function, str(ticks), paths=paths)
    if done.returncode == 0 and done.stdout.endswith(f"clean {ticks}\n"):
        return HeapReport(ticks, None, "")
    allocates = _ALLOCATES.search(done.stdout)
    if done.returncode == 1 and allocates:
        tick = int(allocates["tick"])
        return HeapReport(tick, tick, allocates["traceback"])
    raise RuntimeError(f"{scenario} broke:\n{done.stdout}")
