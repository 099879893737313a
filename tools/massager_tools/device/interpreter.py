"""Writes MicroPython onto a bare chip with esptool, which runs as a program."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from massager_tools.errors import Failure, UsageError

OFFSETS = {"esp32": 0x1000, "esp32s3": 0, "esp32c3": 0, "esp32c6": 0}
"""Where the image starts: the ROM of an ESP32 looks one sector later than those after it."""

_BAUD = "460800"
_MAGIC = 0xE9  # of ESP-IDF's image format; the chip's id is in bytes 12 and 13
_IMAGE_CHIPS = {0: "esp32", 2: "esp32s2", 5: "esp32c3", 9: "esp32s3", 13: "esp32c6"}
_TIMEOUT_S = 300.0
_ESPTOOL = (sys.executable, "-m", "esptool")

Run = Callable[[Sequence[str]], str]
"""Runs a program and returns what it prints; Failure where it fails."""


def check_image(path: Path, chip: str, sha256: str | None) -> None:
    """UsageError where the file is not an interpreter for `chip`, or not the one meant."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and found != sha256.lower():
        raise UsageError(f"{path}: its SHA-256 is {found}, not what was asked for; fetch it again")
    if len(data) < 16 or data[0] != _MAGIC:
        raise UsageError(f"{path}: no image for these chips; take the .bin from micropython.org")
    made_for = _IMAGE_CHIPS.get(int.from_bytes(data[12:14], "little"), "another chip")
    if made_for != chip:
        raise UsageError(f"{path}: made for {made_for}, and the board is for {chip}")


def connected_chip(port: str, run: Run | None = None) -> str:
    """Which chip answers on `port`, in the words of the board files. Resets it."""
    output = (run or _run)([*_ESPTOOL, "--port", port, "chip-id"])
    match = re.search(r"(?:Chip type:|Connected to|Chip is)\s+(ESP32(?:-[SCHP]\d+)?)", output)
    if match is None:
        raise Failure(f"{port}: esptool does not say which chip that is")
    return match[1].lower().replace("-", "")


def write(port: str, chip: str, image: Path, erase: bool, run: Run | None = None) -> None:
    """Write `image` where the chip looks for it; `erase` clears everything before."""
    command = [*_ESPTOOL, "--chip", chip, "--port", port, "--baud", _BAUD]
    if erase:
        (run or _run)([*command, "--after", "no-reset", "erase-flash"])
    (run or _run)([*command, "write-flash", hex(OFFSETS[chip]), str(image)])


def _run(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Failure(f"esptool has hung for {_TIMEOUT_S:.0f} s; see the cable") from None
    if done.returncode != 0:
        raise Failure(_complaint(done.stdout))
    return done.stdout


def _complaint(output: str) -> str:
    """esptool's own words, and what helps most often."""
    found = re.search(r"fatal error occurred: (.+)", output)
    words = found[1] if found else (output.strip().splitlines() or ["no word"])[-1]
    return f"esptool: {words.rstrip('.')}; hold BOOT while it connects, and close other programs"
