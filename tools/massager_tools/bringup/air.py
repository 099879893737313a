"""Air: each valve clicks, the pump raises the pressure, the relief valve holds it, the order."""

from collections.abc import Iterator

from massager_tools.boards.limits import limit
from massager_tools.bringup.bench import Seen
from massager_tools.bringup.miswiring import moved_instead, nothing_moves
from massager_tools.bringup.runner import Trouble, Walk

CLICK_MS = 1_500
PULSE_MS = 250
PUMP_MS = 1_000
RELEASE_MS = 500
RISE_PA = 2_666  # 20 mmHg: a closed manifold gets there in a tenth of a second
RELIEF_LOW_PA = 6_666  # 50 mmHg: well below 60, and nothing but a leak holds it there
RELIEF_HIGH_PA = 9_600  # 72 mmHg: 65, the sensor's 5 %, and what flows while the pump stops
BLOCKED_MS = 1_000  # a chamber takes seconds to reach 20 mmHg
MMHG_PA = 133.322


def valves(walk: Walk) -> Iterator[Trouble]:
    """Click each valve."""
    for role in [*walk.chambers(), *(["exhaust"] if "exhaust" in walk.roles else [])]:
        walk.person.about_to(f"{role}: its valve clicks three times")
        outputs = {"exhaust": True} if role == "exhaust" else {"chambers": _bit(walk, role)}
        seen = walk.bench.drive(CLICK_MS, pulse_ms=PULSE_MS, **outputs)
        noticed = walk.person.noticed("a valve")
        wrong = moved_instead(walk, seen, noticed, "a valve")
        if wrong:
            yield walk.trouble(role, wrong)
        elif noticed == "nothing":
            yield walk.trouble(role, nothing_moves("valve"))


def pump(walk: Walk) -> Iterator[Trouble]:
    """Run the pump for a second into the closed manifold: rise, direction, relief valve."""
    walk.person.about_to("pump: runs for 1 s against the relief valve, every chamber vented")
    seen = walk.bench.drive(PUMP_MS, pump_permille=1000, exhaust="exhaust" in walk.roles)
    noticed = walk.person.noticed("the pump")
    filled = 0
    rise_pa = seen.high["pressure_pa"] - seen.before["pressure_pa"]
    if seen.ended is None and rise_pa < RISE_PA and noticed == "the pump":
        walk.person.about_to("pump: no pressure; once more for 6 s, to see where the air goes")
        walk.bench.drive(limit("BRINGUP_AIR_MS"), pump_permille=1000)
        filled = walk.person.chamber(len(walk.chambers()))
    yield from _judge_pump(walk, seen, noticed, rise_pa, filled)
    walk.bench.drive(RELEASE_MS, chambers=1)


def _judge_pump(
    walk: Walk, seen: Seen, noticed: str, rise_pa: int, filled: int
) -> Iterator[Trouble]:
    reached = f"{rise_pa / MMHG_PA:.0f} mmHg"
    wrong = moved_instead(walk, seen, noticed, "the pump")
    if wrong:
        yield walk.trouble("pump", wrong)
    elif seen.ended == "fell":
        yield walk.trouble(
            "pressure", "falls while the pump runs: its hose is on the other port, move it"
        )
    elif rise_pa < RISE_PA and noticed == "nothing":
        yield walk.trouble("pump", nothing_moves("pump"))
    elif rise_pa < RISE_PA and filled:
        yield walk.trouble(
            f"chamber_{filled}",
            f"chamber {filled} fills although its valve is off: the valve sticks, or its hoses "
            "are on the wrong ports; without power a chamber has to be open to the air",
        )
    elif rise_pa < RISE_PA:
        yield walk.trouble(
            "pressure",
            f"the pump runs and the pressure rises by {reached} only: check the hoses from pump "
            "to manifold and to the sensor, the check valve, and an exhaust that stays open",
        )
    elif seen.ended == "pressure" or seen.after["pressure_pa"] > RELIEF_HIGH_PA:
        yield walk.trouble(
            "pressure",
            f"went up by {reached}: the relief valve is missing or opens too late; it has to "
            "open at 60 to 65 mmHg, and no firmware replaces it",
        )
    elif rise_pa < RELIEF_LOW_PA:
        yield walk.trouble(
            "pressure",
            f"stays at {reached}: the manifold leaks, or the relief valve opens below 60 mmHg",
        )


def order(walk: Walk) -> Iterator[Trouble]:
    """Fill one chamber at a time and find which it is."""
    count = len(walk.chambers())
    role_of: dict[int, str] = {}  # chamber as counted from the ankle → valve that fills it
    for role in walk.chambers():
        walk.person.about_to(f"{role}: fills for up to 6 s, then vents")
        seen = walk.bench.drive(
            limit("BRINGUP_AIR_MS"),
            pump_permille=1000,
            chambers=_bit(walk, role),
            exhaust="exhaust" in walk.roles,
        )
        chamber = walk.person.chamber(count)
        if seen.ended == "pressure" and seen.driven_ms < BLOCKED_MS:
            text = "no air gets through: a kinked hose, or a valve that clicks and stays closed"
            yield walk.trouble(role, text)
        elif not chamber:
            yield walk.trouble(role, "no chamber fills: is its hose on, and is the chamber tight?")
        elif chamber in role_of:
            text = f"fills chamber {chamber}, as {role_of[chamber]} does: check the hoses"
            yield walk.trouble(role, text)
        else:
            role_of[chamber] = role
    if len(role_of) == count:
        digits = "".join(role_of[chamber][-1] for chamber in sorted(role_of))
        walk.calibration["chamber_order"] = int(digits)


def _bit(walk: Walk, role: str) -> int:
    return 1 << walk.chambers().index(role)
