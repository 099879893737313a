"""Aborted cycles on the whole core with modelled air: the pending line test after a stop."""

from host_tests.core.air.air_bench import PLANT
from massager.core import limits
from massager.core.air.line_test import LineTest
from massager.core.air.sequencer import FILL, HOLD, LINE_TEST, REST, VENT
from massager.core.air.vent_guard import VentGuard
from massager.core.safety import fault_table
from massager.core.safety import supervisor as s
from massager.core.signals import BUTTON_POWER, Settings
from massager_tools.sim.bench import Bench, Plant, board
from massager_tools.sim.model.air import Air

WARM = 2  # the program that squeezes the foot, then all: the last hold is the second one
VENT_FAILED_CODE = 45
STOP_MS = 6_000  # a device without a fault is off by then
PULSES_MS = 2_000  # limit for all pulses of a stop


class LegPlant(Plant):
    """The bench's plant with the air of the model; `push_pa` is a leg that moves."""

    def __init__(self, chambers, has_exhaust):
        super().__init__()
        self.air = Air(PLANT, chambers, has_exhaust)
        self.push_pa = 0.0

    def step(self, outputs):
        super().step(outputs)
        air = self.air
        air.pump_duty = outputs.pump_permille / 1000
        air.exhaust_on = outputs.exhaust
        for index in range(air.chambers):
            air.chamber_on[index] = bool(outputs.chambers >> index & 1)
            air.leg_pa[index] = self.push_pa
        air.step(0.01, 12.0)
        self.pressure_pa = int(air.sensor_pa())

    def _blow(self, pump_on, chambers):
        """Do nothing: the model of the air sets the pressure."""


class Aborted:
    """A session that is aborted; `pumped_ms` and `fullest_pa` record what the pump did then."""

    def __init__(self, chambers=3, has_exhaust=False):
        names = [] if has_exhaust else ["exhaust"]
        if chambers == 2:
            names.append("chamber_3")
        on_board = board(names)
        if chambers == 4:
            on_board["roles"]["chamber_4"] = {}
        settings = Settings()
        settings.program = WARM
        self.bench = Bench(start_ms=100_000, on_board=on_board, settings=settings)
        self.bench.plant = LegPlant(chambers, has_exhaust)
        self.air = self.bench.plant.air
        self.sequencer = self.bench.controller.regulators.air
        self.pumped_ms = 0
        self.fullest_pa = 0.0  # of any chamber when the pump ran
        self.bench.start()

    def until(self, phase, stage=None, seconds=90):
        for _ in range(seconds * 100):
            self.bench.tick()
            if self.sequencer.phase == phase and stage in (None, self.sequencer.cycle.stage):
                return self
        raise AssertionError("phase not reached")

    def close(self, openness, chamber=1):
        self.air.hose_openness[chamber] = openness
        self.bench.run(300)
        return self

    def end(self, how):
        """End the session: *power* pressed, time elapsed, or a pause (supply sag) given up."""
        bench = self.bench
        if how == "power":
            bench.inputs.buttons = BUTTON_POWER
            bench.run(20)
            assert bench.state == s.STOPPING and not bench.outputs.pump_permille
            bench.inputs.buttons = 0
        elif how == "time":
            bench.controller.session.left_ms = 100
            while bench.state == s.RUN:
                bench.tick()
            assert not bench.outputs.pump_permille
        else:
            bench.plant.supply_mv = 10_000
            bench.run(1_000)
            assert bench.state == s.PAUSE
            bench.plant.supply_mv = 12_000
            bench.controller.session.stop()
        for _ in range(20):
            self.tick()
        assert bench.state in (s.STOPPING, s.OFF)
        return self

    def tick(self):
        self.bench.tick()
        if self.bench.outputs.pump_permille:
            self.pumped_ms += limits.TICK_MS
            self.fullest_pa = max(self.fullest_pa, max(self.air.chamber_pa))
            assert not self.bench.outputs.chambers

    def off(self, within_ms):
        """Return the ms until the device is off."""
        for ms in range(0, within_ms, limits.TICK_MS):
            if self.bench.state in (s.OFF, s.FAULT):
                return ms
            self.tick()
        raise AssertionError("still in state {}".format(self.bench.state))

    def is_safe(self):
        """Return whether a fault is shown, or all chambers are empty."""
        code = self.bench.controller.faults.code
        return code != 0 or max(self.air.chamber_pa) < limits.VENTED_PA


CLOSED_ROWS = (
    # name, chambers, exhaust, how far the hose is open, how the session ends
    ("power", 3, False, 0.0, "power"),
    ("power, exhaust", 3, True, 0.0, "power"),
    ("power, two chambers", 2, True, 0.005, "power"),
    ("power, four chambers", 4, False, 0.005, "power"),
    ("power, nearly closed", 3, True, 0.02, "power"),
    ("power, nearly closed, no exhaust", 3, False, 0.02, "power"),
    ("time", 3, False, 0.0, "time"),
    ("time, exhaust", 2, True, 0.02, "time"),
    ("a pause", 3, True, 0.0, "pause"),
)


def test_closed(row):
    """A leg rolls onto a hose in the hold and its chamber stays full: the fault is shown and
    latches."""
    _, chambers, has_exhaust, openness, how = row
    session = Aborted(chambers, has_exhaust).until(HOLD, 1).close(openness).end(how)
    session.off(15_000)
    assert max(session.air.chamber_pa) >= limits.VENTED_PA
    for _ in range(12_000 // limits.TICK_MS):
        session.tick()
        assert session.is_safe()
    assert session.bench.state == s.FAULT
    assert session.bench.controller.faults.code == VENT_FAILED_CODE
    assert 0 < session.pumped_ms < PULSES_MS


KINKED_ROWS = (
    # name, exhaust, how far the hose is open, code (0: it vents freely enough)
    ("much", False, 0.08, 61),
    ("less", False, 0.1, 61),
    ("a little", False, 0.2, 0),
    ("a little, exhaust", True, 0.2, 0),
)


def test_kinked(row):
    """A line that still lets air through does not prevent the end of the stop."""
    _, has_exhaust, openness, code = row
    session = Aborted(3, has_exhaust).until(HOLD, 1).close(openness).end("power")
    session.off(15_000)
    session.bench.run(12_000)
    assert session.bench.controller.faults.code == code
    assert session.is_safe() and session.pumped_ms < PULSES_MS


OPEN_ROWS = (
    # name, chambers, exhaust, phase that is aborted, stage, how
    ("a fill", 2, False, FILL, 0, "power"),
    ("a hold of three", 3, True, HOLD, 1, "power"),
    ("a hold of four", 4, False, HOLD, 1, "power"),
    ("a hold of two, exhaust", 2, True, HOLD, 1, "power"),
    ("a vent", 3, False, VENT, None, "power"),
    ("time elapsed in a hold", 3, False, HOLD, 1, "time"),
    ("a pause in a hold", 3, True, HOLD, 1, "pause"),
)


def test_open(row):
    """Intact lines take a few pulses, once all chambers are empty, and raise no fault."""
    _, chambers, has_exhaust, phase, stage, how = row
    session = Aborted(chambers, has_exhaust).until(phase, stage).close(1.0).end(how)
    session.off(STOP_MS)
    assert session.bench.state == s.OFF and not session.bench.controller.faults.code
    assert session.fullest_pa < limits.VENTED_PA
    assert 0 < session.pumped_ms <= 500
    session.bench.run(15_000)
    assert session.bench.state == s.OFF and not session.bench.controller.faults.code


def test_a_leg_that_moves_after_the_stop_is_no_blocked_line():
    session = Aborted(3, True).until(HOLD, 1).end("power")
    for step in range(700):
        session.bench.plant.push_pa = 1_300.0 if step // 90 & 1 else 0.0
        if session.bench.state == s.STOPPING:
            session.tick()
    session.bench.plant.push_pa = 0.0
    session.off(10_000)
    session.bench.run(15_000)
    assert session.bench.state == s.OFF and not session.bench.controller.faults.code


SILENT_ROWS = (("power", "power"), ("time elapsed", "time"), ("a pause", "pause"))


def test_silent(row):
    """A session whose last cycle has been verified ends without pumping."""
    session = Aborted().until(HOLD, 1).until(LINE_TEST).until(REST)
    session.end(row[1]).off(3_000)
    assert session.bench.state == s.OFF and not session.pumped_ms


def test_before_the_first_fill_no_line_test_is_pending():
    session = Aborted().until(LINE_TEST).end("power")
    session.off(STOP_MS)
    assert not session.pumped_ms


def test_no_test_pulse_while_the_air_is_stopped():
    """A broken sensor measures no test pulse: its own fault is shown instead."""
    session = Aborted().until(HOLD, 1).close(0.0)
    session.bench.plant.frozen = True
    session.bench.plant.read = lambda inputs: setattr(inputs, "pressure_uv", 0)
    session.bench.run(300)
    assert session.bench.controller.faults.code == 33
    session.end("power").off(10_000)
    session.bench.run(1_000)
    assert not session.pumped_ms and session.bench.state == s.FAULT
    assert session.bench.controller.faults.air.active == fault_table.PRESSURE_INVALID


def test_a_fault_during_the_test_pulse_ends_the_pumping():
    session = Aborted().until(HOLD, 1).end("power")
    while not session.bench.outputs.pump_permille:
        session.tick()
    session.bench.plant.supply_mv = 10_000
    session.bench.run(600)
    pumped_ms = session.pumped_ms
    session.off(10_000)
    assert session.pumped_ms == pumped_ms
    assert (
        session.bench.controller.faults.code == 1
        and not session.bench.controller.faults.air.active
    )


RUN_ROWS = (
    # name, exhaust, how far the hose is open
    ("closed", False, 0.0),
    ("closed, exhaust", True, 0.0),
    ("a hair open", True, 0.005),
    ("nearly closed", False, 0.02),
    ("nearly closed, exhaust", True, 0.05),
)


def test_run(row):
    """In a session everything stops: no heat and no motor on a leg that stays squeezed."""
    _, has_exhaust, openness = row
    session = Aborted(3, has_exhaust).until(HOLD, 1).close(openness).until(VENT)
    session.bench.run(limits.VENT_PROOF_MS + 1_000)
    assert session.bench.state == s.FAULT
    assert session.bench.controller.faults.code == VENT_FAILED_CODE


def test_a_line_that_is_free_again_lets_the_fault_be_cleared():
    session = Aborted().until(HOLD, 1).close(0.0).end("power")
    session.off(15_000)
    session.bench.run(12_000)
    session.air.hose_openness[1] = 1.0
    for _ in range(2):  # the guard's fault, then the diagnosis of the line
        session.bench.run(15_000)
        session.bench.clear()
    session.bench.run(1_000)
    assert session.bench.state == s.OFF and not session.bench.controller.faults.code
    session.bench.start()
    session.until(HOLD, 1).until(LINE_TEST).until(REST)
    assert session.bench.state == s.RUN and not session.bench.controller.faults.code


NOISE_PA = (-30, 30, 10, -10, 25, -25, 0)
CHARGED_PA = 1_500


def test_what_the_line_test_passes_at_once_the_guard_has_verified():
    """For any pressure that a leg leaves in the open chamber; else the next fill would trip."""
    passed = 0
    for left_pa in range(0, 1_100, 5):
        test = LineTest(1)
        test.begin(True)
        guard = VentGuard()
        guard.release(1, 0)
        pressure_pa = 0
        for step in range(200):
            if test.done:
                break
            chambers = test.chambers
            if chambers:
                pressure_pa = left_pa
            elif test.charger.pump_permille:
                pressure_pa = CHARGED_PA
            seen_pa = pressure_pa + NOISE_PA[step % 7]
            test.step(seen_pa, pressure_pa)
            if not chambers:
                guard.test_pa = seen_pa
                guard.verified_steps = 0
            guard.step(seen_pa, chambers)
        if test.done and test.passed_at_once:
            passed += 1
            assert not guard.unverified, left_pa
    assert passed
