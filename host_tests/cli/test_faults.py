"""`massager faults --memory`: what a device has kept about its faults."""

import json
from pathlib import Path

import pytest

from host_tests.storage.test_settings_store import Device
from massager.core.safety import freeze_frame
from massager_tools.cli import main
from massager_tools.device_data.transport import NAMESPACE, save_nvs

CODES = (12, 41)  # the newest first


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """The memory of a device with two faults kept."""
    device = Device()
    for row, code in enumerate(CODES):
        start = row * len(freeze_frame.FIELDS)
        device.settings.freeze_frames[start + freeze_frame.CODE] = code
        device.settings.freeze_frames[start + freeze_frame.PAD_A_MC] = 41_500 + row
    device.wait()
    path = tmp_path / "memory.json"
    save_nvs(path, {NAMESPACE: {key: list(data) for key, data in device.store.blobs.items()}})
    return path


def test_without_a_code_all_that_is_kept_is_shown(
    memory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["faults", "--memory", str(memory)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [f"E{code}" for code in CODES]
    assert all("pad A 41.5 °C" in line for line in lines)
    assert main.run(["faults", "--memory", str(memory), "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert [(one["code"], one["pad_a_mc"]) for one in output] == [(12, 41_500), (41, 41_501)]


def test_with_a_code_only_its_own(memory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["faults", "E41", "--memory", str(memory), "--json"]) == 0
    assert [one["code"] for one in json.loads(capsys.readouterr().out)["readings"]] == [41]


def test_nothing_kept_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "memory.json"
    path.write_text("{}", encoding="utf-8")
    assert main.run(["faults", "--memory", str(path)]) == 0
    assert capsys.readouterr().out == "no fault kept\n"
