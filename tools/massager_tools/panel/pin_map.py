"""Draw a module with what hangs on each of its pins, as SVG."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any

from massager_tools.boards.chips import CHIPS, Chip
from massager_tools.boards.finding import Finding
from massager_tools.panel.modules import headers

_ROW, _BOARD, _LABEL, _TOP = 26, 190, 170, 62
_WIDTH = _BOARD + 2 * _LABEL
_HEAT = ("heater_enable", "heater_pwm", "pad_temp_a", "pad_temp_b", "heater_sense")


def pin_map(
    board: Mapping[str, Any],
    findings: Sequence[Finding] = (),
    marked: Collection[str] | None = None,
) -> str:
    """Return the SVG: the module, its pins, the roles beside them; errors are marked.

    With `marked`, roles that are not among them are faint.
    """
    chip = CHIPS[board["chip"]]
    roles: dict[int, list[str]] = {}
    for role, spec in board["roles"].items():
        roles.setdefault(spec["pin"], []).append(role)
    wrong = {finding.pin for finding in findings if finding.severity == "error"}
    left, right = headers(board)
    rows = max(len(left), len(right))
    height = _TOP + rows * _ROW + 40
    parts = [
        f'<rect class="module" x="{_LABEL}" y="8" width="{_BOARD}" height="{height - 16}"/>',
        f'<rect class="can" x="{_LABEL + 45}" y="22" width="{_BOARD - 90}" height="120" rx="6"/>',
        f'<text class="chip" x="{_LABEL + _BOARD / 2}" y="86">{escape(chip.name.upper())}</text>',
        f'<rect class="usb" x="{_LABEL + 70}" y="{height - 26}" width="50" height="22" rx="5"/>',
    ]
    for side, pins in enumerate((left, right)):
        for row, pin in enumerate(pins):
            names = roles.get(pin, []) if isinstance(pin, int) else []
            kind = _kind(pin, names, wrong, chip)
            if marked is not None and not any(name in marked for name in names):
                kind += " faint"
            parts.append(_pin(side, row, pin, names, kind))
    return (
        f'<svg class="pin-map" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="Pins of {escape(str(board.get("title", "")))}">{"".join(parts)}</svg>'
    )


def _pin(side: int, row: int, pin: int | str, names: Sequence[str], kind: str) -> str:
    y = _TOP + row * _ROW
    x = _LABEL + (10 if side == 0 else _BOARD - 10)
    inward, outward = (16, -18) if side == 0 else (-16, 18)
    inner, outer = ("start", "end") if side == 0 else ("end", "start")
    text = escape(", ".join(name.replace("_", " ") for name in names))
    return (
        f'<g class="{kind}"><circle cx="{x}" cy="{y}" r="7"/>'
        f'<text class="number" x="{x + inward}" y="{y + 5}" text-anchor="{inner}">{pin}</text>'
        f'<text class="role" x="{x + outward}" y="{y + 5}" text-anchor="{outer}">{text}</text></g>'
    )


def _kind(pin: int | str, names: Sequence[str], wrong: set[int | None], chip: Chip) -> str:
    if not isinstance(pin, int):
        return "power"
    if pin in wrong or len(names) > 1:
        return "wrong"
    if names:
        role = names[0]
        if role in _HEAT:
            return "heat"
        return "button-pin" if role.startswith("button") else "used"
    return "taken" if pin in chip.flash else "free"
