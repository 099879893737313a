"""Draw a board's wiring as SVG: chip in the middle, sensors on the left, loads on the right.

Made of `circuit.connections` and nothing else, so that table and drawing cannot differ. What
protects without any program is drawn in GUARD colour.
"""

import textwrap
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import schemdraw
import schemdraw.elements as elm
from schemdraw import flow

from massager_tools.boards.circuit import (
    CUT_OFF,
    FILTER,
    FUSE_A,
    GATE_OHM,
    GUARDS,
    PULL_DOWN_OHM,
    PULL_UP_OHM,
    Connection,
    connections,
    in_ohm,
)

INK = "#1f2933"
FAINT = "#6b7785"
GUARD = "#b3261e"  # what no software replaces
PAPER = "#ffffff"
CHIP_HALF_WIDTH = 2.6
UNIT = 1.3  # length of a resistor
LEFT, EDGE, RIGHT, TOP = -9.8, -12.2, 17.2, 5.0  # of the sheet
HOSE_ROW = 1.1
GATE_ROW = 2.5
DIVIDER_ROW = 2.3
BUTTON_ROW = 1.3
DATA_ROW = 1.5
HEATER_ROWS = 9.2
FET_WIDTH = 1.37  # from gate to channel, as schemdraw draws it
FONT = "Helvetica, Arial, sans-serif"
_HEIGHTS = {"gate": GATE_ROW, "divider": DIVIDER_ROW, "button": BUTTON_ROW, "data": DATA_ROW}
_INPUTS = ("divider", "button")


def draw(board: dict[str, Any], path: Path) -> None:
    """Write the drawing of `board` to `path`."""
    schemdraw.use("svg")
    drawing = schemdraw.Drawing(show=False)
    drawing.config(unit=UNIT, fontsize=9, font=FONT, lw=1.2, color=INK, bgcolor=PAPER)
    sheet = _Sheet(drawing)
    wires = connections(board)
    left = sorted((wire for wire in wires if wire.kind in _INPUTS), key=_kind_then_pin)
    right = [wire for kind in ("gate", "data") for wire in wires if wire.kind == kind]
    heater = {wire.role: wire for wire in wires if wire.kind in ("high_side", "low_side")}
    bottom = min(
        sheet.column(left, -1, 0.0),
        sheet.column(right, 1, -HEATER_ROWS),
    )
    sheet.heater(heater["heater_enable"], heater["heater_pwm"])
    sheet.chip(board, bottom)
    sheet.power(bottom - 2.6)
    below = sheet.air(wires, bottom - 5.0)
    sheet.frame(sheet.legend(below - 0.6))
    path.write_bytes(drawing.get_imagedata("svg"))


def _kind_then_pin(wire: Connection) -> tuple[int, int]:
    return _INPUTS.index(wire.kind), wire.pin


class _Sheet:
    """One drawing; y counts upwards, the first row is at 0."""

    def __init__(self, drawing: schemdraw.Drawing) -> None:
        self._drawing = drawing

    def _add(self, element: Any) -> Any:
        return self._drawing.add(element)

    def _text(self, x: float, y: float, text: str, align: Any = "left", **style: Any) -> None:
        style = {"fontsize": 9, "color": INK, **style}
        self._add(
            elm.Label()
            .at((x, y))
            .label(text, loc="center", halign=align, valign="center", **style)
        )

    def _tag(self, x: float, y: float, text: str, side: int, color: str = INK) -> None:
        """Draw a rail or net by name, at the end of a wire that leaves to `side`."""
        self._add(elm.Dot(open=True).at((x, y)).color(color))
        self._text(x + 0.2 * side, y, text, "left" if side > 0 else "right", color=color)

    def _line(self, *points: tuple[float, float], color: str = INK) -> None:
        for start, end in pairwise(points):
            self._add(elm.Line().at(start).to(end).color(color))

    def _ground(self, x: float, y: float) -> None:
        self._add(elm.Ground().at((x, y)))

    def column(self, wires: list[Connection], side: int, top: float) -> float:
        """Draw the wires of one side of the chip from `top` down; return the next free row."""
        y = top
        draw_one: dict[str, Callable[[Connection, int, float], None]] = {
            "gate": self._gate,
            "divider": self._divider,
            "button": self._button,
            "data": self._data,
        }
        for wire in wires:
            self._pin(wire, side, y)
            draw_one[wire.kind](wire, side, y)
            y -= _HEIGHTS[wire.kind]
        return y

    def chip(self, board: dict[str, Any], bottom: float) -> None:
        """Draw the chip in the middle, as tall as its pins need."""
        top = 2.0
        width = 2 * CHIP_HALF_WIDTH
        self._add(
            flow.Box(w=width, h=top - bottom)
            .anchor("N")
            .at((0, top))
            .fill("#eef2f6")
            .zorder(0)
            .color(INK)
        )
        self._text(0, top - 0.5, board["chip"].upper(), "center", fontsize=14)
        self._text(0, top - 1.0, board["title"], "center", fontsize=7, color=FAINT)
        self._text(0, bottom + 0.5, "5 V in, 3.3 V out, GND", "center", color=FAINT)

    def _pin(self, wire: Connection, side: int, y: float) -> None:
        x = side * CHIP_HALF_WIDTH
        align = "right" if side > 0 else "left"
        self._text(x - 0.15 * side, y, wire.role, align)
        self._text(x + 0.3 * side, y + 0.22, str(wire.pin), "center", fontsize=8, color=FAINT)

    def _divider(self, wire: Connection, side: int, y: float) -> None:
        x = side * CHIP_HALF_WIDTH
        node = x + 2.8 * side
        far = node + 2.0 * side
        self._line((x, y), (node, y))
        self._add(elm.Dot().at((node, y)))
        if wire.top:
            upper = elm.Thermistor if wire.top == "NTC" else elm.Resistor
            label = "" if wire.top == "NTC" else wire.top
            self._add(upper().at((node, y)).to((far, y)).label(label, fontsize=8))
        else:
            self._line((node, y), (far, y))
        self._tag(far, y, "heater's node" if wire.role == "heater_sense" else wire.rail, side)
        if wire.role not in ("supply", "rail", "heater_sense"):  # their rail says it all
            self._text(far + 0.2 * side, y - 0.45, wire.part, "right", fontsize=7.5, color=FAINT)
        low = y - 1.35
        arm = {"NTC": elm.Thermistor, "hall": elm.Switch}.get(wire.bottom, elm.Resistor)
        if wire.top:
            label = "" if wire.bottom in ("NTC", "hall") else wire.bottom
            self._add(arm().at((node, y)).to((node, low)).label(label, loc="top", fontsize=8))
            self._ground(node, low)
        cap = node - 1.1 * side
        self._add(elm.Dot().at((cap, y)))
        self._add(elm.Capacitor().at((cap, y)).to((cap, low)))
        self._text(cap - 0.4 * side, y - 0.7, FILTER, "left", fontsize=7, color=FAINT)
        self._ground(cap, low)

    def _button(self, wire: Connection, side: int, y: float) -> None:
        x = side * CHIP_HALF_WIDTH
        end = x + 2.6 * side
        self._line((x, y), (x + 0.9 * side, y))
        self._add(elm.Button().at((x + 0.9 * side, y)).to((end, y)))
        self._line((end, y), (end + 0.4 * side, y))
        self._add(elm.Ground().at((end + 0.4 * side, y)))
        self._text(end + 0.9 * side, y, wire.part.removeprefix("button "), "right", color=FAINT)

    def _stage(self, x: float, y: float) -> Any:
        """Draw 100 Ω, the pull-down and an N-MOSFET whose gate is at the pin's height."""
        node = x + 2.0
        self._line((x, y), (x + 0.6, y))
        self._add(
            elm.Resistor().at((x + 0.6, y)).to((node, y)).label(in_ohm(GATE_OHM), fontsize=7.5)
        )
        self._add(elm.Dot().at((node, y)).color(GUARD))
        low = y - 1.2
        self._add(elm.Resistor().at((node, y)).to((node, low)).color(GUARD))
        self._text(
            node - 0.42, y - 0.65, in_ohm(PULL_DOWN_OHM), "right", fontsize=7.5, color=GUARD
        )
        self._ground(node, low)
        self._line((node, y), (node + 0.4, y))
        fet = self._add(elm.NFet().theta(0).reverse().anchor("gate").at((node + 0.4, y)))
        self._ground(*fet.source)
        return fet

    def _gate(self, wire: Connection, side: int, y: float) -> None:
        fet = self._stage(CHIP_HALF_WIDTH, y)
        x, drain = fet.drain
        load = elm.Motor if wire.role in ("pump", "motor") else elm.Inductor2
        right = x + 2.6
        top = drain + 0.1
        self._line((x, drain), (x, top))
        self._line((x, top), (x + 0.4, top))
        self._add(load().at((x + 0.4, top)).to((right - 0.4, top)))
        self._line((right - 0.4, top), (right, top))
        self._line((x + 0.2, top), (x + 0.2, top - 0.75))
        self._line((right - 0.2, top), (right - 0.2, top - 0.75))
        self._add(elm.Schottky().at((x + 0.2, top - 0.75)).to((right - 0.2, top - 0.75)))
        fuse_end = right + 1.3
        label = f"{wire.rail} {FUSE_A[wire.rail]:g} A"
        self._add(elm.Fuse().at((right, top)).to((fuse_end, top)).color(GUARD))
        self._text(right + 0.65, top + 0.42, label, "center", fontsize=7.5, color=GUARD)
        self._tag(fuse_end, top, "12 V", 1)
        self._text(right + 0.15, top - 0.85, wire.part, "left", fontsize=8, color=FAINT)

    def _data(self, wire: Connection, side: int, y: float) -> None:
        x = CHIP_HALF_WIDTH
        self._line((x, y), (x + 0.6, y))
        if wire.role == "heartbeat":
            self._line((x + 0.6, y), (x + 2.6, y))
        else:
            self._add(
                elm.Resistor().at((x + 0.6, y)).to((x + 2.6, y)).label("330 Ω", fontsize=7.5)
            )
        part = textwrap.fill(wire.part, 28)
        box = flow.Box(w=3.6, h=0.8).anchor("W").at((x + 2.6, y)).label(part, fontsize=8)
        self._add(box.color(GUARD if wire.role == "heartbeat" else INK))
        self._tag(x + 6.6, y, wire.far_end, 1)
        self._line((x + 6.2, y), (x + 6.6, y))

    def heater(self, high: Connection, low: Connection) -> None:
        """Draw fuse, cut-off, high side, pad and low side in one column, with both gates."""
        y_high = 0.0
        y_low = y_high - 5.6
        for wire, y in ((high, y_high), (low, y_low)):
            self._pin(wire, 1, y)
        driver = self._stage(CHIP_HALF_WIDTH, y_high)
        fet_low = self._stage(CHIP_HALF_WIDTH + 5.2, y_low)
        self._line((CHIP_HALF_WIDTH, y_low), (CHIP_HALF_WIDTH + 5.2, y_low))
        column = fet_low.drain[0]
        gate_y = driver.drain[1] + 0.4
        fet_high = self._add(
            elm.PFet().theta(0).reverse().anchor("gate").at((column - FET_WIDTH, gate_y))
        )
        column_high = fet_high.source[0]
        self._line(driver.drain, (driver.drain[0], gate_y), fet_high.gate)
        pull = driver.drain[0] + 0.9
        top = gate_y + 1.9
        self._add(elm.Dot().at((pull, gate_y)))
        self._add(elm.Resistor().at((pull, gate_y)).to((pull, top)).color(GUARD))
        self._text(
            pull - 0.3, gate_y + 1.0, in_ohm(PULL_UP_OHM), "right", fontsize=7.5, color=GUARD
        )
        self._line(fet_high.source, (column_high, top))
        self._line((pull, top), (column_high, top))
        self._add(elm.Dot().at((column_high, top)))
        self._add(elm.Breaker().at((column_high, top)).to((column_high + 2.4, top)).color(GUARD))
        self._text(
            column_high + 1.2,
            top + 0.7,
            f"thermal cut-off {CUT_OFF}, on the pad",
            "center",
            fontsize=8,
            color=GUARD,
        )
        start = column_high + 2.4
        self._add(elm.Fuse().at((start, top)).to((start + 1.6, top)).color(GUARD))
        self._text(
            start + 0.8, top + 0.45, f"{FUSE_A['heater']:g} A", "center", fontsize=7.5, color=GUARD
        )
        self._tag(start + 1.6, top, "12 V", 1)
        node = (column, fet_low.drain[1] + 0.5)
        self._add(elm.Line().at(fet_low.drain).to(node))
        self._add(elm.Dot().at(node))
        pad_top = fet_high.drain[1]
        self._line(fet_high.drain, (column, pad_top))
        self._add(elm.RBox().at((column, pad_top)).to(node).fill("#ffe3c2"))
        self._text(column + 0.5, (pad_top + node[1]) / 2, "heating pad, 12 to 24 W", fontsize=9)
        self._tag(column + 0.8, node[1], "to heater_sense", 1, FAINT)
        self._line(node, (column + 0.8, node[1]), color=FAINT)
        self._text(column + 0.5, y_low, "low side", fontsize=8, color=FAINT)
        self._text(column_high + 0.5, gate_y, "high side", fontsize=8, color=FAINT)

    def power(self, y: float) -> None:
        """Draw the supply, from the mains to the rails."""
        self._text(LEFT, y + 1.1, "Power", fontsize=12)
        supply = self._box(-8.0, y, 3.6, "12 V supply, class III\n60 to 90 W", GUARD)
        self._add(elm.Fuse().at((supply, y)).to((supply + 1.8, y)).color(GUARD))
        self._text(
            supply + 0.9,
            y + 0.5,
            f"main {FUSE_A['main']:g} A",
            "center",
            fontsize=7.5,
            color=GUARD,
        )
        bus = supply + 2.2
        self._line((supply + 1.8, y), (bus, y))
        self._tag(bus, y, "12 V to heater, motor, air", 1)
        x = bus + 5.4
        self._tag(x, y, "12 V", -1)
        self._add(elm.Fuse().at((x, y)).to((x + 1.6, y)).color(GUARD))
        self._text(
            x + 0.8, y + 0.45, f"{FUSE_A['logic']:g} A", "center", fontsize=7.5, color=GUARD
        )
        right = self._box(x + 3.4, y, 3.6, "buck 12 → 5 V", INK)
        self._tag(right + 0.4, y, "5 V: chip, sensor, lights", 1)
        self._line((right, y), (right + 0.4, y))

    def air(self, wires: list[Connection], top: float) -> float:
        """Draw pump, manifold and chambers with their hoses; return the next free row."""
        names = [wire.role for wire in wires if wire.role.startswith("chamber_")]
        names += [wire.role for wire in wires if wire.role == "exhaust"]
        height = HOSE_ROW * (len(names) - 1)
        y = top - height / 2
        self._text(LEFT, top, "Air", fontsize=12)
        pump = self._box(-8.6, y, 2.4, "pump", INK)
        self._line((pump, y), (pump + 0.5, y))
        check = self._box(pump + 1.7, y, 2.4, "check valve", INK)
        self._line((check, y), (check + 0.5, y))
        manifold = self._box(check + 1.9, y, 2.8, "manifold", INK)
        middle = manifold - 1.4
        self._line((middle, y - 0.45), (middle, y - 1.0))
        self._add(
            flow.Box(w=3.8, h=0.8)
            .anchor("N")
            .at((middle, y - 1.0))
            .label("relief valve 60–65 mmHg", fontsize=9)
            .color(GUARD)
        )
        self._line((middle, y + 0.45), (middle, y + 0.8))
        self._text(middle, y + 1.0, "to the pressure sensor", "center", fontsize=8, color=FAINT)
        for index, name in enumerate(names):
            row = top - index * HOSE_ROW
            self._line((manifold, y), (manifold + 0.6, y))
            self._line((manifold + 0.6, y), (manifold + 0.6, row))
            self._line((manifold + 0.6, row), (manifold + 1.2, row))
            if name == "exhaust":
                self._box(manifold + 3.2, row, 4.0, "exhaust 2/2, open to air", INK, 0.8)
                continue
            end = self._box(manifold + 3.2, row, 4.0, f"3/2 valve of {name}", INK, 0.8)
            self._line((end, row), (end + 0.6, row))
            place = ", ankle" if index == 0 else ""
            self._box(end + 2.2, row, 3.2, f"chamber {index + 1}{place}", INK, 0.8)

        return top - height - HOSE_ROW

    def _box(
        self, x: float, y: float, width: float, text: str, color: str, height: float = 0.9
    ) -> float:
        """Draw a box centred at (x, y) and return its right edge."""
        self._add(
            flow.Box(w=width, h=height)
            .anchor("center")
            .at((x, y))
            .label(text, fontsize=9)
            .color(color)
        )
        return x + width / 2

    def legend(self, y: float) -> float:
        """Draw the list of the red parts; return the next free row."""
        self._text(LEFT, y, "Red: no software replaces it", fontsize=12, color=GUARD)
        for index, guard in enumerate(GUARDS):
            text = f"{guard.part}, {guard.where}: {guard.why}"
            self._text(LEFT, y - 0.6 - 0.5 * index, text, fontsize=9)
        return y - 0.6 - 0.5 * len(GUARDS)

    def frame(self, bottom: float) -> None:
        """Draw the edge of the sheet."""
        self._add(
            flow.Box(w=RIGHT - EDGE, h=TOP - bottom).anchor("NW").at((EDGE, TOP)).color("#d5dbe1")
        )
