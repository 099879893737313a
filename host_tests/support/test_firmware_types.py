"""The type check of the firmware knows the chip's modules, and nothing that it lacks."""

from pathlib import Path

from host_tests.support.firmware_types import check

HEAD = """
import time
import esp32
from machine import ADC, PWM, WDT, Pin
from micropython import const
from neopixel import NeoPixel
from massager.core import units

GOOD = PWM(Pin(1), freq=100, duty_u16=0), ADC(Pin(2)).read_uv(), esp32.NVS("m").get_i32("k")
TICK = time.ticks_add(time.ticks_ms(), units.clamp(const(1), 2, 3))
"""

BAD_LINES = {
    "import dataclasses": "dataclasses",
    "import logging": "logging",
    "import pytest": "pytest",
    "Pin(1, wrong=3)": 'Unexpected keyword argument "wrong"',
    "PWM(Pin(1)).bogus()": '"PWM" has no attribute "bogus"',
    "time.monotonic()": 'no attribute "monotonic"',
    "units.bogus": 'no attribute "bogus"',
    "const(3) + 'x'": "Unsupported operand types",
    "board: dict = {}": "Missing type arguments",
}


def test_every_bad_line_is_reported(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    body = "".join(f"    {line}\n" for line in BAD_LINES)
    sample.write_text(f"{HEAD}def f() -> None:\n{body}", encoding="utf-8")
    clean, report = check([sample])
    first = HEAD.count("\n") + 2
    for number, (line, complaint) in enumerate(BAD_LINES.items(), first):
        found = [text for text in report.splitlines() if f"sample.py:{number}: error" in text]
        assert any(complaint in text for text in found), f"{line}\n{report}"
    assert not clean
    assert f"Found {len(BAD_LINES)} errors in 1 file" in report


def test_good_lines_are_clean(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(HEAD, encoding="utf-8")
    clean, report = check([sample])
    assert clean, report
