"""The menu of faults to switch on and off while the virtual massager runs."""

from typing import Any

SHOWN = 7  # entries at a time: with the gauges they fill a terminal of 24 lines

_UP_DOWN = {"up": -1, "down": 1}
_TOGGLE = ("\n", "\r", " ")


class FaultMenu:
    """A list with a cursor; `on` holds the active faults."""

    def __init__(self, faults: dict[str, str]) -> None:
        self.faults = faults
        self.open = False
        self.on: list[str] = []
        self._names = list(faults)
        self._at = 0

    def press_key(self, key: str) -> list[dict[str, Any]] | None:
        """Return the events of a key; None if the key is not the menu's."""
        if key == "f":
            self.open = not self.open
        elif not self.open:
            return None
        elif key == "escape":
            self.open = False
        elif key in _UP_DOWN:
            self._at = (self._at + _UP_DOWN[key]) % len(self._names)
        elif key in _TOGGLE:
            return [self._toggle(self._names[self._at])]
        elif key == "0":
            return [self._toggle(name) for name in list(self.on)]
        else:
            return None
        return []

    def entries(self) -> list[tuple[bool, bool, str, str]]:
        """Return (under the cursor, active, name, text) of the visible entries."""
        first = min(max(0, self._at - SHOWN // 2), max(0, len(self._names) - SHOWN))
        return [
            (name == self._names[self._at], name in self.on, name, self.faults[name])
            for name in self._names[first : first + SHOWN]
        ]

    def _toggle(self, name: str) -> dict[str, Any]:
        on = name not in self.on
        if on:
            self.on.append(name)
        else:
            self.on.remove(name)
        return {"do": "fault", "name": name, "on": on}
