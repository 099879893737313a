"""What reaches the outputs, by state and by what the faults stop."""

from massager.core import limits
from massager.core.safety import fault_table
from massager.core.safety import supervisor as s
from massager.core.safety.gate import Gate
from massager.core.signals import Outputs


class Everything:
    """Regulators that request everything."""

    enable = True
    permille = 800
    pump_permille = 900
    chambers = 0b101
    exhaust = True


class Requests:
    """The regulators side by side."""

    def __init__(self, heat=Everything, motor=Everything):
        self.heat = heat
        self.motor = motor
        self.air_source = Everything


class Guards:
    """What the guards withhold."""

    stops = 0
    heat_max_permille = 1_000


GUARDS = Guards()
HEAT, PUMP, VALVES, MOTOR = 1, 2, 4, 8

PASS_ROWS = (
    # name, state, stops, what gets through
    ("off", s.OFF, 0, 0),
    ("check", s.CHECK, 0, VALVES),
    ("run", s.RUN, 0, HEAT | PUMP | VALVES | MOTOR),
    ("pause", s.PAUSE, 0, 0),
    ("ending", s.ENDING, 0, PUMP | VALVES | MOTOR),
    ("stopping", s.STOPPING, 0, VALVES),  # chambers are asked for: no pump
    ("fault", s.FAULT, 0, 0),
    ("run, heat stopped", s.RUN, fault_table.STOPS_HEAT, PUMP | VALVES | MOTOR),
    ("run, air stopped", s.RUN, fault_table.STOPS_AIR, HEAT | MOTOR),
    ("run, motor stopped", s.RUN, fault_table.STOPS_MOTOR, HEAT | PUMP | VALVES),
    ("run, all stopped", s.RUN, fault_table.STOPS_ALL, 0),
    ("run, session stopped", s.RUN, fault_table.STOPS_SESSION, 0),
    ("check, air stopped", s.CHECK, fault_table.STOPS_AIR, 0),
    ("stopping, air stopped", s.STOPPING, fault_table.STOPS_AIR, 0),
    ("stopping, all stopped", s.STOPPING, fault_table.STOPS_ALL, 0),
    ("stopping, heat stopped", s.STOPPING, fault_table.STOPS_HEAT, VALVES),
)


def gated(gate, state, stops, heat_cut, air, outputs, heat=Everything):
    """One tick of `gate` while the guards say this."""
    GUARDS.stops = stops
    GUARDS.heat_max_permille = 0 if heat_cut else 1_000
    regulators = Requests(heat)
    regulators.air_source = air
    gate.apply(state, GUARDS, regulators, outputs)


def passed(outputs):
    bits = HEAT if outputs.heater_enable or outputs.heater_permille else 0
    bits |= PUMP if outputs.pump_permille else 0
    bits |= VALVES if outputs.chambers or outputs.exhaust else 0
    return bits | (MOTOR if outputs.motor_permille else 0)


def test_pass(row):
    _, state, stops, expected = row
    outputs = Outputs()
    gated(Gate(True), state, stops, False, Everything, outputs)
    assert passed(outputs) == expected


class LinePulse(Everything):
    chambers = 0


LINE_PULSE_ROWS = (
    # name, state, stops, whether the pump may run while no chamber is open
    ("stopping", s.STOPPING, 0, True),
    (
        "stopping, heat and motor stopped",
        s.STOPPING,
        fault_table.STOPS_HEAT | fault_table.STOPS_MOTOR,
        True,
    ),
    ("stopping, air stopped", s.STOPPING, fault_table.STOPS_AIR, False),
    ("stopping, session stopped", s.STOPPING, fault_table.STOPS_SESSION, False),
    ("stopping, all stopped", s.STOPPING, fault_table.STOPS_ALL, False),
    ("off", s.OFF, 0, False),
    ("check", s.CHECK, 0, False),
    ("pause", s.PAUSE, 0, False),
    ("fault", s.FAULT, 0, False),
)


def test_line_pulse(row):
    """A stop may still pump into the manifold, but not into a chamber."""
    _, state, stops, expected = row
    outputs = Outputs()
    gated(Gate(True), state, stops, False, LinePulse, outputs)
    assert bool(outputs.pump_permille) == expected


def test_what_passes_is_what_was_proposed():
    outputs = Outputs()
    gate = Gate(True)
    for _ in range(limits.HEATER_PROOF_TICKS + 1):
        gated(gate, s.RUN, 0, False, Everything, outputs)
    assert outputs.heater_enable is True
    assert outputs.heater_permille == 800
    assert outputs.pump_permille == 900
    assert outputs.chambers == 0b101
    assert outputs.exhaust is True
    assert outputs.motor_permille == 800


def test_a_cut_takes_the_pwm_at_once_and_the_switch_after_its_proof():
    outputs = Outputs()
    gate = Gate(True)
    for _ in range(limits.HEATER_PROOF_TICKS + 1):
        gated(gate, s.RUN, 0, False, Everything, outputs)
    for _ in range(limits.HEATER_PROOF_TICKS):
        gated(gate, s.RUN, 0, True, Everything, outputs)
        assert outputs.heater_permille == 0 and outputs.heater_enable
    gated(gate, s.RUN, 0, True, Everything, outputs)
    assert not outputs.heater_enable


def test_no_heat_without_enable():
    class Cold(Everything):
        enable = False

    outputs = Outputs()
    gated(Gate(True), s.RUN, 0, False, Everything, outputs, Cold)
    assert outputs.heater_permille == 0 and not outputs.heater_enable


def test_the_motor_ramps_down_in_under_a_second_while_stopping():
    outputs = Outputs()
    outputs.motor_permille = 1000
    gate = Gate(True)
    last = 1000
    ticks = 0
    while outputs.motor_permille:
        gated(gate, s.STOPPING, 0, False, Everything, outputs)
        ticks += 1
        assert 0 < last - outputs.motor_permille <= 20
        last = outputs.motor_permille
    assert 500 < ticks * limits.TICK_MS < 1_000


def test_a_trip_cuts_the_motor_at_once():
    outputs = Outputs()
    outputs.motor_permille = 1000
    gated(
        Gate(True),
        s.STOPPING,
        fault_table.STOPS_ALL,
        False,
        Everything,
        outputs,
    )
    assert outputs.motor_permille == 0


def test_locked_heat_passes_in_no_state():
    outputs = Outputs()
    gate = Gate(False)
    for state in range(len(s.STATE_NAMES)):
        for _ in range(2 * limits.HEATER_PROOF_TICKS):
            gated(gate, state, 0, False, Everything, outputs)
            assert not outputs.heater_enable and not outputs.heater_permille


class OneChamber(Everything):
    chambers = 0b010


AFTER_AIR_STOPPED_ROWS = (
    # name, requests, ms since the stop, chambers that get through
    ("at once", OneChamber, 10, 0),
    ("still letting go", OneChamber, limits.AIR_STOP_MS, 0),
    ("one may show that it is empty", OneChamber, limits.AIR_STOP_MS + 10, 0b010),
    ("two stay open, whatever is asked", Everything, limits.AIR_STOP_MS + 10, 0),
    ("and for ever", Everything, 60_000, 0),
)


def test_after_air_stopped(row):
    """A sequencer that keeps asking for a squeeze cannot have it."""
    _, update_setpoints, ms, chambers = row
    outputs = Outputs()
    gate = Gate(True)
    for _ in range(ms // limits.TICK_MS):
        gated(gate, s.RUN, fault_table.STOPS_AIR, False, update_setpoints, outputs)
        assert not outputs.pump_permille
    assert outputs.chambers == chambers
    assert outputs.exhaust == bool(chambers)


def test_air_that_stops_again_lets_go_again():
    outputs = Outputs()
    gate = Gate(True)
    for stops in (fault_table.STOPS_AIR, 0, fault_table.STOPS_AIR):
        for _ in range(limits.AIR_STOP_MS // limits.TICK_MS):
            gated(gate, s.RUN, stops, False, OneChamber, outputs)
    assert outputs.chambers == 0
