"""Flashing knows its interpreter: which versions run on which chip, and what to take."""

import json
from pathlib import Path

import pytest

from massager_tools.boards.chips import CHIPS
from massager_tools.cli import main
from massager_tools.device import interpreter_faults
from massager_tools.device.flash import _require_fit
from massager_tools.device.mpremote import Identity
from massager_tools.errors import Failure

MPY = 6 | 3 << 8

REFUSED_ROWS = (
    # chip, version, what is wrong, what to take
    ("esp32", "1.22.2", "does not load .mpy files", "1.29.0"),
    ("esp32s3", "1.24.0", "20 kHz", "1.29.0"),
    ("esp32c3", "1.24.1", "20 kHz", "1.27.0"),
    ("esp32c6", "1.25.0", "machine.Timer", "1.27.0"),
    ("esp32s3", "1.26.0", "print never returns", "1.29.0"),
)


def test_refused(row: tuple[str, str, str, str]) -> None:
    chip, version, wrong, take = row
    with pytest.raises(Failure) as refusal:
        interpreter_faults.require_usable(chip, version, "u0")
    message = str(refusal.value)
    assert message.startswith(f"u0: MicroPython {version} on {chip}: ")
    assert wrong in message and f"take {take}" in message and "https://" in message
    assert "\n" not in message


WARNED_ROWS: tuple[tuple[str, str, list[str]], ...] = (
    # chip, version, part of each warning
    ("esp32", "1.24.0", ["half duty"]),
    ("esp32", "1.25.0", []),
    ("esp32", "1.29.0", []),
    ("esp32s3", "1.26.1", []),
    ("esp32c3", "1.27.0", []),
    ("esp32c3", "1.28.0", ["stall after 64 bytes"]),
    ("esp32c6", "1.29.0", ["stall after 64 bytes"]),
    ("esp32c6", "1.26", []),
)


def test_warned(row: tuple[str, str, list[str]]) -> None:
    chip, version, words = row
    warnings = interpreter_faults.require_usable(chip, version, "u0")
    assert len(warnings) == len(words)
    for warning, word in zip(warnings, words, strict=True):
        assert word in warning


def test_every_chip_has_a_version_to_take_and_every_fault_a_source() -> None:
    for chip in CHIPS:
        assert interpreter_faults.faults_of(chip, interpreter_faults.recommended(chip)) == []
    for fault in interpreter_faults.table():
        assert set(fault.chips) <= set(CHIPS)
        assert fault.first < fault.fixed and fault.source.startswith("https://")


IMAGE_ROWS = (
    # file name, contents, version
    ("ESP32_GENERIC_C6-20250415-v1.25.0.bin", b"", "1.25.0"),
    ("renamed.bin", b"\x00MicroPython v1.26.0 on 2025-08-09\x00", "1.26.0"),
    ("ESP32_GENERIC-v1.27.0.bin", b"MicroPython v1.26.0-preview.5", "1.26.0"),
    ("own.bin", b"something else", None),
)


def test_image(row: tuple[str, bytes, str | None], tmp_path: Path) -> None:
    name, contents, version = row
    path = tmp_path / name
    path.write_bytes(contents)
    assert interpreter_faults.image_version(path) == version


def test_an_image_that_cannot_run_the_firmware_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "ESP32_GENERIC_S3-20250809-v1.26.0.bin"
    image.write_bytes(bytes([0xE9]) + bytes(11) + (9).to_bytes(2, "little") + bytes(100))
    command = ["flash", "--board", "esp32s3_devkitc1", "--port", "/no/port"]
    assert main.run([*command, "--micropython", str(image)]) == 1
    assert "print never returns" in capsys.readouterr().err


MACHINE_ROWS = (
    # what sys.implementation._machine says, chip
    ("Generic ESP32 module with ESP32", "esp32"),
    ("Generic ESP32S3 module with ESP32S3", "esp32s3"),
    ("ESP32-S3 module with ESP32-S3", "esp32s3"),
    ("ESP32C6 module with ESP32-C6", "esp32c6"),
    ("Raspberry Pi Pico with RP2040", None),
)


def test_machine(row: tuple[str, str | None]) -> None:
    machine, chip = row
    assert Identity("micropython", [1, 29, 0], machine, MPY, False).chip == chip


def test_the_version_on_the_chip_is_read() -> None:
    identity = Identity("micropython", [1, 25, 0], "ESP32C6 module with ESP32-C6", MPY, False)
    with pytest.raises(Failure, match="Timer does not run"):
        _require_fit({"name": "mine", "chip": "esp32c6"}, identity, "u0")


def test_boards_list_shows_what_each_chip_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["boards", "list"]) == 0
    shown = capsys.readouterr().out
    assert "esp32c6 with MicroPython 1.27.0; usable are 1.26.0 to 1.29.0\n" in shown
    assert "usable are 1.23.0, 1.25.0, 1.26.1 to 1.29.0\n" in shown  # the S3
    assert main.run(["boards", "list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["esp32_devkitc"]["micropython"] == "1.29.0"
    assert rows["esp32_devkitc"]["micropython_usable"] == [["1.23.0", "1.29.0"]]
