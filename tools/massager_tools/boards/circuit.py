"""List what each pin of a board connects to; the wiring table and the drawing use this list.

The parts between a pin and its load are the same on every board; the dividers follow from
the board file. The protection parts are listed too, so that every drawing shows them.
"""

from dataclasses import dataclass
from typing import Any

from massager_tools.boards.ntc_table import TO_RAIL, fixed_ohm, sense
from massager_tools.boards.schema import BUTTONS, CHAMBERS

GATE_OHM = 100  # between pin and gate: damps the edge, spares the pin
PULL_DOWN_OHM = 10_000  # holds a gate off while the chip starts, or is not there
PULL_UP_OHM = 10_000  # stronger than the chip's own, for long wires
DATA_OHM = 330  # in a WS2812's data line
FILTER = "100 nF"
BOTTOM_OHM = 10_000  # of every divider: 100 nF then settle in under 10 ms
SENSE_TOP_OHM = 30_000  # 10.5 to 14.4 V become a clear high that the pin survives

_E24 = (10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30, 33, 36, 39, 43, 47, 51, 56, 62, 68, 75)
_E24_TOP = (82, 91)

CHIP_3V3 = "3.3 V"
GROUND = "GND"
NODE = "node between pad and low side"
CUT_OFF = "50–52 °C"
FUSE_A = {"main": 7.5, "heater": 3, "motor": 5, "air": 3, "logic": 1}
"""Slow-blow; the main one not above what the supply is rated for."""


@dataclass(frozen=True)
class Connection:
    """One pin: the role, what it works or reads, and what stands in between.

    `kind` says how it is drawn: gate, high_side, low_side, divider, button, data, logic.
    `source`, `top`, `bottom` are of a divider: the far end, and the two arms.
    """

    role: str
    pin: int
    kind: str
    part: str
    between: str
    far_end: str
    top: str = ""
    bottom: str = ""
    rail: str = ""


@dataclass(frozen=True)
class Guard:
    """A part that protects without a program, and that no program replaces."""

    part: str
    where: str
    why: str


GUARDS = (
    Guard("Class III supply, 12 V", "ahead of everything", "24 V at the most, whatever breaks"),
    Guard(f"Main fuse {FUSE_A['main']:g} A", "at the supply", "a short in any wire"),
    Guard(f"Heater fuse {FUSE_A['heater']:g} A", "heater's branch", "a short in pad or switches"),
    Guard(
        f"Thermal cut-off {CUT_OFF}",
        "on the pad, in series with it",
        "both switches welded, and all that the program cannot see: under a blanket past 100 °C",
    ),
    Guard(
        "Relief valve 60–65 mmHg",
        "on the manifold, mechanical",
        "a stuck pump: it would go on to 400 mmHg",
    ),
    Guard("3/2 valves, open without power", "chambers", "a dead chip or an empty plug vents all"),
    Guard("10 kΩ from each gate to ground", "at each MOSFET", "a chip that starts, or is gone"),
)


def connections(board: dict[str, Any]) -> list[Connection]:
    """Return the connection of every role, in the order of the board file."""
    return [_connection(board, role, spec["pin"]) for role, spec in board["roles"].items()]


def divider(permille: int, bottom_ohm: int = BOTTOM_OHM) -> int:
    """Return the upper E24 resistor, Ω, that with `bottom_ohm` gives `permille` at the pin."""
    wanted = bottom_ohm * (1000 - permille) / permille
    values: list[int] = [base * 10**power for base in (*_E24, *_E24_TOP) for power in range(1, 6)]
    return min(values, key=lambda ohm: abs(ohm - wanted))


def in_ohm(ohm: int) -> str:
    """Return a resistance as text: 47000 → "47 kΩ"."""
    return f"{ohm / 1000:g} kΩ" if ohm >= 1000 else f"{ohm} Ω"


def _connection(board: dict[str, Any], role: str, pin: int) -> Connection:
    if role in BUTTONS:
        name = f"button {role.removeprefix('button_')}"
        return Connection(role, pin, "button", name, "pull-up inside the chip", GROUND)
    if role in _ARMS:
        part, rail, top, bottom = _ARMS[role](board, role)
        between = f"{top} to {rail}, {bottom} to {GROUND}" if top else bottom
        return Connection(role, pin, "divider", part, between, rail, top, bottom, rail)
    if role in ("heater_enable", "heater_pwm"):
        return _HEATER[role](pin)
    if role in CHAMBERS or role in _LOADS:
        part, fuse = _load(role)
        between = f"{in_ohm(GATE_OHM)}, N-MOSFET, {in_ohm(PULL_DOWN_OHM)} gate to {GROUND}, diode"
        return Connection(role, pin, "gate", part, between, f"12 V, fuse {fuse}", rail=fuse)
    if role == "pixels":
        between = f"{in_ohm(DATA_OHM)} to DIN, 1000 µF at the stick"
        return Connection(role, pin, "data", "WS2812 stick, 8 lights", between, "5 V")
    if role == "lamp":
        return Connection(role, pin, "data", "LED", in_ohm(DATA_OHM), GROUND)
    part = "charge pump: 100 nF, 2 × 1N4148, 470 nF, 100 kΩ"
    between = "its voltage opens a MOSFET in series with heater_enable's; gone in 50 ms"
    return Connection(role, pin, "data", part, between, "gate of heater_enable")


def _ntc(board: dict[str, Any], role: str) -> tuple[str, str, str, str]:
    ntc = board["ntc"]
    kind = f"{in_ohm(ntc['ohm_at_25c'])} B{ntc['beta_k']}" if "beta_k" in ntc else "as its table"
    part = f"NTC {kind}, on the pad"
    ntc_to = sense(board["roles"][role])
    fixed = in_ohm(fixed_ohm(ntc, ntc_to))
    return (part, CHIP_3V3, "NTC", fixed) if ntc_to == TO_RAIL else (part, CHIP_3V3, fixed, "NTC")


def _pressure(board: dict[str, Any], _role: str) -> tuple[str, str, str, str]:
    sensor = board["pressure_sensor"]
    permille = sensor.get("divider_permille", 1000)
    part = f"pressure sensor {sensor.get('part', '')}".rstrip()
    if permille == 1000:
        return part, "its output", "", f"{FILTER} to {GROUND}"
    return part, "its output", in_ohm(divider(permille)), in_ohm(BOTTOM_OHM)


def _supply(board: dict[str, Any], _role: str) -> tuple[str, str, str, str]:
    top_ohm = divider(board["supply_divider"]["permille"])
    return "12 V, measured", "12 V", in_ohm(top_ohm), in_ohm(BOTTOM_OHM)


def _rail(board: dict[str, Any], _role: str) -> tuple[str, str, str, str]:
    top_ohm = divider(board["rail_divider"]["permille"])
    return "3.3 V, measured", CHIP_3V3, in_ohm(top_ohm), in_ohm(BOTTOM_OHM)


def _sense(_board: dict[str, Any], _role: str) -> tuple[str, str, str, str]:
    return "heater's node", NODE, in_ohm(SENSE_TOP_OHM), in_ohm(BOTTOM_OHM)


def _tach(board: dict[str, Any], _role: str) -> tuple[str, str, str, str]:
    magnets = board["tach_pulses_per_turn"]
    part = f"hall switch, {magnets} magnet{'s' * (magnets > 1)}, open collector"
    return part, CHIP_3V3, in_ohm(PULL_UP_OHM), "hall"


_ARMS = {
    "pad_temp_a": _ntc,
    "pad_temp_b": _ntc,
    "pressure": _pressure,
    "supply": _supply,
    "rail": _rail,
    "heater_sense": _sense,
    "tach": _tach,
}
_LOADS = {
    "pump": ("diaphragm pump, check valve at its outlet", "air"),
    "exhaust": ("2/2 valve, open without power", "air"),
    "motor": ("motor with eccentric", "motor"),
}
_HEATER = {
    "heater_enable": lambda pin: Connection(
        "heater_enable",
        pin,
        "high_side",
        "high-side switch, P-MOSFET",
        f"{in_ohm(GATE_OHM)}, N-MOSFET with {in_ohm(PULL_DOWN_OHM)} to {GROUND}; "
        f"P gate {in_ohm(PULL_UP_OHM)} to 12 V",
        "12 V, heater fuse, thermal cut-off",
        rail="heater",
    ),
    "heater_pwm": lambda pin: Connection(
        "heater_pwm",
        pin,
        "low_side",
        "low-side switch, N-MOSFET",
        f"{in_ohm(GATE_OHM)}, {in_ohm(PULL_DOWN_OHM)} gate to {GROUND}",
        "pad",
        rail="heater",
    ),
}


def _load(role: str) -> tuple[str, str]:
    if role in _LOADS:
        part, fuse = _LOADS[role]
    else:
        place = " (ankle)" if role == CHAMBERS[0] else ""
        part, fuse = f"3/2 valve of chamber {role[-1]}{place}", "air"
    return part, fuse
