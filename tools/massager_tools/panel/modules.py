"""Pins of the usual modules by position, to draw them; checked against what is printed.

Sources: the user guides of Espressif's development boards (header blocks); the SuperMini as it
is sold. A number is a GPIO, a text is anything else. USB is at the bottom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Headers = tuple[Sequence[int | str], Sequence[int | str]]
"""The pins on the left and on the right, from the antenna down."""

MODULES: Mapping[str, Headers] = {
    "esp32": (
        ("3V3", "EN", 36, 39, 34, 35, 32, 33, 25, 26, 27, 14, 12, "GND", 13, 9, 10, 11, "5V"),
        ("GND", 23, 22, 1, 3, 21, "GND", 19, 18, 5, 17, 16, 4, 0, 2, 15, 8, 7, 6),
    ),
    "esp32s3": (
        (
            *("3V3", "3V3", "RST", 4, 5, 6, 7, 15, 16, 17, 18, 8, 3, 46, 9, 10, 11, 12, 13, 14),
            *("5V", "GND"),
        ),
        (
            *("GND", 43, 44, 1, 2, 42, 41, 40, 39, 38, 37, 36, 35, 0, 45, 48, 47, 21, 20, 19),
            *("GND", "GND"),
        ),
    ),
    "esp32c6": (
        ("3V3", "RST", 4, 5, 6, 7, 0, 1, 8, 10, 11, 2, 3, "5V", "GND", "NC"),
        ("GND", 16, 17, 15, 23, 22, 21, 20, 19, 18, 9, "GND", 13, 12, "GND", "NC"),
    ),
    "esp32c3": ((0, 1, 2, 3, 4, "3V3", "GND", "5V"), (21, 20, 10, 9, 8, 7, 6, 5)),
}
"""Chip → headers of the module that its shipped board is made for."""


def headers(board: Mapping[str, Any]) -> Headers:
    """Return the headers to draw for a board; pins that are on none of them come last."""
    left, right = MODULES[board["chip"]]
    used = [spec["pin"] for spec in board["roles"].values()]
    elsewhere = sorted({pin for pin in used if pin not in left and pin not in right})
    return (*left, *elsewhere), right
