"""The campaign of faults: what counts as unsafe, what it remembers, and the cluster."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from distributed import LocalCluster

from host_tests.support.interpreter import ROOT
from massager_tools import readme
from massager_tools.errors import Failure
from massager_tools.measure import campaign, fault_cases, faults
from massager_tools.measure.fault_cases import Case, Outcome, _Judge
from massager_tools.measure.report import Options

CASE = Case(("ntc_a_open",), "evening", (20_000,), 7)
SAFE = Outcome("a", ("ntc_a_open",), "", 0.4, (13,), (), (), 6, 40.0, 20.0, 0.0)


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
    guard = fault_cases.errors()["core/heat/guard.py"]
    name = next(one for one in guard if one.endswith("HeatGuard.step"))
    outcome = fault_cases.spend(replace(CASE, faults=(name,)))
    assert not outcome.wrong


def test_a_stopped_campaign_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(CASE, plant=8)
    keep = tmp_path / "kept"
    done = replace(SAFE, key=CASE.key)
    keep.write_text(json.dumps(asdict(done)) + '\n{"key": "cut sh', encoding="utf-8")
    known = campaign.known(keep, Outcome)
    assert known == {CASE.key: done}
    outcomes, fresh = campaign.run([CASE], fault_cases.spend, Outcome, Options(keep=keep))
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
    singles = [case for case in chosen if len(case.faults) == 1]
    met = {(fault_cases.family(case.faults[0]), case.program) for case in singles}
    families = {family for family, _ in met}
    assert len(met) == len(families) * len({program for _, program in met})
    assert faults.cases(1) == chosen != faults.cases(2)
    assert {"power_cut", "memory_corrupt", "chip_hangs", "flash_fails"} <= families
    assert sum(len(case.faults) == 2 for case in chosen) == faults.DOUBLES


def test_an_error_comes_in_every_file_that_a_tick_goes_through() -> None:
    files = fault_cases.errors()
    assert {"core/controller.py", "core/units.py", "hal/esp32.py", "telemetry.py"} <= set(files)
    for places in files.values():
        assert not any(place.rpartition(".")[2].startswith("_") for place in places)
    drawn = {fault for case in faults.cases(1) for fault in case.faults}
    assert all(drawn & set(places) for places in files.values())


def test_what_is_beyond_any_program_is_told_and_no_shortfall() -> None:
    fault = next(iter(fault_cases.BEYOND))
    runs_on = replace(SAFE, key="m", faults=(fault,), wrong="the motor turns")
    report = faults.report([SAFE, runs_on], 2, 10.0)
    assert report.ok and report.values["beyond_any_program"] == 1
    assert any(fault in note and "the motor turns" in note for note in report.notes)


CODES_ROWS: tuple = (
    # name, fault, codes after it, codes without it, detected after s, codes, own, unexplained
    ("its own part", "ntc_a_open", {13: 500}, (), 0.5, (13,), (), ()),
    ("and what follows", "ntc_a_open", {13: 500, 17: 900}, (), 0.5, (13, 17), (), ()),
    ("the massager's own first", "ntc_a_open", {48: 200, 13: 500}, (48,), 0.5, (13,), (48,), ()),
    ("nothing else", "ntc_a_open", {48: 200}, (48,), None, (), (48,), ()),
    ("a riddle", "ntc_a_open", {48: 200}, (), 0.2, (48,), (), (48,)),
    ("a motor that pulls the supply down", "motor_stalled", {1: 300}, (), 0.3, (1,), (), ()),
    ("an error", "error in core/units.py clamp", {4: 10}, (), 0.01, (4,), (), ()),
)


def test_codes(row: tuple) -> None:
    _, fault, after_ms, without, detected_s, codes, own, unexplained = row
    judge = _Judge(replace(CASE, faults=(fault,)))
    for code, ms in after_ms.items():
        judge.see(seen(20_000 + ms, fw_state=2, fw_fault=code))
    outcome = judge.outcome("until", without)
    assert (outcome.detected_s, outcome.codes, outcome.own) == (detected_s, codes, own)
    assert outcome.unexplained == unexplained


def test_a_code_that_nothing_explains_fails_the_bar() -> None:
    report = faults.report([replace(SAFE, unexplained=(48,))], 1, 1.0)
    assert not report.ok and any("unexplained: a: E48" in note for note in report.notes)


@pytest.mark.micropython
def test_a_code_of_the_massager_itself_is_found_without_the_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tells = fault_cases.told_by
    monkeypatch.setattr(fault_cases, "told_by", lambda names: tells(names) - {66})
    case = Case(("pump_dead", "blanket"), "manual", (13_000, 14_000), 7)
    alone = fault_cases.spend(case)
    assert alone.unexplained == (66,)  # not without the dead pump, so not the massager's own


def test_a_firmware_that_fell_has_told_its_code() -> None:
    judge = _Judge(CASE)
    judge.see(seen(20_100, fw_state=2, fw_fault=0), fell=True)
    outcome = judge.outcome("until")
    assert (outcome.code, outcome.state, outcome.detected_s) == (4, fault_cases.FELL, 0.1)
    assert next(faults.matrix([outcome]))["ends in"] == "failed, off"


def test_the_picture_has_every_run(tmp_path: Path) -> None:
    report = faults.report([SAFE, replace(SAFE, key="b", detected_s=None, wrong="bad")], 2, 1.0)
    assert report.draw is not None
    report.draw(tmp_path / "faults.png")
    assert (tmp_path / "faults.png").read_bytes().startswith(b"\x89PNG")


def test_the_readme_shows_every_kind_of_fault() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = text.partition("<!-- campaign -->\n")[2].partition("<!-- /campaign -->")[0]
    head, _, *rows = shown.strip().splitlines()
    assert head == readme.campaign_table(list(faults.matrix([SAFE]))).splitlines()[0]
    families = {fault_cases.family(case.faults[0]) for case in faults.cases(1)}
    assert {row.split("`")[1] for row in rows} == families


@pytest.mark.micropython
@pytest.mark.filterwarnings("default")
def test_a_cluster_of_two_workers(tmp_path: Path) -> None:
    pair = [CASE, replace(CASE, faults=("button_up_chatter",))]
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=tmp_path
    ) as cluster:
        options = Options(dask=cluster.scheduler_address)
        outcomes, fresh = campaign.run(pair, fault_cases.spend, Outcome, options)
    assert fresh == 2 and not any(outcome.wrong for outcome in outcomes)


def test_no_scheduler_is_one_line() -> None:
    with pytest.raises(Failure, match="no Dask scheduler at"):
        campaign.run([], fault_cases.spend, Outcome, Options(dask="tcp://127.0.0.1:1"))
