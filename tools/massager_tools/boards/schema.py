"""Define the form of a board file: its roles, keys and their values.

Only the form is checked here; rules.py checks whether the pins make sense.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from massager_tools.boards.chips import CHIPS
from massager_tools.boards.finding import Finding


@dataclass(frozen=True)
class Key:
    """One key of a table: what it takes, in words and as a test."""

    takes: str
    accepts: Callable[[Any], bool]
    optional: bool = False


def _number(low: int, high: int, unit: str = "", optional: bool = False) -> Key:
    takes = f"a whole number from {low} to {high} {unit}".rstrip()
    # bool is an int to Python; a pin called True is a mistake
    return Key(takes, lambda value: type(value) is int and low <= value <= high, optional)


def _only(number: int, why: str) -> Key:
    return Key(f"{number}, {why}", lambda value: type(value) is int and value == number)


def _table_key(optional: bool = False) -> Key:
    return Key("a table {...}", lambda value: isinstance(value, dict), optional)


def _text(optional: bool = False) -> Key:
    return Key("a text", lambda value: isinstance(value, str) and bool(value.strip()), optional)


def _one_of(*values: object, optional: bool = False) -> Key:
    takes = "one of " + ", ".join(map(repr, values))
    types = {type(value) for value in values}
    return Key(takes, lambda value: type(value) in types and value in values, optional)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]+", value) is not None


def _is_curve(value: Any) -> bool:
    """Return True for two or more (°C, Ω) pairs, each warmer and of less resistance."""
    return (
        isinstance(value, tuple)
        and len(value) >= 2
        and all(map(_is_point, value))
        and all(a[0] < b[0] and a[1] > b[1] for a, b in pairwise(value))
    )


def _is_point(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and all(type(number) in (int, float) for number in value)
        and -60 <= value[0] <= 300
        and 1 <= value[1] <= 10_000_000
    )


_PIN = {"pin": _number(0, 99), "accept": _text(optional=True)}
_SWITCH = _PIN | {"safe": _one_of(0, 1)}
_PWM = _SWITCH | {"pwm_hz": _number(10, 40_000, "Hz")}
_LIGHTS = _SWITCH | {"count": _only(8, "as many lights as the firmware draws")}
_ANALOG = _PIN | {"attenuation_db": _one_of(0, 6, 11)}
_PAD_TEMP = _ANALOG | {"ntc_to": _one_of("ground", "rail", optional=True)}
_BUTTON = _PIN | {"active": _only(0, "a button to ground, which the chip pulls up")}

CHAMBERS = tuple(f"chamber_{number}" for number in range(1, 5))
"""Valve roles, distal to proximal."""

OUTPUTS: Mapping[str, Mapping[str, Key]] = {
    # the heater first: this is also the order in which boot.py makes them safe
    "heater_enable": _SWITCH,
    "heater_pwm": _PWM,
    "heartbeat": _SWITCH,
    "pump": _PWM,
    "motor": _PWM,
    **dict.fromkeys(CHAMBERS, _SWITCH),
    "exhaust": _SWITCH,
    "pixels": _LIGHTS,
    "lamp": _SWITCH,
}
ANALOG = dict.fromkeys(("pad_temp_a", "pad_temp_b"), _PAD_TEMP) | dict.fromkeys(
    ("pressure", "supply", "rail"), _ANALOG
)
DIGITAL = {"heater_sense": _PIN, "tach": _PIN}
BUTTONS = dict.fromkeys(
    ("button_power", "button_up", "button_down", "button_program", "button_heat"), _BUTTON
)
ROLES: Mapping[str, Mapping[str, Key]] = {**OUTPUTS, **ANALOG, **DIGITAL, **BUTTONS}

_DIVIDED = {"permille": _number(1, 1_000)}  # voltage at the pin / voltage measured
_NTC = {
    "pull_up_ohm": _number(100, 1_000_000, "Ω"),
    "pull_down_ohm": _number(100, 1_000_000, "Ω", optional=True),
    "rail_mv": _number(2_500, 3_600, "mV"),
}
_NTC_BETA = _NTC | {
    "ohm_at_25c": _number(100, 1_000_000, "Ω"),
    "beta_k": _number(1_000, 10_000, "K"),
}
_NTC_CURVE = _NTC | {
    "points": Key("((temperature in °C, resistance in Ω), …), two or more, Ω falling", _is_curve)
}
_TABLES: Mapping[str, Mapping[str, Key]] = {
    "ntc": _NTC_BETA,
    "pressure_sensor": {
        "part": _text(optional=True),
        "divider_permille": _number(1, 1_000, optional=True),
        "zero_mv": _number(0, 3_300, "mV"),
        "uv_per_kpa": _number(1_000, 1_000_000, "µV/kPa"),
    },
    "motor": {"rpm_at_12v": _number(600, 10_000, "rpm")},
    "supply_divider": _DIVIDED,
    "rail_divider": _DIVIDED,
}

CONSTANT_OF_ROLE = {
    "supply": "supply_divider",
    "rail": "rail_divider",
    "tach": "tach_pulses_per_turn",
}
"""Constants that an optional role needs."""

_BOARD: Mapping[str, Key] = {
    "name": Key("a name of letters, digits, _ and -", _is_name),
    "title": _text(),
    "chip": _one_of(*CHIPS),
    "psram": _one_of("none", "quad", "octal", optional=True),
    "roles": _table_key(),
    "ntc": _table_key(),
    "pressure_sensor": _table_key(),
    "motor": _table_key(),
    "supply_divider": _table_key(optional=True),
    "rail_divider": _table_key(optional=True),
    "tach_pulses_per_turn": _number(1, 12, optional=True),
    "programs": Key(
        "a person's own programs, as `massager programs` compiles them; not written by hand",
        lambda value: isinstance(value, tuple),
        optional=True,
    ),
}


def form_findings(board: object) -> list[Finding]:
    """Return every mistake in the form of `board`; empty when there is none."""
    if not isinstance(board, dict):
        return [_error("wrong-type", "", None, "BOARD takes a table {...}")]
    return list(_board(board))


def _board(board: dict[Any, Any]) -> Iterator[Finding]:
    yield from _table("", None, "", board, _BOARD)
    for name, keys in _TABLES.items():
        table = board.get(name)
        if isinstance(table, dict):
            curve = name == "ntc" and "points" in table
            yield from _table("", None, f"{name}: ", table, _NTC_CURVE if curve else keys)
    roles = board.get("roles")
    for role, spec in roles.items() if isinstance(roles, dict) else ():
        yield from _role(role, spec)
        yield from _pull_down(role, spec, board.get("ntc"))
        constant = CONSTANT_OF_ROLE.get(role)
        if constant and constant not in board:
            yield _error("missing-key", role, _pin(spec), f"needs {constant} in the board as well")


def _pull_down(role: Any, spec: Any, ntc: Any) -> Iterator[Finding]:
    """Yield a finding for an NTC to the rail whose divider has no lower resistor."""
    to_rail = isinstance(spec, dict) and spec.get("ntc_to") == "rail"
    if to_rail and isinstance(ntc, dict) and "pull_down_ohm" not in ntc:
        message = "ntc_to is 'rail': ntc needs pull_down_ohm, the resistor from the pin to ground"
        yield _error("missing-key", str(role), _pin(spec), message)


def _role(role: Any, spec: Any) -> Iterator[Finding]:
    if role not in ROLES:
        hint = "at most four chambers; " if str(role).startswith("chamber") else ""
        message = f"no such role; {hint}roles are {', '.join(ROLES)}"
        yield _error("unknown-role", str(role), _pin(spec), message)
    elif not isinstance(spec, dict):
        yield _wrong(role, None, role, spec, _table_key())
    else:
        yield from _table(role, _pin(spec), "", spec, ROLES[role])


def _table(
    role: str, pin: int | None, prefix: str, table: dict[Any, Any], keys: Mapping[str, Key]
) -> Iterator[Finding]:
    """Yield the missing, unknown and wrong keys of one table."""
    for name, key in keys.items():
        if name in table:
            if not key.accepts(table[name]):
                yield _wrong(role, pin, prefix + name, table[name], key)
        elif not key.optional:
            yield _error("missing-key", role, pin, f"{prefix}{name} is missing: {key.takes}")
    for name in table:
        if name not in keys:
            message = f"{prefix}{name} is not known here; keys are {', '.join(keys)}"
            if name == "invert":
                message += " (polarity follows from safe, the level that switches the load off)"
            yield _error("unknown-key", role, pin, message)


def _wrong(role: str, pin: int | None, name: str, value: object, key: Key) -> Finding:
    return _error("wrong-type", role, pin, f"{name} is {value!r}; it takes {key.takes}")


def _error(rule: str, role: str, pin: int | None, message: str) -> Finding:
    return Finding("error", rule, role, pin, message)


def _pin(spec: object) -> int | None:
    pin = spec.get("pin") if isinstance(spec, dict) else None
    return pin if type(pin) is int else None
