"""The faults there are, when each of them strikes, and what the massager must say of it.

The plant's faults come from its own table. To these come what a person or the mains do to
the chip, spoilt memory, and an error thrown in any function that a tick goes through.
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
    "reset_pin": {"do": "reset_pin"},
    "panic": {"do": "panic"},
    "nvs_wipe": {"do": "nvs_wipe"},
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
"""Memory and fuses are read at power-up; and nobody tightens a wrap in no time: over a filled
chamber the model would squeeze its air."""
ERROR = "error in "
_RUNNING = (
    *("core", "hal/esp32.py", "hal/tach.py", "telemetry.py", "storage/settings_store.py"),
    *("storage/session_log.py", "storage/crc_block.py", "storage/blackbox.py"),
)
"""What a tick goes through, below `firmware/massager`; the rest only starts it."""


@dataclass(frozen=True)
class Kind:
    """`use`: what has to happen for the fault to strike, a name of `fault_judge.USES`.

    After `within_s` of that use, or of `when`, one of `codes` must have been shown. Without
    codes the fault may pass unseen: it harms nothing.
    """

    use: str
    within_s: float = 0.0
    codes: tuple[str, ...] = ()
    when: str = ""


def _must(use: str, within_s: float, codes: str, when: str = "") -> Kind:
    return Kind(use, within_s, tuple(codes.split()), when or use)


_NTC_GONE = "NTC_A_INVALID NTC_B_INVALID NTC_SLOPE"
_NTC_OFF = "NTC_DISAGREE_WARNING NTC_DISAGREE_TRIP NTC_SLOPE NTC_STUCK"
_NO_AIR = "PUMP_OR_SENSOR_DEAD PRESSURE_FROZEN HOSE_OFF LEAK_OR_LOOSE"
_TOO_MUCH_AIR = "PRESSURE_RISING PRESSURE_WARNING PRESSURE_TRIP VENT_FAILED"
_BLOCKED = "HOSE_KINKED VALVE_STUCK_CLOSED VENT_FAILED"

KINDS: Mapping[str, Kind] = {
    # pad: a thermistor that moves by less than the two may differ harms nothing
    "ntc_open": _must("power", 2, _NTC_GONE),
    "ntc_short": _must("power", 2, _NTC_GONE),
    "ntc_detached": _must("power", 60, _NTC_OFF, "heat"),
    "ntc_drifting": _must("power", 150, _NTC_OFF),
    "ntc_drifting_down": _must("power", 150, _NTC_OFF),
    "ntc_frozen": Kind("power"),
    "high_side_welded": _must("heat", 5, "HIGH_SIDE_WELDED HEATER_WELDED", "heater off"),
    "low_side_welded": _must("heat", 0, "LOW_SIDE_WELDED NO_HEAT", "heater on again"),
    "pad_open": _must("heat", 150, "LOW_SIDE_WELDED NO_HEAT"),
    "blanket": Kind("heat"),
    # air: what only makes filling slow or lopsided is told where it matters
    "pump_dead": _must("pump", 20, _NO_AIR),
    "pump_weak": Kind("pump"),
    "pump_stuck_on": _must("pump", 30, _TOO_MUCH_AIR),
    "hose_kinked": _must("valve", 30, _BLOCKED),
    "hose_loose": _must("valve", 30, "HOSE_OFF LEAK_OR_LOOSE LEAK_TOO_LONG INFLATE_TIMEOUT"),
    "chamber_leak": Kind("valve"),
    "valve_stuck_open": _must("pump", 60, "VALVE_STUCK_OPEN VENT_FAILED"),
    "valve_stuck_closed": _must("valve", 30, _BLOCKED),
    "exhaust_stuck_open": Kind("pump"),
    "exhaust_stuck_closed": Kind("pump"),
    "wrap_loose": Kind("pump"),
    "wrap_tight": Kind("pump"),
    "pressure_open": _must("power", 2, "PRESSURE_INVALID"),
    "pressure_short": _must("power", 2, "PRESSURE_INVALID"),
    "pressure_frozen": _must("pump", 30, "PRESSURE_FROZEN PUMP_OR_SENSOR_DEAD PRESSURE_REPEATED"),
    # motor
    "motor_stalled": _must("motor", 20, "MOTOR_STALLED MOTOR_OVERHEATED SUPPLY_LOW"),
    "motor_switch_shorted": _must("power", 10, "MOTOR_OVERSPEED MOTOR_RUNAWAY SUPPLY_LOW"),
    "tach_sparks": Kind("motor"),
    "tach_slow_edges": Kind("motor"),
    "tach_lost": _must("motor", 20, "TACH_LOST MOTOR_STALLED"),
    "tach_noise": Kind("motor"),
    # wires and converter: single samples change nothing
    "ntc_spikes_high": Kind("power"),
    "ntc_spikes_low": Kind("power"),
    "pressure_spikes_high": Kind("power"),
    "pressure_spikes_low": Kind("power"),
    "button_induced": Kind("power"),
    "adc_failing": Kind("power"),
    "adc_uncalibrated": Kind("power"),
    "adc_low_top": Kind("power"),
    "pixels_spoilt": Kind("power"),
    # the rest: a reset, an end or a lost write is seen by what follows, not by a code
    "brown_out": _must("power", 2, "SUPPLY_LOW"),
    "button_stuck": _must("power", 17, "BUTTON_STUCK"),
    "button_chatter": Kind("button"),
    "tick_overrun": Kind("power"),
    "chip_hangs": Kind("reset"),
    "power_cut": Kind("reset"),
    "reset_pin": Kind("reset"),
    "ctrl_c": Kind("told"),
    "flash_fails": Kind("failed write"),
    "nvs_full": Kind("failed write"),
    "console_stalled": Kind("power"),
    "console_closed": Kind("power"),
    "console_pauses": Kind("power"),
    "interrupts_lost": Kind("power"),
    "nvs_slow": Kind("power"),
    "nvs_broken": Kind("power"),
    "nvs_wipe": Kind("power"),
    "panic": Kind("reset"),
    MEMORY: _must("power", 2, "MEMORY_LOST"),
    ANY_ERROR: _must("told", 0.5, "PROGRAM_ERROR"),
}
"""By family."""

_GROUPS = {"heat": "HEAT", "air": "AIR", "motor": "MOTOR"}
"""Part of the plant → the table of faults that tell of it; all else is the system's."""
_ALSO_TELL = {
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
    """The codes that tell of the parts these faults break."""
    table = core("safety.fault_table")
    codes: set[int] = set()
    by_name = {name: code for code, name in fault_names().items()}
    for fault in faults:
        part = FAULTS[fault][1] if fault in FAULTS else ""
        codes.update(row[0] for row in getattr(table, _GROUPS.get(part, "SYSTEM")))
        codes.update(by_name[name] for name in _ALSO_TELL.get(fault, ()))
    return codes


def part_of(fault: str) -> str:
    """heat, air, motor, buttons, supply or chip."""
    return FAULTS[fault][1] if fault in FAULTS else "chip"


def names(board: Mapping[str, Any]) -> list[str]:
    """Return every single fault that a board can have, but for `errors`."""
    return [*board_faults.faults_of(board), *EVENTS, MEMORY]


@cache
def errors() -> dict[str, list[str]]:
    """An error in any function that a tick goes through: file → "error in FILE [CLASS.]NAME"."""
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
    """Public functions and methods."""
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
    """The kind of a fault: any chamber's, any button's, any thermistor's, an error in any file."""
    if fault.startswith(ERROR):
        return ANY_ERROR
    words = fault.split("_")
    if words[0] == "button":
        return f"button_{words[-1]}"
    if words[0] == "ntc":
        return "_".join(("ntc", *words[2:]))
    return fault.rstrip("_1234")
