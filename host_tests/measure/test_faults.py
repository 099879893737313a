"""The campaign of faults: what counts as unsafe, what it remembers, and the cluster."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from distributed import LocalCluster

from massager_tools.errors import Failure
from massager_tools.measure import fault_cases, faults
from massager_tools.measure.fault_cases import Case, Outcome, _Judge
from massager_tools.measure.report import Options

CASE = Case(("ntc_a_open",), "evening", (20_000,), 7)
SAFE = Outcome("a", ("ntc_a_open",), "", 0.4, 13, 6, 40.0, 20.0, 0.0)


def seen(t_ms: int, **values: int) -> dict:
    """A tenth of a second in which nothing is wrong."""
    calm = {"pad_max_mc": 40_000, "chamber_max_pa": 3_000, "chamber_1_pa": 0, "motor_rpm": 0}
    return {"t_ms": t_ms, "energised": 0, "fw_state": 6, "fw_fault": 12, **calm, **values}


UNSAFE_ROWS: tuple = (
    # name, the row 11 s after the trip, what is wrong
    ("all at rest", {}, ""),
    ("too hot", {"pad_max_mc": 48_100}, "pad at 48.1 °C"),
    ("driven", {"energised": 4}, "something is driven"),
    ("squeezed", {"chamber_1_pa": 1_100}, "a chamber holds 8 mmHg"),
    ("turning", {"motor_rpm": 100}, "the motor turns"),
)


def test_unsafe(row: tuple) -> None:
    _, values, wrong = row
    judge = _Judge(CASE)
    judge.see(seen(20_500))
    judge.see(seen(31_500, **values))
    outcome = judge.outcome("until")
    assert outcome.wrong.find(wrong) >= 0 and bool(outcome.wrong) == bool(wrong)
    assert outcome.detected_s == 0.5 and outcome.code == 12


@pytest.mark.micropython
def test_a_real_fault_ends_safe() -> None:
    outcome = fault_cases.spend(CASE)
    assert not outcome.wrong
    assert outcome.detected_s is not None and outcome.detected_s < 2


@pytest.mark.micropython
def test_an_error_in_the_core_ends_safe() -> None:
    name = next(one for one in fault_cases.errors() if one.endswith("HeatGuard.step"))
    outcome = fault_cases.spend(replace(CASE, faults=(name,)))
    assert not outcome.wrong


def test_a_stopped_campaign_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(CASE, plant=8)
    keep = tmp_path / "kept"
    done = replace(SAFE, key=CASE.key)
    keep.write_text(json.dumps(asdict(done)) + '\n{"key": "cut sh', encoding="utf-8")
    known = faults._known(keep)
    assert known == {CASE.key: done}
    outcomes, fresh = faults.run([CASE], Options(keep=keep))
    assert (outcomes, fresh) == ([done], 0)
    assert other.key not in known


def test_unsafe_runs_are_named_and_fail_the_bar() -> None:
    bad = replace(SAFE, key="b", wrong="pad at 49.0 °C")
    report = faults.report([SAFE, bad], 2, 10.0)
    assert not report.ok and report.values["unsafe"] == 1
    assert any("b: pad at 49.0 °C" in note for note in report.notes)
    assert report.as_dict()["rows"][0]["unsafe"] == 1


def test_every_fault_meets_every_program() -> None:
    chosen = faults.cases(1)
    singles = {(case.faults[0], case.program) for case in chosen if len(case.faults) == 1}
    assert len(singles) == len({name for name, _ in singles}) * len({p for _, p in singles})
    assert faults.cases(1) == chosen != faults.cases(2)
    assert {"power_cut", "memory_corrupt", "chip_hangs"} <= {name for name, _ in singles}


@pytest.mark.micropython
@pytest.mark.filterwarnings("default")
def test_a_cluster_of_two_workers(tmp_path: Path) -> None:
    pair = [CASE, replace(CASE, faults=("button_up_chatter",))]
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=tmp_path
    ) as cluster:
        options = Options(dask=cluster.scheduler_address)
        outcomes, fresh = faults.run(pair, options)
    assert fresh == 2 and not any(outcome.wrong for outcome in outcomes)


def test_no_scheduler_is_one_line() -> None:
    with pytest.raises(Failure, match="no Dask scheduler at"):
        faults.run([], Options(dask="tcp://127.0.0.1:1"))
