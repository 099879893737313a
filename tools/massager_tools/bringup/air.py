"""Check valves, pump, pressure sensor, relief valve and the order of the chambers."""

from collections.abc import Iterator

from massager_tools.boards.limits import limit
from massager_tools.bringup.bench import Seen
from massager_tools.bringup.miswiring import moved_instead, nothing_moves
from massager_tools.bringup.runner import Run, Trouble
from massager_tools.units import PA_PER_MMHG

CLICK_MS = 1_500
PULSE_MS = 250
PUMP_MS = 1_000
RELEASE_MS = 500
RISE_PA = 2_666  # 20 mmHg: a closed manifold gets there in a tenth of a second
RELIEF_LOW_PA = 6_666  # 50 mmHg: well below 60, and nothing but a leak holds it there
RELIEF_HIGH_PA = 9_600  # 72 mmHg: 65, the sensor's 5 %, and what flows while the pump stops
BLOCKED_MS = 1_000  # a chamber takes seconds to reach 20 mmHg


def valves(run: Run) -> Iterator[Trouble]:
    """Switch each valve three times; the operator says what clicked."""
    for role in [*run.chambers(), *(["exhaust"] if "exhaust" in run.roles else [])]:
        run.operator.about_to(f"{role}: its valve clicks three times")
        outputs = {"exhaust": True} if role == "exhaust" else {"chambers": _bit(run, role)}
        seen = run.bench.drive(CLICK_MS, pulse_ms=PULSE_MS, **outputs)
        noticed = run.operator.noticed("a valve")
        wrong = moved_instead(run, seen, noticed, "a valve")
        if wrong:
            yield run.trouble(role, wrong)
        elif noticed == "nothing":
            yield run.trouble(role, nothing_moves("valve"))


def pump(run: Run) -> Iterator[Trouble]:
    """Run the pump for a second into the closed manifold: rise, direction, relief valve."""
    run.operator.about_to("pump: runs for 1 s against the relief valve, every chamber vented")
    seen = run.bench.drive(PUMP_MS, pump_permille=1000, exhaust="exhaust" in run.roles)
    noticed = run.operator.noticed("the pump")
    filled = 0
    rise_pa = seen.high["pressure_pa"] - seen.before["pressure_pa"]
    if seen.ended is None and rise_pa < RISE_PA and noticed == "the pump":
        run.operator.about_to("pump: no pressure; once more for 6 s, to see where the air goes")
        run.bench.drive(limit("BRINGUP_AIR_MS"), pump_permille=1000)
        filled = run.operator.chamber(len(run.chambers()))
    yield from _judge_pump(run, seen, noticed, rise_pa, filled)
    run.bench.drive(RELEASE_MS, chambers=1)


def _judge_pump(
    run: Run, seen: Seen, noticed: str, rise_pa: int, filled: int
) -> Iterator[Trouble]:
    reached = f"{rise_pa / PA_PER_MMHG:.0f} mmHg"
    wrong = moved_instead(run, seen, noticed, "the pump")
    if wrong:
        yield run.trouble("pump", wrong)
    elif seen.ended == "fell":
        yield run.trouble(
            "pressure", "falls while the pump runs: its hose is on the other port, move it"
        )
    elif rise_pa < RISE_PA and noticed == "nothing":
        yield run.trouble("pump", nothing_moves("pump"))
    elif rise_pa < RISE_PA and filled:
        yield run.trouble(
            f"chamber_{filled}",
            f"chamber {filled} fills although its valve is off: the valve sticks, or its hoses "
            "are on the wrong ports; without power a chamber has to be open to the air",
        )
    elif rise_pa < RISE_PA:
        yield run.trouble(
            "pressure",
            f"the pump runs and the pressure rises by {reached} only: check the hoses from pump "
            "to manifold and to the sensor, the check valve, and an exhaust that stays open",
        )
    elif seen.ended == "pressure" or seen.after["pressure_pa"] > RELIEF_HIGH_PA:
        yield run.trouble(
            "pressure",
            f"went up by {reached}: the relief valve is missing or opens too late; it has to "
            "open at 60 to 65 mmHg, and no firmware replaces it",
        )
    elif rise_pa < RELIEF_LOW_PA:
        yield run.trouble(
            "pressure",
            f"stays at {reached}: the manifold leaks, or the relief valve opens below 60 mmHg",
        )


def order(run: Run) -> Iterator[Trouble]:
    """Fill one chamber at a time and learn which chamber each valve fills."""
    count = len(run.chambers())
    role_of: dict[int, str] = {}  # chamber as counted from the ankle → valve that fills it
    for role in run.chambers():
        run.operator.about_to(f"{role}: fills for up to 6 s, then vents")
        seen = run.bench.drive(
            limit("BRINGUP_AIR_MS"),
            pump_permille=1000,
            chambers=_bit(run, role),
            exhaust="exhaust" in run.roles,
        )
        chamber = run.operator.chamber(count)
        if seen.ended == "pressure" and seen.driven_ms < BLOCKED_MS:
            text = "no air gets through: a kinked hose, or a valve that clicks and stays closed"
            yield run.trouble(role, text)
        elif not chamber:
            yield run.trouble(role, "no chamber fills: is its hose on, and is the chamber tight?")
        elif chamber in role_of:
            text = f"fills chamber {chamber}, as {role_of[chamber]} does: check the hoses"
            yield run.trouble(role, text)
        else:
            role_of[chamber] = role
    if len(role_of) == count:
        digits = "".join(role_of[chamber][-1] for chamber in sorted(role_of))
        run.calibration["chamber_order"] = int(digits)


def _bit(run: Run, role: str) -> int:
    return 1 << run.chambers().index(role)
