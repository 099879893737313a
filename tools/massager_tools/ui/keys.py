"""Keys of a terminal as buttons of the massager.

A terminal reports that a key went down and, after a delay of its own (400–660 ms), that it
repeats, about 30 times a second; it never reports a release. So one keystroke
is a press of `tap_ms`, long enough to bridge the delay where that is harmless, and each
repeat lengthens it. A capital letter is a long press, wherever repeats cannot be trusted:
over a slow line, and faster than real time, where a keystroke is a tap and no more.
"""

from dataclasses import dataclass
from typing import Any

from massager_tools.sim.model.buttons import NAMES

REPEAT_GAP_MS = 200  # real time; repeats come every 30–50 ms, the keyboard is read every 100


@dataclass(frozen=True)
class Button:
    """The keys of one button; times are the massager's own."""

    keys: tuple[str, ...]
    does: str
    tap_ms: int
    hold_ms: int  # of the capital letter
    hold_does: str


BUTTONS = {
    # a start is a press of 0.3–2 s
    "power": Button(("p", " "), "start, or stop at once", 700, 3_500, "clear a fault, then p"),
    # under a second, or the firmware would take it for a hold and step again
    "up": Button(("u", "up"), "level up", 450, 2_200, "level up, once"),
    "down": Button(("d", "down"), "level down", 450, 2_200, "two levels down"),
    "program": Button(("n",), "next program; running: fade out", 450, 1_600, "relief, while off"),
    "heat": Button(("h",), "heat off, 41, 42, 43 °C", 700, 1_800, "boost 44.5 °C"),
}
assert tuple(BUTTONS) == NAMES

_BUTTON_OF_KEY = {key: name for name, button in BUTTONS.items() for key in button.keys}
_BUTTON_OF_CAPITAL = {
    key.upper(): name for key, name in _BUTTON_OF_KEY.items() if key.isalpha() and len(key) == 1
}


class HeldKeys:
    """Turn keystrokes into events of the virtual massager. Times are its own, in ms.

    `speed` is the massager's time over real time. Up to real time every release is sent
    when it is due; faster than that the massager would be far ahead by then, so presses
    carry their length.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._follows_repeats = speed <= 1
        self._gap_ms = REPEAT_GAP_MS * speed
        self._until_ms: dict[str, float] = {}

    @property
    def held(self) -> tuple[str, ...]:
        """Return the buttons that are down."""
        return tuple(self._until_ms)

    def press_key(self, key: str, now_ms: float) -> list[dict[str, Any]]:
        """Return the press that a keystroke starts, if `key` is that of a free button."""
        if key in _BUTTON_OF_KEY:
            name = _BUTTON_OF_KEY[key]
            length_ms = BUTTONS[name].tap_ms
        elif key in _BUTTON_OF_CAPITAL:
            name = _BUTTON_OF_CAPITAL[key]
            length_ms = BUTTONS[name].hold_ms
        else:
            return []
        if name in self._until_ms:
            if self._follows_repeats:
                self._until_ms[name] = max(self._until_ms[name], now_ms + self._gap_ms)
            return []
        self._until_ms[name] = now_ms + length_ms
        press: dict[str, Any] = {"do": "press", "button": name}
        return [press if self._follows_repeats else press | {"for_ms": length_ms}]

    def due_releases(self, now_ms: float) -> list[dict[str, Any]]:
        """Return the releases that are due at `now_ms`."""
        due = [name for name, until_ms in self._until_ms.items() if now_ms >= until_ms]
        for name in due:
            del self._until_ms[name]
        if not self._follows_repeats:
            return []
        return [{"do": "release", "button": name} for name in due]


def key_table() -> list[tuple[str, str, str]]:
    """Return (keys, button, what it does) of every button."""
    rows = []
    for name, button in BUTTONS.items():
        shown = " or ".join({" ": "space"}.get(key, key) for key in button.keys)
        rows.append((shown, name, button.does))
        rows.append((button.keys[0].upper(), f"{name}, held", button.hold_does))
    return rows
