"""Events of a virtual board, and the check of an event before it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from massager_tools.errors import UsageError
from massager_tools.sim.board_faults import has_chamber
from massager_tools.sim.model.buttons import NAMES as BUTTONS
from massager_tools.sim.model.faults import FAULTS

Event = Mapping[str, Any]
"""`at_ms` of virtual time (now, unless given), `do`, and the fields of that kind."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "press": ("button",),
    "release": ("button",),
    "fault": ("name", "on"),
    "leg": ("on",),
    "warm": ("pad_mc",),
    "motor_load": ("nm",),
    "power_cut": ("for_ms",),
    "speed": ("times",),
    "reset_pin": (),
    "panic": (),
    "nvs_wipe": (),
    "pixel_noise": (),
    "ctrl_c": (),
    "type": ("text",),
    "exec": ("code",),
    "stop": (),
}
"""Kinds of events with the fields that each must have."""

OF_THE_PLANT = ("press", "release", "fault", "leg", "warm", "motor_load", "panic") + (
    "nvs_wipe",
    "pixel_noise",
)
"""Those that a board on a port takes; the others happen to it through its port and power."""


def checked(event: Event, chambers: int, kinds: Iterable[str] = FIELDS) -> dict[str, Any]:
    """Return a copy of `event`. UsageError when it is none of `kinds`, or makes no sense."""
    do = str(event.get("do"))
    if do not in kinds:
        raise UsageError(f"event {do!r} is not one of {', '.join(kinds)}")
    for name in FIELDS[do]:
        if name not in event:
            raise UsageError(f"event {do!r} needs {name!r}")
    if "button" in event and event["button"] not in BUTTONS:
        raise UsageError(f"no button {event['button']!r}; there are {', '.join(BUTTONS)}")
    if do == "fault":
        _check_fault(event["name"], chambers)
    return dict(event)


def _check_fault(name: str, chambers: int) -> None:
    if name not in FAULTS:
        raise UsageError(f"no fault {name!r}; there are {', '.join(sorted(FAULTS))}")
    if not has_chamber(name, chambers):
        raise UsageError(f"no fault {name!r} here: this board has {chambers} chambers")
