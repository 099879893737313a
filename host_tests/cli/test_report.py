"""The shape that every measure reports in."""

import json
import math
from importlib import import_module
from io import StringIO

import pytest
from rich.console import Console

from massager_tools.errors import UsageError
from massager_tools.verification import MEASURES, measure, module_name
from massager_tools.verification.report import Criterion, Distribution, Options, Report
from massager_tools.verification.tables import show

MET = Criterion("fast", 9.5, 10, "at most", "ms")
SHORT = Criterion("strong", 9.5, 10, "at least")


def report(*bars: Criterion) -> Report:
    return Report(
        name="sample",
        values={"ticks": 1000},
        figures={"overshoot": Distribution.of(range(101), "m°C")},
        baselines={"other": {"overshoot": Distribution.of(range(201), "m°C")}},
        criteria=bars,
    )


def test_figure_takes_the_bad_end() -> None:
    assert Distribution.of(range(101), "s") == Distribution(50, 95, 100, "s")
    assert Distribution.of(range(101), "s", bad="low") == Distribution(50, 5, 0, "s")
    assert Distribution.of([3], "s") == Distribution(3, 3, 3, "s")


def test_figure_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no samples"):
        Distribution.of([], "s")


def test_bar_is_met_at_its_limit_and_not_by_a_missing_number() -> None:
    assert Criterion("x", 10, 10, "at most").ok
    assert Criterion("x", 10, 10, "at least").ok
    assert not Criterion("x", math.nan, 10, "at most").ok
    assert not Criterion("x", math.nan, 10, "at least").ok


def test_report_falls_short_with_one_bar() -> None:
    assert report(MET).ok
    assert not report(MET, SHORT).ok


def test_json_shape() -> None:
    output = json.loads(report(MET, SHORT).as_json())
    assert output["measure"] == "sample"
    assert output["ok"] is False
    assert output["ticks"] == 1000
    assert output["figures"] == {"overshoot": {"p50": 50, "p95": 95, "worst": 100, "unit": "m°C"}}
    assert output["peers"]["other"]["overshoot"]["worst"] == 200
    assert [(bar["name"], bar["value"], bar["limit"], bar["ok"]) for bar in output["bars"]] == [
        ("fast", 9.5, 10, True),
        ("strong", 9.5, 10, False),
    ]


def test_json_never_holds_what_is_not_a_number() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        report(Criterion("x", math.inf, 1, "at least")).as_json()


def test_tables_show_figures_baselines_and_verdicts() -> None:
    text = StringIO()
    show(report(MET, SHORT), Console(file=text, width=99))
    shown = text.getvalue()
    for words in ("overshoot", "other", "fast", "at most 10 ms", "short", "1 000"):
        assert words in shown


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_a_module_that_measures(name: str) -> None:
    assert callable(import_module(f"massager_tools.verification.{module_name(name)}").measure)


def test_unknown_measure_names_the_others() -> None:
    with pytest.raises(UsageError, match="no measure 'x'; measures are air, air-faults, quiet"):
        measure("x", Options())
