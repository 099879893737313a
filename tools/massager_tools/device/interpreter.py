"""Write MicroPython onto a bare chip with esptool, which runs as a program."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from massager_tools.errors import Failure, UsageError

OFFSETS = {"esp32": 0x1000, "esp32s3": 0, "esp32c3": 0, "esp32c6": 0}
"""Flash address of the image: an ESP32 boots from one sector later than its successors."""

_BAUD = "460800"
_MAGIC = 0xE9  # of ESP-IDF's image format; the chip's id is in bytes 12 and 13
_IMAGE_CHIPS = {0: "esp32", 2: "esp32s2", 5: "esp32c3", 9: "esp32s3", 13: "esp32c6"}
_TIMEOUT_S = 300.0
_ESPTOOL = (sys.executable, "-m", "esptool")

Run = Callable[[Sequence[str]], str]
"""Run a program and return its output; Failure if it fails."""


def check_image(path: Path, chip: str, sha256: str | None) -> None:
    """Raise UsageError if the file is not an interpreter for `chip`, or has another SHA-256."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and found != sha256.lower():
        raise UsageError(f"{path}: its SHA-256 is {found}, not the expected; download it again")
    if len(data) < 16 or data[0] != _MAGIC:
        raise UsageError(f"{path}: no image for these chips; take the .bin from micropython.org")
    made_for = _IMAGE_CHIPS.get(int.from_bytes(data[12:14], "little"), "another chip")
    if made_for != chip:
        raise UsageError(f"{path}: made for {made_for}, and the board is for {chip}")


def connected_chip(port: str, run: Run | None = None) -> str:
    """Return the chip on `port`, named as in board files. This resets it."""
    output = (run or _run)([*_ESPTOOL, "--port", port, "chip-id"])
    match = re.search(r"(?:Chip type:|Connected to|Chip is)\s+(ESP32(?:-[SCHP]\d+)?)", output)
    if match is None:
        raise Failure(f"{port}: esptool did not recognise the chip")
    return match[1].lower().replace("-", "")


def write(port: str, chip: str, image: Path, erase: bool, run: Run | None = None) -> None:
    """Write `image` to the chip's boot offset; `erase` clears the flash first."""
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
        raise Failure(f"esptool has not finished in {_TIMEOUT_S:.0f} s; check the cable") from None
    if done.returncode != 0:
        raise Failure(_error_line(done.stdout))
    return done.stdout


def _error_line(output: str) -> str:
    """Return esptool's error and what helps most often."""
    found = re.search(r"fatal error occurred: (.+)", output)
    message = found[1] if found else (output.strip().splitlines() or ["no message"])[-1]
    return f"esptool: {message.rstrip('.')}; hold BOOT while it connects, and close other programs"
