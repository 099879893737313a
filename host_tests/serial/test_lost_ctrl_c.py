"""A Ctrl-C that the chip drops costs one more try."""

from pathlib import Path

import pytest

from massager_tools.device.mpremote import Device, DeviceError, NoPromptError

FAKE = """
import pathlib, sys
tries = pathlib.Path({tries!r})
count = int(tries.read_text()) + 1
tries.write_text(str(count))
if count <= {lost}:
    sys.exit("mpremote: could not enter raw repl")
if {broken}:
    sys.exit("mpremote: Error: no such file")
print("42")
"""


def device(folder: Path, monkeypatch: pytest.MonkeyPatch, lost: int, broken: bool) -> Device:
    """A device that loses so many Ctrl-C, behind an mpremote of our own."""
    (folder / "tries").write_text("0")
    source = FAKE.format(tries=str(folder / "tries"), lost=lost, broken=broken)
    (folder / "mpremote.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return Device("u0")


def tries(folder: Path) -> int:
    return int((folder / "tries").read_text())


LOST_ROWS = ((0, 1), (1, 2), (2, 3))


def test_lost(row: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lost, needed = row
    assert device(tmp_path, monkeypatch, lost, False).evaluate("6 * 7") == 42
    assert tries(tmp_path) == needed


def test_a_dead_line_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoPromptError, match="no MicroPython answers there"):
        device(tmp_path, monkeypatch, 9, False).execute("pass")
    assert tries(tmp_path) == 3


def test_what_was_executed_is_not_executed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DeviceError, match="no such file"):
        device(tmp_path, monkeypatch, 0, True).execute("pass")
    assert tries(tmp_path) == 1
