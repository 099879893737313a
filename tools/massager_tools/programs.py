"""Check and compile a program file: one literal `PROGRAM = {...}`.

    PROGRAM = {
        "name": "sunday",
        "heat_c": 41,         # 0, 41, 42, 43, or "last" as it was last time
        "level": 2,           # the start level, 1–5, until a person has chosen one
        "phases": (
            {"minutes": 10, "air": "wave", "motor": "swell"},
            {"minutes": 4, "air": "wave", "motor": "fade", "fades": True},
        ),
    }

The result is the tuple of integers that session/program_format.py describes.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from massager_tools.errors import UsageError
from massager_tools.firmware_tables import core
from massager_tools.literal_file import read_literal
from massager_tools.units import PA_PER_MMHG

_AIR = ("wave", "ripple", "squeeze", "foot_first")
_MOTOR = ("steady", "swell", "pulse", "fade")
_NONE = "none"
_LAST = "last"
_TAPER_MIN = 2  # minutes: a shorter fade wakes


class ProgramError(UsageError):
    """The file holds no program, or one that breaks a rule. One line."""


@dataclass(frozen=True)
class Rule:
    """The values of a key, in words and as a test; `default` None: the key is required."""

    takes: str
    accepts: Callable[[Any], bool]
    default: Any = None


def _number(low: float, high: float, unit: str, why: str, default: Any = None) -> Rule:
    takes = f"{low:g} to {high:g} {unit}".rstrip() + (f" ({why})" if why else "")
    return Rule(takes, lambda value: type(value) in (int, float) and low <= value <= high, default)


def _whole(low: int, high: int, unit: str, default: Any = None) -> Rule:
    takes = f"a whole number from {low} to {high} {unit}".rstrip()
    return Rule(takes, lambda value: type(value) is int and low <= value <= high, default)


def _one_of(*values: Any, default: Any = None) -> Rule:
    takes = "one of " + ", ".join(map(str, values))
    types = {type(value) for value in values}
    return Rule(takes, lambda value: type(value) in types and value in values, default)


def program_rules() -> Mapping[str, Rule]:
    """Return the keys of PROGRAM with the firmware's limits."""
    limits = core("limits")
    warm = [mc // 1000 for mc in limits.HEAT_LEVELS_MC]
    return {
        "name": Rule(
            "1–15 of a–z, 0–9, _ and -",
            lambda value: isinstance(value, str) and bool(re.fullmatch("[a-z0-9_-]{1,15}", value)),
        ),
        "heat_c": _one_of(0, *warm, _LAST, default=0),
        "level": _whole(1, 5, "", default=2),
        "ramp_s": _number(1, 600, "s", "seconds before the level rises by one", default=60),
        "stretch": _one_of(True, False, default=False),
        "phases": Rule(
            "a tuple of phases, at least one",
            lambda value: isinstance(value, (tuple, list)) and len(value) > 0,
        ),
    }


def phase_rules() -> Mapping[str, Rule]:
    """Return the keys of a phase with the firmware's limits."""
    limits = core("limits")
    session_min = limits.SESSION_MAX_MS // 60_000
    most_mmhg = int(limits.PRESSURE_SET_MAX_PA / PA_PER_MMHG)
    return {
        "minutes": _whole(1, session_min, "min"),
        "fades": _one_of(True, False, default=False),
        "air": _one_of(*_AIR, _NONE, default=_NONE),
        "pressure_mmhg": _number(
            round(limits.PRESSURE_SET_MIN_PA / PA_PER_MMHG),
            most_mmhg,
            "mmHg",
            "at level 5; the others ask for less",
            default=30,
        ),
        "hold_s": _number(0, limits.HOLD_SET_MAX_MS / 1000, "s", "", default=5),
        "rest_s": _number(
            limits.REST_SET_MIN_MS / 1000,
            limits.REST_SET_MAX_MS / 1000,
            "s",
            "blood has to flow back",
            default=4,
        ),
        "gradient_percent": _number(
            0,
            limits.GRADIENT_SET_MAX_PERMILLE / 10,
            "%",
            "ripple: each chamber that much softer than the one below",
            default=0,
        ),
        "boost_chamber": _whole(0, 4, "(0 is none)", default=0),
        "boost_percent": _number(
            100, limits.BOOST_SET_MAX_PERMILLE / 10, "%", "of the pressure", default=100
        ),
        "boost_s": _number(0, limits.BOOST_SET_MAX_MS / 1000, "s", "longer a hold", default=0),
        "motor": _one_of(*_MOTOR, _NONE, default=_NONE),
        "speed_rpm": _number(
            limits.MOTOR_MIN_RPM,
            limits.MOTOR_MAX_RPM,
            "rpm",
            "at level 5; the others ask for less",
            default=2_000,
        ),
    }


_ALONE: Mapping[str, tuple[int, ...]] = {"ripple": (), "foot_first": (1,), "wave": ()}
"""Pattern → the chambers that can be boosted; empty: any."""
_JOINED = "no chamber is held on its own; ripple can boost each, foot_first the first"


def findings(program: object) -> list[str]:
    """Return everything that is wrong with `program`, a line each; empty if it may be built in."""
    return list(_findings(program))


def read_program(path: Path) -> Any:
    """Return what the file gives PROGRAM; ProgramError where it holds no such literal."""
    return read_literal(path, "PROGRAM", "program", ProgramError)


def load_program(path: Path) -> tuple[Any, ...]:
    """Return the compiled program of a file. Raise ProgramError, one line, if it breaks a rule."""
    program = read_program(path)
    found = findings(program)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise ProgramError(f"{path}: {found[0]}{more}")
    return compile_program(program)


def compile_program(program: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the tuple of session/program_format.py; `program` must be without findings."""
    form = core("session.program_format")
    limits = core("limits")
    filled = {name: program.get(name, rule.default) for name, rule in program_rules().items()}
    warm = [mc // 1000 for mc in limits.HEAT_LEVELS_MC]
    if filled["heat_c"] == _LAST:
        heat = form.HEAT_AS_LAST
    else:
        heat = warm.index(filled["heat_c"]) + 1 if filled["heat_c"] else 0
    phases = tuple(_compile_phase(form, phase) for phase in filled["phases"])
    ramp_ms = round(filled["ramp_s"] * 1000)
    return (filled["name"], heat, filled["level"], ramp_ms, filled["stretch"], phases)


def _compile_phase(form: Any, phase: Mapping[str, Any]) -> Any:
    filled = {name: phase.get(name, rule.default) for name, rule in phase_rules().items()}
    return form.phase(
        filled["minutes"],
        pattern=form.NONE if filled["air"] == _NONE else _AIR.index(filled["air"]),
        motor=form.NONE if filled["motor"] == _NONE else _MOTOR.index(filled["motor"]),
        fades=filled["fades"],
        pressure_pa=round(filled["pressure_mmhg"] * PA_PER_MMHG),
        hold_ms=round(filled["hold_s"] * 1000),
        rest_ms=round(filled["rest_s"] * 1000),
        gradient_permille=round(filled["gradient_percent"] * 10),
        boost_chamber=filled["boost_chamber"],
        boost_permille=round(filled["boost_percent"] * 10),
        boost_ms=round(filled["boost_s"] * 1000),
        speed_rpm=round(filled["speed_rpm"]),
    )


def _findings(program: object) -> Iterator[str]:
    if not isinstance(program, dict):
        yield "PROGRAM takes a table {...}"
        return
    broken = list(_keys("", program, program_rules()))
    yield from broken
    if program.get("name") in [row[0] for row in core("session.programs").PROGRAMS]:
        yield f"name is {program['name']!r}, which comes with the firmware; choose another"
    phases = program.get("phases")
    if not isinstance(phases, (tuple, list)):
        return
    for number, phase in enumerate(phases, 1):
        where = f"phase {number}: "
        if not isinstance(phase, dict):
            broken.append(f"{where}takes a table {{...}}")
            yield broken[-1]
            continue
        wrong = list(_keys(where, phase, phase_rules()))
        yield from wrong
        broken += wrong
        idle = phase.get("air", _NONE) == _NONE and phase.get("motor", _NONE) == _NONE
        if idle and not program.get("heat_c"):
            yield f"{where}does nothing: give it air or motor, or the program heat_c"
        if not wrong:
            yield from _boost(where, phase)
    if not broken:
        yield from _as_a_whole(phases)


def _boost(where: str, phase: Mapping[str, Any]) -> Iterator[str]:
    """Yield boosts that the pattern cannot give: joined chambers share one pressure."""
    chamber = phase.get("boost_chamber", 0)
    air = phase.get("air", _NONE)
    if chamber and air == _NONE:
        yield f"{where}boost_chamber is {chamber}, but the phase has no air"
    elif chamber and air not in _ALONE:
        yield f"{where}boost_chamber is {chamber}, but in {air} {_JOINED}"
    elif chamber and _ALONE[air] and chamber not in _ALONE[air]:
        yield f"{where}boost_chamber is {chamber}, but in {air} only chamber 1 is held alone"
    elif chamber and air == "wave" and phase.get("boost_percent", 100) > 100:
        yield f"{where}boost_percent: in a wave it raises all that are joined; take boost_s"


def _as_a_whole(phases: Any) -> Iterator[str]:
    limit_min = core("limits").SESSION_MAX_MS // 60_000
    total = sum(phase["minutes"] for phase in phases)
    if total > limit_min:
        yield f"all phases last {total} min; a session ends after {limit_min} min"
    for number, phase in enumerate(phases[:-1], 1):
        if phase.get("fades"):
            yield f"phase {number}: fades, but only the last phase may"
    last = f"phase {len(phases)}: "
    if not phases[-1].get("fades"):
        yield f'{last}the last one has to fade, so that nobody wakes: "fades": True'
    elif phases[-1]["minutes"] < _TAPER_MIN:
        yield f"{last}minutes is {phases[-1]['minutes']}; a fade takes {_TAPER_MIN} at least"


def _keys(where: str, table: Mapping[Any, Any], rules: Mapping[str, Rule]) -> Iterator[str]:
    for name, rule in rules.items():
        if name in table:
            if not rule.accepts(table[name]):
                yield f"{where}{name} is {table[name]!r}; it takes {rule.takes}"
        elif rule.default is None:
            yield f"{where}{name} is missing: {rule.takes}"
    for name in table:
        if name not in rules:
            yield f"{where}{name!r} is not known here; keys are {', '.join(rules)}"
