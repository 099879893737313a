"""Numbers of the telemetry as words for people."""

from collections.abc import Mapping
from typing import Any

from massager_tools.firmware_tables import core, programs, state_names

_STATES = {
    "OFF": "Off",
    "CHECK": "Self-test",
    "RUN": "Running",
    "PAUSE": "Paused",
    "ENDING": "Fading out",
    "STOPPING": "Stopping",
    "FAULT": "Fault",
}
_HEAT = ("off", "41 °C", "42 °C", "43 °C", "boost")


def state_word(state: int) -> str:
    """Return a state of the firmware in words; one that is not known here by its name."""
    names = state_names()
    name = names[state] if state < len(names) else str(state)
    return _STATES.get(name, name.capitalize())


def heat_word(level: int) -> str:
    """Return the level of the heat in words."""
    return _HEAT[level] if level < len(_HEAT) else str(level)


def program_name(index: int, board: Mapping[str, Any] | None = None) -> str:
    """Return the name of a program; those built into `board` are behind the firmware's."""
    own = (board or {}).get("programs", ())
    names = [*programs(), *(program[core("session.program_format").NAME] for program in own)]
    return names[index] if index < len(names) else "own program"


def minutes_left(seconds: int) -> str:
    """Return minutes and seconds, 12:34."""
    return f"{seconds // 60}:{seconds % 60:02}"
