"""`massager replay`: what it says of a good recording, of one that differs, of a wrong file."""

import gzip
import json
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest

from massager.core.signals import Inputs, Settings
from massager_tools import replay
from massager_tools.boards import load_board
from massager_tools.cli import main
from massager_tools.sim.host import VirtualMassager

BOARD = load_board("esp32_devkitc")
START = {"at_ms": 1_000, "do": "press", "button": "power", "for_ms": 600}


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds from power-on."""
    file = tmp_path_factory.mktemp("recording") / "short.rec"
    with (
        replay.recording_into(file, BOARD, on_cpython=True) as flash,
        VirtualMassager(
            BOARD, flash_dir=flash, events=[START], until_ms=6_000, on_cpython=True
        ) as massager,
    ):
        for _ in massager.rows():
            pass
    return file


def test_columns_and_settings_have_their_names(recording: Path) -> None:
    """Names that deployment makes short are others in another tree."""
    head = json.loads(gzip.decompress(recording.read_bytes()).partition(b"\n")[0])
    assert set(vars(Inputs())) < set(head["columns"])
    assert set(vars(Settings())) == set(head["settings"])


def changed(recording: Path, change: Callable[[bytes, bytes], bytes]) -> Path:
    """The same file with something else behind its frame: first line and rows are given."""
    head, _, rows = gzip.decompress(recording.read_bytes()).partition(b"\n")
    file = recording.with_name("changed.rec")
    file.write_bytes(gzip.compress(change(head, rows)))
    return file


def test_the_same(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["replay", "--python", str(recording)]) == 0
    assert capsys.readouterr().out.endswith(" ticks: the same, tick by tick\n")
    assert main.run(["replay", "--python", "--json", str(recording)]) == 0
    output = json.loads(capsys.readouterr().out)
    assert output["board"] == "esp32_devkitc" and output["differences"] == {"CPython": None}
    assert output["recorded_with"] == output["tree"]


def test_the_first_tick_and_output_that_differ(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As if the recorded core had driven the pump a little harder once."""

    def harder(head: bytes, rows: bytes) -> bytes:
        columns = json.loads(head)["columns"]
        cells = array("i", rows)
        cells[300 * len(columns) + columns.index("pump_permille")] += 1
        other = head.replace(replay.firmware_digest().encode(), b"0123456789ab")
        return other + b"\n" + cells.tobytes()

    assert main.run(["replay", "--python", str(changed(recording, harder))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("CPython      tick 300: pump_permille was ")
    assert lines[1].startswith("recorded with firmware 0123456789ab, this tree is ")


WRONG_INSIDE = (
    # what is done to a good recording, what is said, exit code
    (lambda head, rows: b"", "not a recording", 2),
    (lambda head, rows: b"[1, 2]\n", "not a recording", 2),
    (lambda head, rows: head.replace(b'"board": "', b'"board": "import ') + b"\n", "not a rec", 2),
    (lambda head, rows: head.replace(b'"format": 1', b'"format": 7') + b"\n", "format 7", 2),
    (lambda head, rows: head + b"\n" + rows[:40], "no tick in it", 2),
    (lambda head, rows: head.replace(b'"late_ms"', b'"x"') + b"\n" + rows, "different firm", 1),
)


@pytest.mark.parametrize(("change", "complaint", "code"), WRONG_INSIDE)
def test_a_wrong_file_is_one_line(
    change: Callable[[bytes, bytes], bytes],
    complaint: str,
    code: int,
    recording: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main.run(["replay", "--python", str(changed(recording, change))]) == code
    err = capsys.readouterr().err
    assert complaint in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda data: data[:-100], "the end is missing"),
        (lambda data: b"massager-blackbox 2 0 0 0 0\n", "not a recording"),
        (lambda data: b"", "the end is missing"),
    ],
)
def test_a_damaged_file_is_one_line(
    change: Callable[[bytes], bytes],
    complaint: str,
    recording: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = recording.with_name("damaged.rec")
    file.write_bytes(change(recording.read_bytes()))
    assert main.run(["replay", str(file)]) == 2
    err = capsys.readouterr().err
    assert complaint in err and err.count("\n") == 1


def test_no_file_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["replay", str(tmp_path / "none.rec")]) == 2
    assert "cannot be read: No such file" in capsys.readouterr().err
