"""`massager faults --memory`: what a device has kept about its faults."""

import json
from pathlib import Path

import pytest

from host_tests.memory.test_memory import Device
from massager.core.safety import readings
from massager_tools import cli
from massager_tools.kept.transport import NAMESPACE, save_nvs

CODES = (12, 41)  # the newest first


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """The memory of a device with two faults kept."""
    device = Device()
    for row, code in enumerate(CODES):
        start = row * len(readings.FIELDS)
        device.settings.readings[start + readings.CODE] = code
        device.settings.readings[start + readings.PAD_A_MC] = 41_500 + row
    device.wait()
    path = tmp_path / "memory.json"
    save_nvs(path, {NAMESPACE: {key: list(data) for key, data in device.store.blobs.items()}})
    return path


def test_without_a_code_all_that_is_kept_is_shown(
    memory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["faults", "--memory", str(memory)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [f"E{code}" for code in CODES]
    assert all("pad A 41.5 °C" in line for line in lines)
    assert cli.run(["faults", "--memory", str(memory), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["code"], one["pad_a_mc"]) for one in told] == [(12, 41_500), (41, 41_501)]


def test_with_a_code_only_its_own(memory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["faults", "E41", "--memory", str(memory), "--json"]) == 0
    assert [one["code"] for one in json.loads(capsys.readouterr().out)["readings"]] == [41]


def test_nothing_kept_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "memory.json"
    path.write_text("{}", encoding="utf-8")
    assert cli.run(["faults", "--memory", str(path)]) == 0
    assert capsys.readouterr().out == "no fault kept\n"
