"""The probe of the heap sees every kind of allocation, and names the place."""

from pathlib import Path

import pytest

from host_tests.support.heap import probe

pytestmark = pytest.mark.micropython

SCENARIO = """
class Scenario:
    def __init__(self):
        self.count = 0
        self.items = [0, 0]

    def prepare(self, tick):
        self.prepared = [tick]

    def step(self, tick):
        self.count += 1
        self.items[0] = tick
        if tick == 7:
            {statement}
"""

ALLOCATES_ROWS = (
    ("list", "self.items = [tick]"),
    ("float", "self.count = tick / 3"),
    ("function", "lambda n=tick: n"),
    ("text", "'%d' % tick"),
    ("bound method", "f = self.prepare"),
    ("large int", "self.count = 1 << 64 + tick"),
    ("new attribute", "self.fresh_1 = self.fresh_2 = self.fresh_3 = self.fresh_4 = 1"),
)


def scenario(folder: Path, statement: str) -> str:
    (folder / "scenario.py").write_text(SCENARIO.format(statement=statement), encoding="utf-8")
    return "scenario:Scenario"


def test_allocates(row: tuple[str, str], tmp_path: Path) -> None:
    report = probe(scenario(tmp_path, row[1]), ticks=20, paths=(tmp_path,))
    assert not report.clean
    assert report.tick == 7
    assert 'scenario.py", line 14, in step' in report.traceback
    assert "MemoryError" in report.traceback


def test_clean(tmp_path: Path) -> None:
    statement = "self.items[1] = max(self.items[0], tick << 2) % 5"
    report = probe(scenario(tmp_path, statement), ticks=20, paths=(tmp_path,))
    assert report.clean, report
    assert report.ticks == 20


def test_broken_scenario_is_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        probe(scenario(tmp_path, "tick // 0"), ticks=20, paths=(tmp_path,))
