"""The generated tables and the texts of gestures and faults follow the firmware."""

import pytest

from host_tests.support.interpreter import ROOT
from massager_tools.cli import main
from massager_tools.firmware_tables import core
from massager_tools.manual.fault_texts import fault, faults, without_text
from massager_tools.manual.gesture_texts import panel_rows
from massager_tools.manual.program_notes import program_notes
from massager_tools.manual.tables import TABLES, documents, renewed, safety_case
from massager_tools.verification.fault_catalogue import CATALOGUE, OUT_OF_SCOPE


@pytest.mark.parametrize("document", documents())
def test_a_document_says_what_the_data_say(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert renewed(text, document) == text, "run python -m massager_tools.manual.tables"


@pytest.mark.parametrize("name", TABLES)
def test_a_stale_table_is_seen(name: str) -> None:
    document, _ = TABLES[name]
    text = (ROOT / document).read_text(encoding="utf-8")
    stale = text.replace(f"<!-- /{name} -->", f"| old | row |\n<!-- /{name} -->")
    assert stale != text
    assert renewed(stale, document) == text
    with pytest.raises(ValueError, match=name):
        renewed(text.replace(f"<!-- {name} -->", ""), document)


def test_the_safety_case_has_every_kind_of_fault() -> None:
    table, _, unseen = safety_case().partition("\n\n")
    rows = table.splitlines()[2:]
    pairs = [each for each in OUT_OF_SCOPE if len(each.faults) > 1]
    assert len(set(rows)) == len([kind for kind in CATALOGUE.values() if kind.codes]) + len(pairs)
    groups = unseen.partition("\n\n")[2].splitlines()
    named = [name for group in groups for name in group.split("; ")]
    assert len(named) == len([kind for kind in CATALOGUE.values() if not kind.codes])


def test_every_gesture_has_a_text() -> None:
    rows = panel_rows()
    assert len(rows) == len(core("hmi.gestures").GESTURES)
    assert all(row.buttons and row.gesture and row.when and row.does for row in rows)
    assert (rows[0].buttons, rows[0].gesture, rows[0].when) == ("power", "touch", "always")


def test_run_keys_prints_the_whole_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["run", "--keys"]) == 0
    shown = capsys.readouterr().out
    for row in panel_rows():
        assert row.does in shown
        assert row.gesture in shown


def test_every_program_cites_where_it_comes_from() -> None:
    for note in program_notes():
        assert len(note.evidence) > 40, note.name


def test_every_fault_has_a_text() -> None:
    assert without_text() == [], "tools/massager_tools/manual/fault_texts.json"


def test_no_fault_is_left_out() -> None:
    table = core("safety.fault_table")
    rows = [row for group in ("HEAT", "AIR", "MOTOR", "SYSTEM") for row in getattr(table, group)]
    assert sorted(row[table.CODE] for row in rows) == [one.code for one in faults()]


@pytest.mark.parametrize("text", ["E12", "e12", "12", "pad_over_temp_trip", " E12 "])
def test_a_fault_is_found_as_people_write_it(text: str) -> None:
    one = fault(text)
    assert (one.label, one.blinks, one.stops) == ("E12", "1, a pause, 2", "everything")


STOPS_ROWS = (
    ("E01", "the session, until a person goes on", "press power to go on"),
    ("E13", "the heat", "hold power for 3 s"),
    ("E16", "nothing", "by itself, with its cause"),
    ("E45", "everything", "hold power for 3 s"),
)


def test_stops(row: tuple[str, str, str]) -> None:
    label, stops, clears = row
    assert fault(label).stops == stops
    assert clears in fault(label).clears


def test_faults_lists_all_and_explains_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["faults"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(faults())
    assert main.run(["faults", "E45"]) == 0
    shown = capsys.readouterr().out
    for word in ("VENT_FAILED", "happened", "stops     everything", "check", "clear"):
        assert word in shown


def test_an_unknown_fault_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["faults", "E99"]) == 2
    said = capsys.readouterr().err
    assert said == "massager: no fault 'E99'; `massager faults` lists them all\n"
