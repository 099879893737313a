"""Check that the motor turns and that the tach counts its turns."""

from collections.abc import Iterator

from massager_tools.boards.limits import limit
from massager_tools.bringup.miswiring import RUNNING_EDGES, moved_instead, nothing_moves
from massager_tools.bringup.runner import Run, Trouble

SLOW_PERMILLE = 350  # about 900 rpm: well past friction
RPM_SHARE = (0.6, 1.4)  # of what full duty promises: loads and supplies, but not twice the pulses


def motor(run: Run) -> Iterator[Trouble]:
    """Run the motor slowly for two seconds."""
    run.operator.about_to("motor: turns slowly for 2 s; keep feet and fingers off it")
    seen = run.bench.drive(limit("BRINGUP_MS"), motor_permille=SLOW_PERMILLE)
    noticed = run.operator.noticed("the motor")
    turns = noticed == "the motor"
    has_tach = "tach" in run.roles
    if turns and has_tach and seen.live_permille > seen.live_before_permille:
        where = run.pin("tach")
        yield run.trouble("heater_sense", f"follows the motor: swap with tach (pin {where})")
        return
    wrong = moved_instead(run, seen, noticed, "the motor")
    if wrong:
        yield run.trouble("motor", wrong)
    elif not turns:
        yield run.trouble("motor", nothing_moves("motor"))
    elif has_tach and seen.edges < RUNNING_EDGES:
        yield run.trouble(
            "tach", "the motor turns and nothing is counted: magnet side, gap, wire, pull-up?"
        )
    elif has_tach:
        expected_rpm = run.board["motor"]["rpm_at_12v"] * SLOW_PERMILLE / 1000
        share = seen.high["motor_rpm"] / expected_rpm
        if not RPM_SHARE[0] <= share <= RPM_SHARE[1]:
            yield run.trouble(
                "tach",
                f"{seen.high['motor_rpm']} rpm where about {expected_rpm:.0f} are right: check "
                "tach_pulses_per_turn (the magnets on the shaft) and rpm_at_12v in the board file",
            )
