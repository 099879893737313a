"""List the steps of first power-up, in the order in which they can do the least harm."""

from collections.abc import Callable, Iterator
from typing import Any

from massager_tools.bringup import air, heat, motor, panel, sensors
from massager_tools.bringup.bench import Bench
from massager_tools.bringup.operator import Operator
from massager_tools.bringup.runner import Outcome, Run, Step, run_steps

STEPS = (
    Step("sensors", "Sensors at rest", sensors.at_rest),
    Step("buttons", "Every button", panel.buttons),
    Step("lights", "Lights", panel.lights),
    Step("valves", "Each valve clicks", air.valves),
    Step("pump", "Pump, pressure sensor, relief valve", air.pump, needs=("sensors", "valves")),
    Step("order", "Which chamber is which", air.order, needs=("valves", "pump")),
    Step("motor", "Motor and tach", motor.motor),
    Step(
        "heater",
        "Heater: either switch alone, then both",
        heat.heater,
        # nothing heats before everything else has passed
        needs=("sensors", "buttons", "lights", "valves", "pump", "order", "motor"),
    ),
)

PREPARE = (
    "Take the wrap off the leg and lay it flat, plug every hose in, let the pad get cold, keep "
    "feet off the motor. Then plug in the 12 V supply."
)


def bring_up(
    bench: Bench, operator: Operator, begin: Callable[[str], None] = lambda title: None
) -> Iterator[Outcome | dict[str, Any]]:
    """Run all steps; where all have passed, store the calibration and yield it.

    `begin` gets the title of each step. The heat is locked before anything else, and
    unlocked only by the last line.
    """
    state = Run(bench, operator, bench.describe())
    bench.lock()
    operator.prepare(PREPARE)
    passed = True
    for outcome in run_steps(STEPS, state, begin):
        passed = passed and outcome.passed
        yield outcome
    if passed:
        yield bench.keep(state.calibration)
