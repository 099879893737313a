"""The campaign of faults: what counts as unsafe, and that it is found."""

from dataclasses import replace
from pathlib import Path

import pytest

from host_tests.support.interpreter import ROOT
from massager_tools.firmware_tables import programs
from massager_tools.manual import tables
from massager_tools.verification import fault_cases, fault_catalogue, fault_judge, faults
from massager_tools.verification.fault_cases import Case
from massager_tools.verification.fault_judge import Judge, Outcome, Plan

SHORT = Case(("ntc_a_open",), "evening", (20_000,), 7, watch_ms=10_000)
SAFE = Outcome(
    key="a",
    faults=("ntc_a_open",),
    wrong=(),
    out_of_scope=(),
    activated=True,
    detected_s=0.4,
    codes=(13,),
    own=(),
    unexplained=(),
    missed=False,
    state=6,
    peak_pad_c=40.0,
    peak_mmhg=20.0,
    energy_j=0.0,
)
CALM = {
    "boots": 1,
    "supply_mv": 12_000,
    "pad_max_mc": 40_000,
    "heater_mw": 0,
    "heater_enable": 0,
    "heater_duty_permille": 0,
    "pump_mw": 0,
    "pump_duty_permille": 0,
    "chamber_max_pa": 3_000,
    "chamber_1_pa": 0,
    "valves": 0,
    "motor_mw": 0,
    "motor_rpm": 0,
    "motor_duty_permille": 0,
    "energised": 0,
    "buttons": 0,
    "failed_writes": 0,
}
OFF, CHECK, RUN, PAUSE, FAULT = 0, 1, 2, 3, 6


def watched(
    rows: dict[int, dict], fault: str = "ntc_a_open", starts_ms: tuple[int, ...] = ()
) -> Judge:
    """A judge that has seen what changes at `rows`, ms after the fault, and a row a second."""
    judge = Judge(Plan("a", ((fault, 20_000),), 20_000, starts_ms, 200_000))
    row: dict = {**CALM, "fw_state": RUN, "fw_fault": 0}
    for ms in sorted({*rows, *range(0, max(rows), 1_000)}):
        row = {**row, **rows.get(ms, {}), "t_ms": 20_000 + ms}
        judge.see(row, bool(row.pop("fell", False)))
    return judge


UNSAFE_ROWS: tuple = (
    # name, what is seen when, the demands not met
    ("nothing", {0: {}}, ""),
    ("too hot at any time", {500: {"pad_max_mc": 48_100}}, "pad"),
    ("too tight at any time", {500: {"chamber_max_pa": 8_100}}, "pressure"),
    ("squeezed for a while", {0: {"chamber_1_pa": 1_400}, 89_000: {"chamber_1_pa": 0}}, ""),
    ("squeezed for ever", {0: {"chamber_1_pa": 1_400}, 91_000: {}}, "squeeze"),
    ("at rest after a trip", {0: {"fw_state": FAULT, "fw_fault": 12}, 12_000: {}}, ""),
    ("a lamp left on", {0: {"fw_state": OFF, "energised": 4}, 12_000: {}}, "driven"),
    ("air left in a pause", {0: {"fw_state": PAUSE, "chamber_1_pa": 1_100}, 12_000: {}}, "vent"),
    ("turning in a pause", {0: {"fw_state": PAUSE, "motor_rpm": 100}, 12_000: {}}, "motor"),
    ("heat in spite of E13", {0: {"fw_fault": 13, "heater_mw": 9}, 2_000: {}}, "heat"),
    ("no heat, but the rest", {0: {"fw_fault": 13, "motor_mw": 9, "pump_mw": 9}, 2_000: {}}, ""),
    (
        "heat again after E13",
        {0: {"fw_fault": 13}, 2_000: {"fw_fault": 0}, 5_000: {"heater_mw": 9}},
        "heat",
    ),
    (
        "heat again after E11, which passes",
        {0: {"fw_fault": 11}, 2_000: {"fw_fault": 0}, 5_000: {"heater_mw": 9}},
        "",
    ),
    ("the pump in spite of E61", {0: {"fw_fault": 61, "pump_mw": 9}, 2_000: {}}, "pump"),
    (
        "a chamber full in spite of E61",
        {0: {"fw_fault": 61, "chamber_1_pa": 1_100}, 12_000: {}},
        "vent",
    ),
    ("the motor in spite of E51", {0: {"fw_fault": 51, "motor_mw": 9}, 2_000: {}}, "motor"),
    ("the motor in spite of E12", {0: {"fw_fault": 12, "motor_mw": 9}, 2_000: {}}, "motor"),
    ("power after a reset", {500: {"boots": 2, "heater_mw": 9}, 12_000: {}}, "heat"),
    ("power after a fall", {500: {"fell": True}, 600: {"pump_mw": 9}, 12_000: {}}, "pump"),
    ("power after the person's stop", {0: {"heater_mw": 9}, 192_000: {}}, "heat"),
    ("a start of its own", {0: {"fw_state": OFF}, 5_000: {"fw_state": CHECK}}, "start"),
    (
        "all that is wrong",
        {0: {"fw_state": OFF, "heater_mw": 9, "motor_rpm": 99}, 12_000: {"pad_max_mc": 49_000}},
        "heat motor pad",
    ),
)


def test_unsafe(row: tuple) -> None:
    _, seen, demands = row
    wrong = watched(seen).outcome("until").wrong
    assert sorted(one.partition(":")[0] for one in wrong) == demands.split()


def test_nothing_may_run_on_after_ctrl_c_until_a_person_starts_it() -> None:
    rows = {100: {}, 1_000: {"motor_mw": 9}, 12_000: {}}
    assert watched(rows, "ctrl_c").outcome("until").wrong
    assert not watched(rows, "ctrl_c", starts_ms=(25_000,)).outcome("until").wrong


def test_a_board_that_ends_by_itself_is_unsafe() -> None:
    assert watched({0: {}}).outcome("died").wrong == ("board: it ended: died",)


def test_what_goes_in_after_the_stop_is_counted_in_joules() -> None:
    judge = watched({0: {"fw_fault": 13, "heater_mw": 20_000}, 900: {"heater_mw": 0}})
    assert judge.outcome("until").energy_j == 2.0  # a row stands for a tenth of a second


BEYOND_ROWS: tuple = (
    # name, fault, what is seen, wrong, out_of_scope
    ("its own demand", "motor_switch_shorted", {"motor_rpm": 2_000}, "", "motor"),
    ("no other", "motor_switch_shorted", {"motor_rpm": 2_000, "heater_mw": 9}, "heat", "motor"),
    ("no other fault's", "motor_stalled", {"motor_rpm": 2_000}, "motor", ""),
    ("nor the half of it", "low_side_welded", {"heater_mw": 9}, "heat", ""),
)


def test_beyond(row: tuple) -> None:
    _, fault, seen, wrong, out_of_scope = row
    outcome = watched({0: {"fw_state": FAULT, **seen}, 12_000: {}}, fault).outcome("until")
    assert [one.partition(":")[0] for one in outcome.wrong] == wrong.split()
    assert [one.partition(":")[0] for one in outcome.out_of_scope] == out_of_scope.split()


def test_what_is_beyond_any_program_is_told_and_no_shortfall() -> None:
    fault = fault_catalogue.OUT_OF_SCOPE[0].faults
    runs_on = replace(SAFE, key="m", faults=fault, out_of_scope=("motor: turns",))
    report = faults.report([SAFE, runs_on], 2, 10.0, 2)
    assert report.ok and report.values["out_of_scope"] == 1
    assert any("motor_switch_shorted: motor: its one switch" in note for note in report.notes)


BARS_ROWS: tuple = (
    # name, the outcome, what the notes say
    ("unsafe", {"wrong": ("pad: 49.0 °C", "heat: 9 W")}, "unsafe: a: heat: 9 W"),
    ("unsafe pair", {"wrong": ("pad: 49.0 °C",), "faults": ("a", "b")}, "unsafe: a: pad"),
    ("a riddle", {"unexplained": (48,)}, "unexplained: a: E48"),
    ("missed", {"missed": True, "codes": ()}, "missed: a: no code"),
    ("a false trip", {"own": (48, 62)}, "false trip: a: E48 E62"),
)


def test_bars(row: tuple) -> None:
    _, changes, note = row
    report = faults.report([replace(SAFE, **changes)], 1, 1.0, 1)
    assert not report.ok and any(note in one for one in report.notes)


def test_a_notice_of_a_healthy_massager_is_no_false_trip() -> None:
    assert faults.report([replace(SAFE, own=(48,))], 1, 1.0, 1).ok


def test_fewer_runs_than_planned_are_told_and_fall_short() -> None:
    report = faults.report([SAFE], 1, 1.0, 9)
    assert not report.ok and "stopped after 1 of 9 runs" in report.notes


def test_what_found_nothing_to_break_is_counted() -> None:
    report = faults.report([replace(SAFE, activated=False)], 1, 1.0, 1)
    assert report.values["never_activated"] == 1 and report.values["unnoticed_and_harmless"] == 0


ACTIVATED_ROWS: tuple = (
    # name, fault, what is seen after it, activated, missed
    ("at once", "ntc_a_open", {2_500: {"fw_fault": 13}}, True, False),
    ("and not shown", "ntc_a_open", {40_000: {}}, True, True),
    ("a pump at rest", "pump_dead", {90_000: {}}, False, False),
    ("a pump that runs", "pump_dead", {0: {"pump_duty_permille": 1}, 60_000: {}}, True, True),
    ("another chamber", "hose_kinked_2", {0: {"valves": 1}, 60_000: {}}, False, False),
    ("its chamber", "hose_kinked_2", {0: {"valves": 2}, 60_000: {}}, True, True),
    ("no reset", "reset_pin", {5_000: {}}, False, False),
    ("a reset", "reset_pin", {5_000: {"boots": 2}}, True, False),
    ("nothing written", "flash_fails", {5_000: {}}, False, False),
    ("a lost write", "flash_fails", {5_000: {"failed_writes": 1}}, True, False),
    ("harmless unseen", "ntc_a_frozen", {90_000: {}}, True, False),
)


def test_activated(row: tuple) -> None:
    _, fault, seen, activated, missed = row
    outcome = watched(seen, fault).outcome("until")
    assert (outcome.activated, outcome.missed) == (activated, missed)


REDRAWN_ROWS: tuple = (
    # name, in which of the runs the pump is used, runs needed, activated at last
    ("at once", (True,), 1, True),
    ("at the second moment", (False, True), 2, True),
    ("never", (False, False, False), 3, False),
)


def test_redrawn(row: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that breaks nothing proves nothing: another moment, but not for ever."""
    _, used, runs, activated = row
    case = Case(("pump_dead",), "manual", (20_000,), 7)
    tried = []

    def live(drawn: Case) -> tuple[Judge, str]:
        tried.append(drawn)
        duty = used[len(tried) - 1]
        return watched({1_000: {"pump_duty_permille": duty}}, "pump_dead"), "until"

    monkeypatch.setattr(fault_cases, "live", live)
    outcome = fault_cases.run_case(case)
    assert (len(tried), outcome.activated, outcome.key) == (runs, activated, case.key)
    assert len({one.key for one in tried}) == runs


def test_an_error_that_nothing_calls_is_drawn_anew_in_the_same_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: set[str] = set()

    def live(drawn: Case) -> tuple[Judge, str]:
        tried.update(drawn.faults)
        return watched({1_000: {}}, drawn.faults[0]), "until"

    monkeypatch.setattr(fault_cases, "live", live)
    places = fault_catalogue.errors()["core/units.py"]
    outcome = fault_cases.run_case(Case((places[0],), "manual", (20_000,), 7))
    assert len(tried) > 1 and tried <= set(places) and set(outcome.faults) <= tried


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
    judge = watched({ms: {"fw_fault": code} for code, ms in after_ms.items()}, fault)
    outcome = judge.outcome("until", without)
    assert (outcome.detected_s, outcome.codes, outcome.own) == (detected_s, codes, own)
    assert outcome.unexplained == unexplained


def test_a_firmware_that_fell_has_told_its_code() -> None:
    outcome = watched({100: {"fell": True}}).outcome("until")
    assert (outcome.code, outcome.state, outcome.detected_s) == (4, fault_judge.FELL, 0.1)
    assert next(faults.matrix([outcome]))["ends in"] == "failed, off"


def test_every_fault_meets_every_situation_and_every_program_that_uses_its_part() -> None:
    chosen = faults.cases(1)
    assert faults.cases(1) == chosen != faults.cases(2)
    every = {fault for board in fault_cases.BOARDS for fault in fault_cases.faults_of(board)}
    for fault in every:
        mine = [case for case in chosen if case.faults == (fault,)]
        assert {case.situation for case in mine} == set(fault_cases.SITUATIONS)
        assert {case.program for case in mine} == set(fault_cases.programs_for(fault))
    assert {"exhaust_stuck_open", "hose_loose_4", "tach_lost", "power_cut"} <= every
    assert set(fault_cases.programs_for("pump_dead")) < set(programs())
    kinds = {fault_catalogue.family(fault) for case in chosen for fault in case.faults}
    assert kinds == set(fault_catalogue.CATALOGUE)


def test_pairs_are_of_faults_that_one_board_can_have() -> None:
    pairs = [case.faults for case in faults.cases(1) if len(case.faults) == 2]
    errors = [pair for pair in pairs if any(one.startswith(fault_catalogue.ERROR) for one in pair)]
    out_of_scope = [one.faults for one in fault_catalogue.OUT_OF_SCOPE if len(one.faults) == 2]
    assert set(out_of_scope) <= set(pairs)
    assert len(pairs) - len(errors) - len(out_of_scope) == faults.DOUBLES
    assert len(errors) == faults.DOUBLES_WITH_ERROR


def test_an_error_comes_in_every_file_that_a_tick_goes_through() -> None:
    files = fault_catalogue.errors()
    assert {"core/controller.py", "core/units.py", "hal/esp32.py", "telemetry.py"} <= set(files)
    for places in files.values():
        assert not any(place.rpartition(".")[2].startswith("_") for place in places)
    drawn = {fault for case in faults.cases(1) for fault in case.faults}
    assert all(drawn & set(places) for places in files.values())


def test_the_picture_has_every_run(tmp_path: Path) -> None:
    bad = replace(SAFE, key="b", detected_s=None, wrong=("bad",))
    report = faults.report([SAFE, bad], 2, 1.0, 2)
    assert report.draw is not None
    report.draw(tmp_path / "faults.png")
    assert (tmp_path / "faults.png").read_bytes().startswith(b"\x89PNG")


def test_the_results_show_every_kind_of_fault() -> None:
    text = (ROOT / "host_tests/RESULTS.md").read_text(encoding="utf-8")
    shown = text.partition("<!-- campaign -->\n")[2].partition("<!-- /campaign -->")[0]
    head, _, *rows = shown.strip().splitlines()
    assert head == tables.campaign_table(list(faults.matrix([SAFE]))).splitlines()[0]
    not_run = text.partition("<!-- not-run -->\n")[2].partition("<!-- /not-run -->")[0]
    named = [row.split("`")[1] for row in rows] + not_run.split("`")[1::2]
    assert sorted(named) == sorted(fault_catalogue.CATALOGUE)


NO_FAULTS = """import massager.core.safety.fault_manager as latches
latches.FaultGroup.update = lambda self, now_ms, conditions: None
"""
NO_STOPS = """import massager.core.guards as guards
_real_step = guards.Guards.step
def _step(self, *arguments):
    _real_step(self, *arguments)
    self.stops = 0
guards.Guards.step = _step
"""
NO_MIND = """import massager.core.controller as controller
_real_step = controller.Controller.step
def _step(self, now_ms, *arguments):
    if now_ms < 20_000:
        _real_step(self, now_ms, *arguments)
controller.Controller.step = _step
"""
CANARY_ROWS: tuple = (
    # name, what is taken from the firmware, fault, program, watched s, what has to be found
    ("no fault is seen", NO_FAULTS, "ntc_a_open", "manual", 10, "missed"),
    ("nor the supply's", NO_FAULTS, "brown_out", "manual", 10, "missed"),
    ("heat goes on", NO_STOPS, "ntc_a_open", "manual", 10, "heat"),
    ("the motor goes on", NO_STOPS, "motor_stalled", "presleep", 15, "motor"),
    (
        "all goes on as it was",
        NO_MIND,
        "blanket",
        "manual",
        105,
        "pressure squeeze vent heat pump motor driven",
    ),
)


@pytest.mark.micropython
def test_canary(row: tuple) -> None:
    """A firmware that has lost its guard has to come out as such, or no run proves anything."""
    _, prelude, fault, program, watched_s, found = row
    case = Case((fault,), program, (20_000,), 7, heat="boost", watch_ms=watched_s * 1_000)
    judge, reason = fault_cases.live(case, prelude=prelude)
    outcome = judge.outcome(reason)
    demands = {one.partition(":")[0] for one in outcome.wrong}
    assert set(found.split()) <= demands | ({"missed"} if outcome.missed else set())


@pytest.mark.micropython
def test_a_real_fault_ends_safe() -> None:
    outcome = fault_cases.run_case(SHORT)
    assert outcome.activated and not outcome.wrong and not outcome.missed
    assert outcome.detected_s is not None and outcome.detected_s < 2


@pytest.mark.micropython
def test_an_error_in_the_core_ends_safe() -> None:
    guard = fault_catalogue.errors()["core/heat/guard.py"]
    name = next(one for one in guard if one.endswith("HeatGuard.step"))
    outcome = fault_cases.run_case(replace(SHORT, faults=(name,)))
    assert outcome.activated and not outcome.wrong


@pytest.mark.micropython
def test_a_code_that_the_fault_does_not_explain_is_looked_for_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fault_cases, "expected_codes", lambda names: set())
    monkeypatch.setattr(fault_judge, "expected_codes", lambda names: set())
    assert fault_cases.run_case(SHORT).unexplained == (13,)  # not without it, so not its own
