"""RESULTS.md: written by the tool alone, resumed, and honest about its age."""

from pathlib import Path
from typing import Any

import pytest

from host_tests.support.interpreter import ROOT
from massager_tools.cli import main
from massager_tools.errors import UsageError
from massager_tools.verification import campaign, results
from massager_tools.verification.report import Criterion, Distribution, Options, Report

AGES = ("of this firmware", "of another firmware: massager measure all --keep FOLDER")


def test_the_results_were_written_by_the_tool(record_property: Any) -> None:
    """Of another firmware they may be while people work: the report says so."""
    age = results.age((ROOT / results.RESULTS).read_text(encoding="utf-8"))
    record_property("RESULTS.md", age)
    assert age in AGES


def report(name: str, options: Options) -> Report:
    options.progress(1.0)
    return Report(
        name,
        values={"runs": 3},
        figures={"droop": Distribution(1.0, 2.0, 3.0, "%")},
        baselines={"other": {"droop": Distribution(4.0, 5.0, 6.0, "%")}},
        criteria=(Criterion("droop", 1.0, 5.0, "at most", "%"),),
        notes=("a note",),
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "host_tests").mkdir()
    monkeypatch.setattr(results, "require_checkout", lambda what: tmp_path)
    monkeypatch.setattr(results, "measure", report)
    monkeypatch.setattr("massager_tools.manual.tables.write_all", lambda: None)
    return tmp_path


def test_all_measures_run_once_and_are_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares: list[float] = []
    options = Options(keep=folder / "keep", progress=shares.append)
    done = results.measure_all(options)
    assert done.ok and done.values == {"measures": len(results.ORDER), "of": len(results.ORDER)}
    assert shares == sorted(shares) and shares[-1] == 1.0
    text = (folder / results.RESULTS).read_text(encoding="utf-8")
    assert results.age(text) == AGES[0]
    for words in ("| droop | other | 4 | 5 | 6 | % |", "air --seed 2`", "- a note", "commit `"):
        assert words in text
    monkeypatch.setattr(results, "measure", lambda name, options: pytest.fail("run again"))
    assert results.measure_all(options).ok


def test_a_stop_leaves_what_is_done_and_falls_short(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(name: str, options: Options) -> Report:
        if name == "air":
            raise KeyboardInterrupt
        return report(name, options)

    monkeypatch.setattr(results, "measure", stops)
    done = results.measure_all(Options(keep=folder / "keep"))
    assert not done.ok and done.values["measures"] == 3
    text = (folder / results.RESULTS).read_text(encoding="utf-8")
    assert "Not run to their end: air" in text and "measure motor --seed 1" in text


def test_a_stop_leaves_nothing_out_that_is_whole_further_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results.measure_all(Options(keep=folder / "keep"))
    (folder / "keep" / "air-1.json").unlink()

    def stops(*_: object) -> Report:
        raise KeyboardInterrupt

    monkeypatch.setattr(results, "measure", stops)
    done = results.measure_all(Options(keep=folder / "keep"))
    assert not done.ok and done.values["measures"] == len(results.ORDER) - 1


def test_what_was_typed_by_hand_or_is_of_another_firmware_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = results.written([], "abc", "2026-12-01", quick=False)
    table = text.replace("<!-- not-run -->\n", "<!-- not-run -->\n`a`\n")
    assert results.age(text) == results.age(table) == AGES[0]
    with pytest.raises(ValueError, match="measure all"):
        results.age(text.replace("2026-12-01", "2026-12-02"))
    monkeypatch.setattr(campaign, "digest", lambda: "0" * 64)
    assert results.age(text) == AGES[1]


def test_all_needs_a_folder(folder: Path) -> None:
    with pytest.raises(UsageError, match="--keep FOLDER"):
        results.measure_all(Options())
    assert main.run(["measure", "use", "--keep", str(folder)]) == 2
