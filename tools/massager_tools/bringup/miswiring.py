"""What an output moved in the place of what it should, in words for the builder."""

from massager_tools.bringup.bench import Seen
from massager_tools.bringup.runner import Walk

_ROLES = {"the pump": "pump", "the motor": "motor", "the lights": "pixels"}
RUNNING_EDGES = 5  # of the tach: more than a shaft that was nudged


def moved_instead(walk: Walk, seen: Seen, noticed: str, expected: str) -> str:
    """What else moved, and which wires to swap; "" where nothing else did."""
    if seen.live_permille > seen.live_before_permille:
        where = walk.pin("heater_enable")
        return f"switches the heater's high side: swap its wire with heater_enable's (pin {where})"
    if noticed in ("nothing", expected):
        return ""
    role = _ROLES.get(noticed, "")
    if role in walk.roles:
        return f"moves {noticed}: swap its wire with that of {role} (pin {walk.pin(role)})"
    return f"moves {noticed}: its wire belongs on another pin"


def nothing_moves(part: str) -> str:
    """Where to look when a part stays still."""
    return (
        f"nothing moves: check the {part}'s plug, its 12 V and its fuse, then the gate's wire; "
        "if it hangs on another pin, swap the two"
    )
