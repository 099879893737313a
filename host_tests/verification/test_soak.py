"""An hour of random use, and what the bars say when something does grow or drift."""

import pytest

from massager_tools.verification import soak
from massager_tools.verification.report import Options

GOOD = {
    "ticks": 360_000,
    "heap_bytes": 100_000,
    "worst_off_us": 900,
    "late_ticks": 0,
    "sessions": 3,
    "seen": 127,
    "wrapped": 1,
    "flash_writes": 4,
    "telemetry_bytes": 10,
}


@pytest.mark.micropython
def test_an_hour_leaves_nothing_behind() -> None:
    report = soak.measure(Options(quick=True))
    assert report.ok, report.as_json()
    assert report.values["ticks"] == 360_000 and report.values["sessions"] > 5


def test_what_is_good_is_good() -> None:
    assert soak.report([GOOD, GOOD], 1).ok


WRONG_ROWS = (
    ("heap", {"heap_bytes": 100_032}, "heap, most less least"),
    ("a missed tick", {"ticks": 359_999}, "ticks missed or added"),
    ("a late tick", {"late_ticks": 1}, "ticks late"),
    ("drift", {"worst_off_us": 1_100}, "furthest from schedule"),
    ("no wrap", {"wrapped": 0}, "wraps of the clock"),
    ("never paused", {"seen": 119}, "states entered"),
)


def test_wrong(row: tuple) -> None:
    _, change, bar = row
    report = soak.report([GOOD, {**GOOD, **change}], 1)
    assert [one.name for one in report.criteria if not one.ok] == [bar]
