"""The motor turns, and the tach counts its turns."""

from collections.abc import Iterator

from massager_tools.boards.limits import limit
from massager_tools.bringup.miswiring import RUNNING_EDGES, moved_instead, nothing_moves
from massager_tools.bringup.runner import Trouble, Walk

SLOW_PERMILLE = 350  # about 900 rpm: well past friction
RPM_SHARE = (0.6, 1.4)  # of what full duty promises: loads and supplies, but not twice the pulses


def motor(walk: Walk) -> Iterator[Trouble]:
    """Turn it slowly for two seconds."""
    walk.person.about_to("motor: turns slowly for 2 s; keep feet and fingers off it")
    seen = walk.bench.drive(limit("BRINGUP_MS"), motor_permille=SLOW_PERMILLE)
    noticed = walk.person.noticed("the motor")
    turns = noticed == "the motor"
    has_tach = "tach" in walk.roles
    if turns and has_tach and seen.live_permille > seen.live_before_permille:
        where = walk.pin("tach")
        yield walk.trouble("heater_sense", f"follows the motor: swap with tach (pin {where})")
        return
    wrong = moved_instead(walk, seen, noticed, "the motor")
    if wrong:
        yield walk.trouble("motor", wrong)
    elif not turns:
        yield walk.trouble("motor", nothing_moves("motor"))
    elif has_tach and seen.edges < RUNNING_EDGES:
        yield walk.trouble(
            "tach", "the motor turns and nothing is counted: magnet side, gap, wire, pull-up?"
        )
    elif has_tach:
        expected_rpm = walk.board["motor"]["rpm_at_12v"] * SLOW_PERMILLE / 1000
        share = seen.high["motor_rpm"] / expected_rpm
        if not RPM_SHARE[0] <= share <= RPM_SHARE[1]:
            yield walk.trouble(
                "tach",
                f"{seen.high['motor_rpm']} rpm where about {expected_rpm:.0f} are right: check "
                "tach_pulses_per_turn (the magnets on the shaft) and rpm_at_12v in the board file",
            )
