"""The catalogue of faults: what activates each, which codes must be shown, and how soon.

The plant's faults come from its own table. To these come what a person or the mains do to
the chip, damaged settings, and an error raised in any function that a tick goes through. The
campaigns, the safety case in the README and the menu of `massager run` read it.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from massager_tools.firmware_tables import core, fault_names
from massager_tools.paths import FIRMWARE_DIR
from massager_tools.sim import board_faults
from massager_tools.sim.model.faults import FAULTS

EVENTS: dict[str, dict[str, Any]] = {
    "power_cut": {"do": "power_cut", "for_ms": 3_000},
    "panic": {"do": "panic"},
    "nvs_wipe": {"do": "nvs_wipe"},
    "reset_pin": {"do": "reset_pin"},
    "ctrl_c": {"do": "ctrl_c"},
}
"""Faults that are no part of the plant's table."""
ONE_OFF = ("chip_hangs",)
"""One call that never ends; the program that starts after the watchdog's bite is well."""
DOWN = ("power_cut", "reset_pin", "panic", "ctrl_c", *ONE_OFF)
"""After these nothing may run until a person starts it anew."""
MEMORY = "memory_corrupt"
ANY_ERROR = "error_in_the_program"
FROM_THE_START = (MEMORY, "wrap_tight", "adc_uncalibrated", "nvs_broken")
"""Settings and fuses are read at power-up; and nobody tightens a wrap in no time: over a filled
chamber the model would squeeze its air."""
ERROR = "error in "
_RUNNING = (
    *("core", "hal/esp32.py", "hal/tach.py", "telemetry.py", "storage/settings_store.py"),
    *("storage/session_log.py", "storage/crc_block.py", "storage/blackbox.py"),
)
"""What a tick goes through, below `firmware/massager`; the rest only starts it."""


@dataclass(frozen=True)
class Kind:
    """One kind of fault: a family of the model's faults, or one from outside of the model.

    `activated`: what has to happen for the fault to have an effect, a name of
    `fault_judge.USES`. Within `within_s` of that use, or of `since`, one of `codes` must have
    been shown; without codes the fault may pass unseen, for the reason `why`. `named` are the
    codes that name the cause: the first code shown must be one of them where the part
    is studied alone; the same as `codes` unless given.
    """

    activated: str
    codes: tuple[str, ...] = ()
    within_s: float = 0.0
    since: str = ""
    named: tuple[str, ...] = ()
    why: str = ""


def _shown(activated: str, within_s: float, codes: str, since: str = "", named: str = "") -> Kind:
    """Return a kind that must be shown; `codes` and `named` are names with blanks between."""
    return Kind(
        activated,
        tuple(codes.split()),
        within_s,
        since or activated,
        tuple((named or codes).split()),
    )


def _unseen(activated: str, why: str, named: str = "") -> Kind:
    """Return a kind that may pass unseen in a session; studied alone it has to be `named`."""
    return Kind(activated, named=tuple(named.split()), why=why)


_NTC_GONE = "NTC_A_INVALID NTC_B_INVALID NTC_SLOPE"
_NTC_OFF = "NTC_DISAGREE_WARNING NTC_DISAGREE_TRIP NTC_SLOPE NTC_STUCK"
_NO_AIR = "PUMP_OR_SENSOR_DEAD PRESSURE_FROZEN HOSE_OFF LEAK_OR_LOOSE"
_TOO_MUCH_AIR = "PRESSURE_RISING PRESSURE_WARNING PRESSURE_TRIP VENT_FAILED"
_BLOCKED = "HOSE_KINKED VALVE_STUCK_CLOSED VENT_FAILED"
_LOOSE = "HOSE_OFF LEAK_OR_LOOSE LEAK_TOO_LONG INFLATE_TIMEOUT"
_SLOW = "it makes filling slow or lopsided, which harms nothing"
_SAMPLE = "single samples change nothing"
_COMMON = "the pad stays within its limits, or one of the heat's codes comes: the judge decides"
_CONSOLE = "what is printed does not hold up the loop"
_FOLLOWS = "what follows shows it, not a code"

CATALOGUE: Mapping[str, Kind] = {
    # pad
    "ntc_open": _shown("power", 2, _NTC_GONE),
    "ntc_short": _shown("power", 2, _NTC_GONE),
    "ntc_detached": _shown("power", 60, _NTC_OFF, since="heat"),
    "ntc_drifting": _shown("power", 150, _NTC_OFF),
    "ntc_drifting_down": _shown("power", 150, _NTC_OFF),
    "ntc_frozen": _unseen("power", "within what two thermistors may differ it harms nothing"),
    "high_side_welded": _shown("heat", 5, "HIGH_SIDE_WELDED HEATER_WELDED", since="heater off"),
    "low_side_welded": _shown("heat", 0, "LOW_SIDE_WELDED NO_HEAT", since="heater on again"),
    "low_side_induced": _unseen("heat", _COMMON),
    "pad_open": _shown("heat", 150, "LOW_SIDE_WELDED NO_HEAT"),
    "blanket": _unseen("heat", "it is no fault: the pad is held as warm as before"),
    # air: a sensor or a pump that dies at rest looks the same to a chip without another sense;
    # a pump that cannot be stopped is named by what it does, and both words say to check it
    "pump_dead": _shown("pump", 20, _NO_AIR, named="PUMP_OR_SENSOR_DEAD"),
    "pump_weak": _unseen("pump", _SLOW, named="PUMP_WEAK"),
    "pump_stuck_on": _shown("pump", 30, _TOO_MUCH_AIR, named="PRESSURE_RISING PRESSURE_TRIP"),
    "hose_kinked": _shown("valve", 30, _BLOCKED, named="HOSE_KINKED"),
    "hose_loose": _shown("valve", 30, _LOOSE, named="HOSE_OFF"),
    "chamber_leak": _unseen("valve", _SLOW, named="LEAK LEAK_TOO_LONG"),
    "valve_stuck_open": _shown(
        "pump", 60, "VALVE_STUCK_OPEN VENT_FAILED", named="VALVE_STUCK_OPEN"
    ),
    "valve_stuck_closed": _shown("valve", 30, _BLOCKED, named="VALVE_STUCK_CLOSED"),
    "exhaust_stuck_open": _unseen("pump", _SLOW, named="VALVE_STUCK_OPEN"),
    "exhaust_stuck_closed": _unseen("pump", _SLOW, named="EXHAUST_STUCK"),
    "wrap_loose": _unseen("pump", _SLOW, named="WRAP_LOOSE"),
    "wrap_tight": _unseen("pump", _SLOW, named="WRAP_TIGHT"),
    "pressure_open": _shown("power", 2, "PRESSURE_INVALID"),
    "pressure_short": _shown("power", 2, "PRESSURE_INVALID"),
    "pressure_frozen": _shown(
        "pump",
        30,
        "PRESSURE_FROZEN PUMP_OR_SENSOR_DEAD PRESSURE_REPEATED",
        named="PRESSURE_FROZEN PUMP_OR_SENSOR_DEAD",
    ),
    # motor
    "motor_stalled": _shown("motor", 20, "MOTOR_STALLED MOTOR_OVERHEATED SUPPLY_LOW"),
    "motor_switch_shorted": _shown("power", 10, "MOTOR_OVERSPEED MOTOR_RUNAWAY SUPPLY_LOW"),
    "tach_sparks": _unseen("motor", "edges too close together are passed over"),
    "tach_slow_edges": _unseen("motor", "an edge that leaves the pin high is none"),
    "tach_low_edges": _shown("motor", 20, "TACH_LOST MOTOR_OVERSPEED MOTOR_STALLED"),
    "tach_noise": _unseen("motor", "speed and drive are compared, and noise is passed over"),
    "tach_lost": _shown("motor", 20, "TACH_LOST MOTOR_STALLED"),
    # wires and converter: single samples change nothing
    "ntc_spikes_high": _unseen("power", _SAMPLE),
    "ntc_spikes_low": _unseen("power", _SAMPLE),
    "pressure_spikes_high": _unseen("power", _SAMPLE),
    "pressure_spikes_low": _unseen("power", _SAMPLE),
    "button_induced": _unseen("power", _SAMPLE),
    "adc_failing": _unseen("power", _SAMPLE),
    "adc_uncalibrated": _unseen("power", "such a chip is known, and refused"),
    "adc_low_top": _unseen("power", "every board stays within the lowest range"),
    "pixels_spoilt": _unseen("power", "the next frame is whole"),
    # what both thermistors have in common: the pad's true temperature is what counts
    "ntc_leak": _unseen("heat", _COMMON),
    "ntc_ground_bad": _unseen("heat", _COMMON),
    "ntc_wires_touch": _unseen("heat", _COMMON),
    "ntc_beta_wrong": _unseen("heat", _COMMON),
    "adc_frozen": _unseen("heat", _COMMON),
    "pad_folded": _unseen("heat", _COMMON),
    # the rest
    "nvs_full": _shown("failed write", 2, "MEMORY_REFUSED"),
    "console_stalled": _unseen("power", _CONSOLE),
    "console_closed": _unseen("power", _CONSOLE),
    "console_pauses": _unseen("power", _CONSOLE),
    "interrupts_lost": _unseen("power", "Ctrl-C is pressed again"),
    "nvs_slow": _unseen("power", "the store is written at rest"),
    "nvs_broken": _unseen("power", "a start says so, and stays off"),
    "nvs_wipe": _unseen("power", _FOLLOWS),
    "panic": _unseen("reset", _FOLLOWS),
    "brown_out": _shown("power", 2, "SUPPLY_LOW"),
    "button_stuck": _shown("power", 17, "BUTTON_STUCK"),
    "button_chatter": _unseen("button", "the debounce makes one press of it"),
    "tick_overrun": _unseen("power", "single late ticks are allowed"),
    "chip_hangs": _unseen("reset", _FOLLOWS),
    "power_cut": _unseen("reset", _FOLLOWS),
    "reset_pin": _unseen("reset", _FOLLOWS),
    "ctrl_c": _unseen("reported", _FOLLOWS),
    "flash_fails": _shown("failed write", 2, "MEMORY_REFUSED"),
    MEMORY: _shown("power", 2, "MEMORY_LOST"),
    ANY_ERROR: _shown("reported", 0.5, "PROGRAM_ERROR"),
}
"""By family; one row is all that a new fault of the model needs here."""

_GROUPS = {"heat": "HEAT", "air": "AIR", "motor": "MOTOR"}
"""Part of the plant → the table of faults that name it; all else is the system's."""
_ALSO_NAME = {
    "motor_switch_shorted": ("SUPPLY_LOW",),
    "motor_stalled": ("SUPPLY_LOW",),
}
"""What a fault brings on beyond its own part: these draw what no supply holds."""


@dataclass(frozen=True)
class OutOfScope:
    """A demand that no program can meet after `faults`, and why: just these are excused."""

    faults: tuple[str, ...]
    demands: tuple[str, ...]
    why: str


OUT_OF_SCOPE = (
    OutOfScope(
        ("motor_switch_shorted",),
        ("motor",),
        "its one switch conducts: only the plug stops the motor, as E55 says",
    ),
    OutOfScope(
        ("pump_stuck_on",),
        ("pump",),
        "its one switch conducts: the pump blows into open valves until the plug is pulled",
    ),
    OutOfScope(
        ("low_side_welded", "high_side_welded"),
        ("heat", "pad"),
        "both switches conduct: the thermal cut-off in series with the pad stops the heat",
    ),
)


def expected_codes(faults: Sequence[str]) -> set[int]:
    """Return the codes that name the parts these faults break."""
    table = core("safety.fault_table")
    codes: set[int] = set()
    by_name = {name: code for code, name in fault_names().items()}
    for fault in faults:
        part = FAULTS[fault][1] if fault in FAULTS else ""
        codes.update(row[table.CODE] for row in getattr(table, _GROUPS.get(part, "SYSTEM")))
        codes.update(by_name[name] for name in _ALSO_NAME.get(fault, ()))
    return codes


def part_of(fault: str) -> str:
    """Return the part a fault breaks: heat, air, motor, buttons, supply or chip."""
    return FAULTS[fault][1] if fault in FAULTS else "chip"


def part_of_family(name: str) -> str:
    """Return the part that the faults of one row of the catalogue break."""
    return next((part_of(fault) for fault in FAULTS if family(fault) == name), "chip")


def menu(board: Mapping[str, Any]) -> dict[str, str]:
    """Return name → words of every fault that a board can have, with the codes to expect."""
    codes = {name: code for code, name in fault_names().items()}
    found = {}
    for name, words in board_faults.faults_of(board).items():
        shown = " ".join(f"E{codes[one]:02}" for one in CATALOGUE[family(name)].named)
        found[name] = f"{words} ({shown})" if shown else words
    return found


def names(board: Mapping[str, Any]) -> list[str]:
    """Return every single fault that a board can have, but for `errors`."""
    return [*board_faults.faults_of(board), *EVENTS, MEMORY]


@cache
def errors() -> dict[str, list[str]]:
    """Return, by file, errors in functions that a tick runs: "error in FILE [CLASS.]NAME"."""
    root = FIRMWARE_DIR / "massager"
    found: dict[str, list[str]] = {}
    for name in _RUNNING:
        path = root / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            places = list(_functions(ast.parse(file.read_text(encoding="utf-8"))))
            if places:
                shown = file.relative_to(root).as_posix()
                found[shown] = [f"{ERROR}{shown} {place}" for place in places]
    return found


def _functions(module: ast.Module) -> Iterator[str]:
    """Return public functions and methods."""
    for node in module.body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        owner = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for item in inside:
            if (
                isinstance(item, ast.FunctionDef)
                and not item.name.startswith("_")
                and not item.decorator_list
            ):
                yield owner + item.name


def family(fault: str) -> str:
    """Return the row of the catalogue that a fault belongs to: any chamber's, any button's,
    any thermistor's, an error in any file."""
    if fault.startswith(ERROR):
        return ANY_ERROR
    words = fault.split("_")
    if words[0] == "button":
        return f"button_{words[-1]}"
    if words[0] == "ntc" and words[1] in ("a", "b"):
        return "_".join(("ntc", *words[2:]))
    return fault.rstrip("_1234")
