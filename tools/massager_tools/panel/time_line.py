"""Draw the phases of a program on a time line: air above, motor below, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from massager_tools.firmware_tables import core
from massager_tools.units import PA_PER_MMHG

_AIR = ("wave", "ripple", "squeeze", "foot first")
_MOTOR = ("steady", "swell", "pulse", "fade")
_WIDTH, _ROW, _GAP, _AXIS = 720, 40, 6, 22
_LETTER = 7.0  # the width of one, about
_MARGIN = 8.0
_FADES_ROOM = 0.75  # behind that a fading phase is lower than its text
_STEPS_MIN = (1, 2, 5, 10)


def time_line(program: Sequence[Any]) -> str:
    """Return the SVG of a compiled program, see `session/program_format.py`."""
    form = core("session.program_format")
    phases = program[form.PHASES]
    total = max(sum(phase[form.MINUTES] for phase in phases), 1)
    scale = _WIDTH / total
    parts = []
    words = []
    at = 0
    for phase in phases:
        x, width = at * scale, phase[form.MINUTES] * scale
        air, motor = _air(form, phase), _motor(form, phase)
        for row, (kind, text) in enumerate((("air", air), ("motor", motor))):
            parts.append(_block(x, width, row, kind, text, phase[form.FADES]))
        words.append(f"{phase[form.MINUTES]} min {air or 'no air'}, {motor or 'no motor'}")
        at += phase[form.MINUTES]
    height = 2 * (_ROW + _GAP) + _AXIS
    return (
        f'<svg class="time-line" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape("; ".join(words))}">{"".join(parts)}{_scale(total, scale)}</svg>'
    )


def heat_words(program: Sequence[Any]) -> str:
    """Return with which heat and level a program starts."""
    form = core("session.program_format")
    warm = core("limits").HEAT_LEVELS_MC
    heat = program[form.HEAT]
    heat_text = "as last time" if heat == form.HEAT_AS_LAST else "off"
    if heat > 0:
        heat_text = f"{warm[heat - 1] // 1000} °C"
    level = program[form.LEVEL]
    return f"heat {heat_text}, level {level if level else 'as last time'}"


def _air(form: Any, phase: Sequence[Any]) -> str:
    if phase[form.PATTERN] == form.NONE:
        return ""
    mmhg = phase[form.PRESSURE_PA] / PA_PER_MMHG
    hold_s, rest_s = phase[form.HOLD_MS] / 1000, phase[form.REST_MS] / 1000
    return f"{_AIR[phase[form.PATTERN]]}, {mmhg:.0f} mmHg, {hold_s:g} s on, {rest_s:g} s off"


def _motor(form: Any, phase: Sequence[Any]) -> str:
    if phase[form.MOTOR] == form.NONE:
        return ""
    return f"{_MOTOR[phase[form.MOTOR]]}, {phase[form.SPEED_RPM]} rpm"


def _block(x: float, width: float, row: int, kind: str, text: str, fades: bool) -> str:
    y = row * (_ROW + _GAP)
    if not text:
        return ""
    room = width * (_FADES_ROOM if fades else 1.0) - 2 * _MARGIN
    short = text.partition(",")[0]
    shown = next((words for words in (text, short) if len(words) * _LETTER < room), "")
    # a fading phase becomes lower towards its end
    end = y + (_ROW * 0.7 if fades else 0)
    return (
        f'<path class="{kind}" d="M{x + 1:.1f} {y} L{x + width - 1:.1f} {end:.1f} '
        f'V{y + _ROW} H{x + 1:.1f} Z"><title>{escape(text)}</title></path>'
        f'<text x="{x + _MARGIN:.1f}" y="{y + _ROW - 8}">{escape(shown)}</text>'
    )


def _scale(total: int, scale: float) -> str:
    step = next((step for step in _STEPS_MIN if total / step <= 12), _STEPS_MIN[-1])
    y = 2 * (_ROW + _GAP) + _AXIS - 6
    marks = []
    for minute in range(0, total + 1, step):
        anchor = "start" if minute == 0 else "end" if minute + step > total else "middle"
        unit = " min" if minute == 0 else ""
        marks.append(
            f'<text class="axis" text-anchor="{anchor}" x="{minute * scale:.1f}" '
            f'y="{y}">{minute}{unit}</text>'
        )
    return "".join(marks)
