"""The whole core, from a button to the outputs and back."""

from massager.core import limits
from massager.core.air.sequencer import HOLD
from massager.core.safety import fault_table
from massager.core.safety import supervisor as s
from massager.core.signals import (
    BUTTON_DOWN,
    BUTTON_HEAT,
    BUTTON_POWER,
    BUTTON_PROGRAM,
    BUTTON_UP,
    STORAGE_REFUSES,
    STORAGE_WAITS,
    Settings,
)
from massager_tools.sim.bench import WRAP_MS, Bench, running


def test_nothing_is_energised_before_a_start():
    bench = Bench()
    for button in (BUTTON_UP, BUTTON_DOWN, BUTTON_PROGRAM, BUTTON_HEAT):
        bench.press(button)
        assert bench.state == s.OFF and not bench.is_energised()


def test_the_self_test_moves_no_air_and_makes_no_heat():
    bench = Bench()
    bench.press(BUTTON_POWER)
    assert bench.state == s.CHECK
    while bench.state == s.CHECK:
        out = bench.outputs
        assert not (out.pump_permille or out.heater_enable or out.motor_permille)
        bench.tick()
    assert bench.state == s.RUN


STOP_ROWS = (
    # name, ms into the program
    ("as it starts", 0),
    ("while the first chamber fills", 6_000),
    ("in a hold", 30_000),
    ("in the taper", 27 * 60_000),
)


def test_stop(row):
    """Power's first contact: pump and heat off within 20 ms, motor at rest in a second."""
    _, after_ms = row
    bench = running()
    bench.press(BUTTON_HEAT, 200)
    bench.run(after_ms)
    bench.inputs.buttons = BUTTON_POWER
    bench.run(20)
    out = bench.outputs
    assert bench.state == s.STOPPING
    assert not out.pump_permille and not out.heater_enable and not out.heater_permille
    assert not out.exhaust and not out.chambers
    bench.run(1_000)
    assert not out.motor_permille
    bench.run(12_000)
    assert bench.state == s.OFF and not bench.is_energised()
    bench.inputs.buttons = 0
    bench.run(3_000)
    assert bench.state == s.OFF, "the press that stopped must not start"


def test_power_stops_the_self_test():
    bench = Bench()
    bench.press(BUTTON_POWER)
    bench.run(200)
    assert bench.state == s.CHECK
    bench.inputs.buttons = BUTTON_POWER
    bench.run(20)
    assert bench.state == s.STOPPING


def test_the_program_ends_by_itself_with_everything_off():
    bench = running()
    bench.run_until(s.ENDING, 30 * 60_000)
    assert not bench.outputs.heater_enable
    bench.run_until(s.STOPPING, 5 * 60_000)
    while bench.state == s.STOPPING:
        bench.tick()
        assert not bench.outputs.pump_permille, "all is proved: no sound"
    bench.run(60_000)
    assert bench.state == s.OFF and not bench.is_energised()


def test_heat_follows_its_button():
    bench = running()
    bench.run(500)
    assert not bench.outputs.heater_enable
    bench.press(BUTTON_HEAT, 200)
    bench.run(300)
    assert bench.outputs.heater_enable and bench.outputs.heater_permille > 0
    for _ in limits.HEAT_LEVELS_MC:
        bench.press(BUTTON_HEAT, 200)
    bench.run(300)
    assert not bench.outputs.heater_enable and not bench.outputs.heater_permille


def test_a_passing_fault_pauses_and_a_person_resumes():
    bench = running()
    bench.run(60_000)
    left_ms = bench.controller.session.left_ms
    bench.plant.supply_mv = 10_000
    bench.run(1_000)
    assert bench.state == s.PAUSE and not bench.is_energised()
    assert bench.controller.faults.code == 1
    bench.press(BUTTON_POWER)
    assert bench.state == s.PAUSE, "no resuming while the cause lasts"
    bench.plant.supply_mv = 12_000
    bench.run(60_000)
    assert bench.state == s.PAUSE, "nothing restarts by itself"
    bench.press(BUTTON_POWER)
    bench.run_until(s.RUN, 20_000)
    assert left_ms - 2_000 <= bench.controller.session.left_ms <= left_ms


def test_a_pause_that_nobody_ends_is_over():
    bench = running()
    bench.plant.supply_mv = 10_000
    bench.run(1_000)
    bench.run(limits.PAUSE_MAX_MS)
    bench.run(15_000)
    assert bench.state == s.OFF


def overheated():
    bench = running()
    bench.plant.frozen = True
    bench.plant.pad_a_mc = limits.PAD_TRIP_MC + 100
    bench.plant.pad_b_mc = limits.PAD_TRIP_MC - 1_000
    bench.run(500)
    return bench


def test_a_trip_stops_everything_and_waits_for_a_person():
    bench = overheated()
    assert bench.state == s.FAULT and not bench.is_energised()
    assert bench.controller.faults.code == 12
    bench.plant.pad_a_mc = bench.plant.pad_b_mc = 30_000
    bench.run(600_000)
    assert bench.state == s.FAULT
    bench.press(BUTTON_POWER)
    assert bench.state == s.FAULT, "a short press does not clear"
    bench.clear()
    assert bench.state == s.FAULT and bench.controller.faults.code == 15, "it jumped there, too"
    bench.run(12_000)
    bench.clear()
    bench.run(1_000)
    assert bench.state == s.OFF and bench.controller.faults.code == 0


def test_each_fault_is_shown_and_wants_a_hold_of_its_own():
    settings = Settings()
    settings.latched[0] = fault_table.NTC_STUCK | fault_table.NO_HEAT
    bench = Bench(settings=settings)
    bench.run(12_000)
    assert bench.controller.faults.code == 18
    bench.press(BUTTON_POWER, 14_000)
    assert bench.controller.faults.code == 18, "what leans on the button clears nothing"
    bench.run(limits.CLEAR_WITHIN_MS)
    bench.press(BUTTON_POWER)
    assert bench.controller.faults.code == 18, "too late"
    bench.clear()
    assert bench.controller.faults.code == 19, "one clears one"
    assert bench.state == s.FAULT
    bench.clear()
    assert bench.controller.faults.code == 19, "its code has not been shown to the end yet"
    bench.run(12_000)
    bench.clear()
    assert bench.state == s.OFF and bench.controller.faults.code == 0


def test_nothing_starts_while_power_is_stuck():
    bench = Bench()
    bench.run(500)
    bench.inputs.buttons = BUTTON_POWER
    bench.run(limits.BUTTON_STUCK_MS + 500)
    assert bench.controller.faults.code == 3
    for button in (BUTTON_PROGRAM, BUTTON_HEAT, BUTTON_UP):
        for ms in (200, 1_500, 2_500):
            bench.press(button, ms)
            assert bench.state == s.OFF
    bench.inputs.buttons = 0
    bench.run(500)
    bench.press(BUTTON_PROGRAM, 1_500)
    assert bench.state == s.CHECK, "power is seen released again"


def test_a_trip_whose_cause_lasts_cannot_be_cleared():
    bench = overheated()
    bench.clear()
    bench.run(1_000)
    assert bench.state == s.FAULT


def test_a_latched_fault_survives_power_off():
    settings = Settings()
    settings.latched[0] = fault_table.PAD_OVER_TEMP_TRIP
    bench = Bench(settings=settings)
    bench.run(1_000)
    assert bench.state == s.FAULT
    bench.press(BUTTON_POWER)
    assert bench.state == s.FAULT and not bench.is_energised()


LOOP_LATE_ROWS = (
    ("on time", 0, 0, s.RUN),
    ("late", limits.LATE_COUNT_MS, 0, s.RUN),
    ("counted", limits.LATE_COUNT_MS + 1, 1, s.RUN),
    ("too late", limits.LATE_TRIP_MS + 1, 1, s.FAULT),
)


def test_loop_late(row):
    _, late_ms, counted, state = row
    bench = running()
    bench.inputs.late_ms = late_ms
    bench.tick()
    bench.inputs.late_ms = 0
    bench.tick()
    assert bench.controller.guards.late_ticks == counted
    assert bench.state == state


SLOW_LOOP_ROWS = (
    # name, ms that every tick is late, state after ten seconds
    ("jitter", limits.LATE_SLACK_MS, s.RUN),
    ("three times too slow", 20, s.FAULT),
)


def test_slow_loop(row):
    """Time limits count ticks: a loop that is slow throughout must not stretch them."""
    _, late_ms, state = row
    bench = running()
    bench.run(5_000)
    bench.inputs.late_ms = late_ms
    bench.run(10_000)
    assert bench.state == state
    assert (bench.controller.faults.code == 2) == (state == s.FAULT)


def test_flash_may_be_slow_while_everything_is_off():
    for late_ms in (100, 600, 60_000):
        bench = Bench()
        bench.inputs.late_ms = late_ms
        bench.run(2_000)
        assert bench.state == s.OFF and not bench.controller.faults.code


def evening(start_ms):
    """What an evening with heat looks like, sampled each second."""
    bench = Bench(start_ms)
    bench.start()
    bench.press(BUTTON_HEAT, 200)
    trace = []
    for second in range(160):
        if second == 60:
            bench.press(BUTTON_UP, 2_000)
        bench.run(1_000)
        out = bench.outputs
        trace.append((bench.state, out.chambers, out.heater_permille, out.motor_permille))
    return trace


def test_the_wrap_of_the_clock_changes_nothing():
    """The same evening, with the wrap of the ticks at many moments of it."""
    plain = evening(0)
    for wrap_after_ms in (10, 270, 1_440, 8_000, 15_550, 33_330, 61_500, 62_200, 130_000):
        assert evening(WRAP_MS - wrap_after_ms) == plain, wrap_after_ms


PARITY_ROWS = (("found on a tick of the air's", 1), ("found on one of the motor's", 0))


def test_parity(row):
    """A warning that passes as soon as the valves let go still ends the squeeze."""
    _, parity = row
    bench = running()
    air = bench.controller.regulators.air
    while air.phase != HOLD or bench.controller.tick & 1 != parity:
        bench.tick()
    assert bench.outputs.chambers
    air.cycle.step = lambda *_: HOLD  # a regulator that sees nothing: the guard is alone
    bench.plant.frozen = True
    bench.plant.pressure_pa = limits.PRESSURE_WARNING_PA
    for _ in range(60):
        bench.tick()
        if not bench.outputs.chambers:
            break
    assert bench.controller.faults.air.active & fault_table.PRESSURE_WARNING
    bench.plant.pressure_pa = 0
    for _ in range(50):
        bench.tick()
        assert not bench.outputs.chambers and not bench.outputs.pump_permille
    assert bench.state == s.RUN


def heating():
    """A session under way whose pad is being warmed."""
    bench = running()
    bench.press(BUTTON_HEAT, 200)
    bench.run(2_000)
    assert bench.outputs.heater_enable
    return bench


def test_a_spent_dose_ends_the_heat_and_nothing_else():
    bench = heating()
    bench.controller.dose.seconds = limits.DOSE_END_CEM43_S
    bench.run(500)
    assert bench.controller.dose.spent
    assert not bench.outputs.heater_enable and not bench.outputs.heater_permille
    assert bench.state == s.RUN


def test_a_stop_leaves_no_regulator_at_work():
    bench = heating()
    bench.inputs.buttons = BUTTON_POWER
    bench.run(20)
    regulators = bench.controller.regulators
    assert bench.state == s.STOPPING
    assert not regulators.heat.enable and not regulators.heat.permille
    assert not regulators.motor.permille


def test_memory_gets_its_moment_of_rest_and_the_session_goes_on():
    bench = heating()
    bench.storage_requests = STORAGE_WAITS
    for _ in range(12_000):
        bench.tick()
        if not bench.outputs.driven():
            break
    assert not bench.outputs.driven() and bench.state == s.RUN
    bench.run(1_000)
    assert not bench.outputs.driven() and bench.controller.status.is_still
    bench.storage_requests = 0
    bench.run(2_000)
    assert bench.outputs.driven()


def test_heat_is_locked_while_the_store_refuses():
    bench = heating()
    assert bench.outputs.heater_enable
    bench.storage_requests = STORAGE_REFUSES
    bench.run(200)
    assert not bench.outputs.heater_enable and bench.state == s.RUN
    assert bench.controller.faults.code == 7
    bench.storage_requests = 0
    bench.run(200)
    assert bench.controller.faults.code == 0
