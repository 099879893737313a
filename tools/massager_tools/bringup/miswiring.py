"""Name the wires to swap when an output moves another part than its own."""

from massager_tools.bringup.bench import Seen
from massager_tools.bringup.runner import Run

_ROLES = {"the pump": "pump", "the motor": "motor", "the lights": "pixels"}
RUNNING_EDGES = 5  # of the tach: more than a shaft that was nudged


def moved_instead(run: Run, seen: Seen, noticed: str, expected: str) -> str:
    """Return what else moved and which wires to swap; "" where nothing else did."""
    if seen.live_permille > seen.live_before_permille:
        where = run.pin("heater_enable")
        return f"switches the heater's high side: swap its wire with heater_enable's (pin {where})"
    if noticed in ("nothing", expected):
        return ""
    role = _ROLES.get(noticed, "")
    if role in run.roles:
        return f"moves {noticed}: swap its wire with that of {role} (pin {run.pin(role)})"
    return f"moves {noticed}: its wire belongs on another pin"


def nothing_moves(part: str) -> str:
    """Return where to look when a part does not move."""
    return (
        f"nothing moves: check the {part}'s plug, its 12 V and its fuse, then the gate's wire; "
        "if it hangs on another pin, swap the two"
    )
