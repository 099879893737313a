"""`massager log`: what a device has kept, as a table, as CSV, as a picture."""

import csv
import json
from array import array
from pathlib import Path

import pytest

from host_tests.storage.store import TornStore
from massager.core.session import session_record
from massager.storage.session_log import SessionLog
from massager_tools.cli import main
from massager_tools.device import ports
from massager_tools.device_data.session_log import HEAT, REASONS, sessions
from massager_tools.device_data.transport import NAMESPACE, NvsFile, save_nvs
from massager_tools.errors import Failure
from massager_tools.plots.nights import draw_log


def device(tmp_path: Path, nights: int) -> Path:
    """The memory of a device that has seen so many nights."""
    store = TornStore()
    session_log = SessionLog(store)
    for night in range(nights):
        record = array("i", [0] * len(session_record.FIELDS))
        record[session_record.PROGRAM] = night % 7
        record[session_record.REASON] = session_record.COMPLETED
        record[session_record.LEVEL] = 3
        record[session_record.BEFORE] = 7
        record[session_record.AFTER] = 3 if night % 2 else session_record.NO_ANSWER
        record[session_record.TOTAL_S] = 1_800
        record[session_record.PRESSURE_S] = 600
        record[session_record.WARM_S] = 930
        record[session_record.PEAK_PAD_CC] = 4_217
        record[session_record.PEAK_PRESSURE_PA] = 4_000
        session_log.keep(record)
    path = tmp_path / "memory.json"
    save_nvs(path, {NAMESPACE: {key: list(data) for key, data in store.blobs.items()}})
    return path


def test_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["log", str(device(tmp_path, 3))]) == 0
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) == 3 + 2  # headings above, units below
    assert "7 → 3" in shown
    assert "7 → –" in shown


def test_csv_and_json_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = device(tmp_path, 12)
    assert main.run(["log", str(path), "--csv"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert main.run(["log", str(path), "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert [int(row["number"]) for row in rows] == list(range(1, 13))
    assert [row["feeling_after"] for row in rows[:2]] == ["", "3"]
    assert output[1]["program"] == "presleep"
    assert output[1]["peak_pad_c"] == 42.17
    assert output[1]["minutes_at_temperature"] == 15.5
    assert output[1]["peak_pressure_mmhg"] == 30.0


def test_picture(tmp_path: Path) -> None:
    picture = tmp_path / "nights.png"
    assert main.run(["log", str(device(tmp_path, 30)), "--plot", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("nights", "words"), [(0, "0 sessions, "), (1, "1 session, "), (2, "2 sessions, ")]
)
def test_picture_of_few_nights(nights: int, words: str, tmp_path: Path) -> None:
    records = sessions(NvsFile(device(tmp_path, nights)))
    figure = draw_log(records, tmp_path / "nights.png")
    ticks = [float(tick) for tick in figure.axes[1].get_xticks()]
    low, high = figure.axes[1].get_xlim()
    assert high - low > 10
    assert all(tick.is_integer() for tick in ticks)
    assert any(text.get_text().startswith(words) for text in figure.texts)


def test_a_new_device_has_no_sessions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "memory.json"
    path.write_text("{}", encoding="utf-8")
    assert main.run(["log", str(path)]) == 0
    assert capsys.readouterr().out == "no sessions stored yet\n"


@pytest.mark.parametrize("text", [None, "no json", "[]", '{"massager": {"journal_0": [999]}}'])
def test_a_file_that_is_no_memory_is_one_line(
    text: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "memory.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert main.run(["log", str(path)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"massager: {path}: ")
    assert err.count("\n") == 1


def test_a_memory_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"gone/memory\.json: cannot be written: No such file"):
        save_nvs(tmp_path / "gone" / "memory.json", {})


def test_every_reason_and_heat_level_has_words() -> None:
    assert len(REASONS) == session_record.INTERRUPTED + 1
    from massager.core.limits import HEAT_LEVELS_MC
    from massager.core.session.intensity import HEAT_BOOST

    assert len(HEAT) == HEAT_BOOST + 1 == len(HEAT_LEVELS_MC) + 2


@pytest.mark.parametrize(
    ("command", "instead"), [("log", "massager log FILE"), ("blackbox", "massager blackbox PATH")]
)
def test_without_a_board_it_is_said_what_else_can_be_given(
    command: str,
    instead: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(ports, "usb_ports", list)
    assert main.run([command]) == 2
    said = capsys.readouterr().err
    assert "no serial port" in said and said.rstrip().endswith(instead)
