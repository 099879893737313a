"""The leg as a picture: an SVG that is drawn once, moved by custom properties of CSS."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from massager_tools.firmware_tables import core
from massager_tools.panel.device import Values, chamber_names

CHAMBERS_MAX = 4
LIGHTS = 8
_WIDTH, _HEIGHT = 420, 540
_ANKLE_Y, _KNEE_Y = 400.0, 62.0
_DIM, _BRIGHT = 110, 40  # the least that a screen shows of a light, and what counts as full
_COLD_MC = 24_000
_SHOWN_TURN = 20.0  # the picture turns so many times slower than the shaft
_RPM_STEP = 100  # finer steps would set the animation off anew

# the leg's outline, seen from the side: the shin and the calf by height
_SHIN = ((40.0, 182.0), (130.0, 176.0), (260.0, 184.0), (400.0, 196.0))
_CALF = ((40.0, 276.0), (130.0, 296.0), (200.0, 300.0), (300.0, 270.0), (400.0, 240.0))
_LEG = (
    "M182 22 C178 60 174 110 176 150 C178 220 188 320 196 402 C190 428 150 440 112 452 "
    "C88 460 78 470 80 482 L252 482 C262 470 262 450 250 424 C240 402 242 388 248 366 "
    "C262 316 302 268 302 196 C302 140 284 84 276 22 Z"
)
_PAD = "M262 112 C284 168 280 226 256 290 C248 312 240 336 236 360"


def picture(chambers: int) -> str:
    """Return the SVG for so many chambers."""
    bands = "".join(_chamber(number, chambers) for number in range(1, chambers + 1))
    pipes = "".join(_pipe(number, chambers) for number in range(1, chambers + 1))
    return f"""<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" class="leg" role="img"
 aria-label="The leg in the wrap: air chambers, heating pad, motor, pump">
<path class="limb" d="{_LEG}"/>
<path class="glow" d="{_PAD}"/><path class="pad" d="{_PAD}"/><path class="wire" d="{_PAD}"/>
{bands}
<path class="pipe" d="M58 96 V{_ANKLE_Y:.0f}"/>{pipes}
<g class="pump"><circle cx="58" cy="68" r="26"/><path class="rotor" d="M58 48 V88 M38 68 H78"/></g>
<path class="plate" d="M60 500 H276"/>
<g class="motor"><circle class="case-of-motor" cx="330" cy="486" r="34"/>
<g class="shaft"><path d="M304 486 a26 26 0 0 1 52 0 Z"/><circle cx="330" cy="486" r="5"/></g></g>
<path class="rod" d="M276 500 L302 492"/>
<text x="58" y="32">pump</text><text x="330" y="440">motor</text>
</svg>"""


def place(number: int, chambers: int) -> tuple[float, float]:
    """Return where to write about a chamber, in percent of the picture: left and top."""
    _, y, _ = _band(number, chambers)
    return 100 * (_at(_CALF, y) + 48) / _WIDTH, 100 * y / _HEIGHT


def properties(values: Values) -> dict[str, str]:
    """Return the picture's custom properties for the newest values."""
    limits = core("limits")
    found = {
        "--pad": f"{_share(_pad_mc(values), _COLD_MC, limits.HEAT_CUT_MC):.2f}",
        "--heater": f"{_heater_permille(values) / 1000:.2f}",
        "--pump": _seconds_a_turn(2 * values.get("fw_pump_permille", 0)),
        "--pumping": "1" if values.get("fw_pump_permille", 0) else "0",
        "--pumping-state": "running" if values.get("fw_pump_permille", 0) else "paused",
        "--manifold": f"{_fill(_manifold_pa(values)):.2f}",
        "--turn": _seconds_a_turn(_rpm(values)),
        "--turning": "running" if _rpm(values) >= _RPM_STEP / 2 else "paused",
        "--leg": str(values.get("leg", 1)),
    }
    valves = _known(values, "valves", "fw_chambers")
    true_pa = [values[name] for name in chamber_names(values)]
    for number in range(CHAMBERS_MAX):
        is_on = valves >> number & 1
        # without sensors of its own a chamber has the manifold's pressure while it is open to it
        pa = true_pa[number] if number < len(true_pa) else _manifold_pa(values) * is_on
        found[f"--c{number + 1}"] = f"{_fill(pa):.2f}"
        found[f"--v{number + 1}"] = str(is_on)
    for number, colour in enumerate(lights(values), 1):
        found[f"--l{number}"] = colour
    return found


def lights(values: Mapping[str, Any]) -> list[str]:
    """Return the colour of each light of the case, bright enough for a screen."""
    data = bytes.fromhex(values.get("pixels", ""))
    colours = []
    for at in range(0, 3 * LIGHTS, 3):
        green, red, blue = data[at : at + 3] if at + 3 <= len(data) else (0, 0, 0)
        most = max(red, green, blue)
        if not most:
            colours.append("transparent")
            continue
        # the stick is dimmed for the dark, a screen is not: the hue stays, the light grows
        scale = (_DIM + (255 - _DIM) * min(1.0, most / _BRIGHT)) / most
        colours.append(
            "rgb({:.0f} {:.0f} {:.0f})".format(*(scale * c for c in (red, green, blue)))
        )
    return colours


def _band(number: int, chambers: int) -> tuple[float, float, float]:
    """Return top, middle and bottom of a chamber, counted from the ankle."""
    height = (_ANKLE_Y - _KNEE_Y) / chambers
    bottom = _ANKLE_Y - (number - 1) * height
    return bottom - height + 6, bottom - height / 2, bottom - 2


def _chamber(number: int, chambers: int) -> str:
    top, middle, bottom = _band(number, chambers)
    reach = (bottom - top) / 2
    sides = "".join(
        f'<ellipse class="lobe" style="transform-origin:{x:.0f}px {middle:.0f}px" cx="{x:.0f}" '
        f'cy="{middle:.0f}" rx="30" ry="{reach:.0f}"/>'
        for x in (_at(_SHIN, middle), _at(_CALF, middle))
    )
    corners = (
        f"M{_at(_SHIN, top):.0f} {top:.0f} L{_at(_CALF, top):.0f} {top:.0f} "
        f"Q{_at(_CALF, middle) + 4:.0f} {middle:.0f} {_at(_CALF, bottom):.0f} {bottom:.0f} "
        f"L{_at(_SHIN, bottom):.0f} {bottom:.0f} "
        f"Q{_at(_SHIN, middle) - 4:.0f} {middle:.0f} {_at(_SHIN, top):.0f} {top:.0f} Z"
    )
    return (
        f'<g class="chamber" style="--fill:var(--c{number})">{sides}'
        f'<path class="band" d="{corners}"/></g>'
    )


def _pipe(number: int, chambers: int) -> str:
    _, middle, _ = _band(number, chambers)
    end = _at(_SHIN, middle) - 24
    return (
        f'<g style="--on:var(--v{number})"><path class="hose" d="M58 {middle:.0f} H{end:.0f}"/>'
        f'<circle class="valve" cx="96" cy="{middle:.0f}" r="9"/></g>'
    )


def _at(curve: tuple[tuple[float, float], ...], y: float) -> float:
    """Return x of a curve at the height `y`, between the points that are given."""
    for (y_1, x_1), (y_2, x_2) in pairwise(curve):
        if y <= y_2:
            return x_1 + (x_2 - x_1) * max(0.0, y - y_1) / (y_2 - y_1)
    return curve[-1][1]


def _share(value: float, low: float, high: float) -> float:
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _fill(pa: float) -> float:
    return _share(pa, 0, core("limits").PRESSURE_SET_MAX_PA)


def _known(values: Values, name: str, otherwise: str) -> int:
    """Return a true value, or on a real massager what its telemetry says in its place."""
    value = values.get(name, values.get(otherwise, 0))
    return int(value or 0)


def _pad_mc(values: Values) -> int:
    return max(_known(values, "pad_mc", "fw_pad_a_mc"), _known(values, "pad_mc", "fw_pad_b_mc"))


def _heater_permille(values: Values) -> int:
    if "heater_mw" in values:
        return 1000 if values["heater_mw"] > 0 else 0
    return int(values.get("fw_heater_permille", 0))


def _manifold_pa(values: Values) -> int:
    return _known(values, "manifold_pa", "fw_pressure_pa")


def _rpm(values: Values) -> int:
    return _known(values, "motor_rpm", "fw_rpm")


def _seconds_a_turn(rpm: float) -> str:
    shown = max(round(rpm / _RPM_STEP) * _RPM_STEP, _RPM_STEP)
    return f"{60 * _SHOWN_TURN / shown:.2f}s"
