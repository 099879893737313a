"""The last part before the outputs: pass a request on only where all agree.

The state permits (table below), the faults withhold, and the regulators only request.
Whatever is not permitted goes to its safe level here, whoever requested it.
"""

from micropython import const

from massager.core import limits
from massager.core.safety import supervisor
from massager.core.safety.fault_table import (
    STOPS_AIR,
    STOPS_ALL,
    STOPS_HEAT,
    STOPS_MOTOR,
    STOPS_SESSION,
)
from massager.core.safety.heater_interlock import HeaterInterlock
from massager.core.signals import Outputs
from massager.core.units import approach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from massager.core.guards import Guards
    from massager.core.regulators import Regulators

HEAT = const(1)
PUMP = const(2)
VALVES = const(4)
MOTOR = const(8)

PERMITS = (  # by state
    0,  # OFF
    VALVES,  # CHECK: opens the chambers to the idle manifold
    HEAT | PUMP | VALVES | MOTOR,  # RUN
    0,  # PAUSE
    PUMP | VALVES | MOTOR,  # ENDING
    PUMP | VALVES,  # STOPPING: tests that each line has vented, with test pulses
    0,  # FAULT
)

_OPEN_TICKS = limits.AIR_STOP_MS // limits.TICK_MS
_STOPS_MOTOR_AT_ONCE = STOPS_ALL | STOPS_SESSION | STOPS_MOTOR


class Gate:
    """Turn requested outputs into `Outputs`, every tick, from the state and what faults stop."""

    def __init__(self, heat_unlocked: bool) -> None:
        self._never = 0 if heat_unlocked else HEAT  # withheld whatever the state
        self._switches = HeaterInterlock()
        self._open_ticks = 0  # how long stopped air has been released

    def apply(
        self, state: int, guards: "Guards", regulators: "Regulators", outputs: Outputs
    ) -> None:
        """Write the outputs that `regulators` request, `state` permits and `guards` leave.

        `guards.stops` holds the STOPS_* bits; the pad gets no more than
        `guards.heat_max_permille`. A motor that lost its permission ramps down within
        MOTOR_STOP_MS while the device stops, and is cut at once by a trip.
        """
        stops = guards.stops
        allowed = PERMITS[state] & ~self._never
        if stops:
            allowed &= ~_withheld(stops)
        if allowed & HEAT and regulators.heat.enable:
            self._switches.apply(min(regulators.heat.permille, guards.heat_max_permille), outputs)
        else:
            self._switches.open(outputs)
        air = regulators.air_source
        if state == supervisor.STOPPING and air.chambers:
            allowed &= ~PUMP  # test pulses into the manifold, never into a chamber
        outputs.pump_permille = air.pump_permille if allowed & PUMP else 0
        if allowed & VALVES:
            outputs.chambers = air.chambers
            outputs.exhaust = air.exhaust
            if stops & STOPS_AIR:
                self._hold_open(outputs)
            else:
                self._open_ticks = 0
        else:
            outputs.chambers = 0
            outputs.exhaust = False
        if allowed & MOTOR:
            outputs.motor_permille = regulators.motor.permille
        elif state == supervisor.STOPPING and not stops & _STOPS_MOTOR_AT_ONCE:
            outputs.motor_permille = approach(
                outputs.motor_permille, 0, limits.MOTOR_STOP_STEP_PERMILLE
            )
        else:
            outputs.motor_permille = 0

    def _hold_open(self, outputs: Outputs) -> None:
        """Release every valve of stopped air; after AIR_STOP_MS one chamber at a time may be
        tested. Whatever the sequencer requests, nothing stays squeezed."""
        if self._open_ticks < _OPEN_TICKS:
            self._open_ticks += 1
        elif not outputs.chambers & (outputs.chambers - 1):
            return
        outputs.chambers = 0
        outputs.exhaust = False


def _withheld(stops: int) -> int:
    """Return what the STOPS_* bits take away."""
    if stops & (STOPS_ALL | STOPS_SESSION):
        return HEAT | PUMP | VALVES | MOTOR
    withheld = HEAT if stops & STOPS_HEAT else 0
    if stops & STOPS_AIR:
        withheld |= PUMP  # the valves are still needed to test that the chambers are empty
    if stops & STOPS_MOTOR:
        withheld |= MOTOR
    return withheld
