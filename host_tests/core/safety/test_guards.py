"""The guards as the controller calls them: each at its time, with what the board has."""

from massager.core import limits
from massager.core.guards import Guards
from massager.core.safety import fault_table as f
from massager.core.safety import supervisor as s
from massager.core.signals import ABSENT, Inputs, Measurements, Outputs, Reported, Setpoints
from massager_tools.sim.bench import Bench, board


class Watched(Bench):
    """A bench whose sensors can be made to lie: `lies` are inputs by name."""

    def __init__(self):
        super().__init__()
        self.lies = {}

    def before(self):
        super().before()
        for name in self.lies:
            setattr(self.inputs, name, self.lies[name])

    def latched(self, group):
        """Fault words: 0 heat, 1 air, 2 motor, 3 system."""
        return self.controller.faults.groups[group].latched


def test_the_pad_is_judged_once_a_reading():
    """The trip wants two hot readings: the same one seen twice is not two."""
    bench = Watched()
    bench.start()
    plant = bench.plant
    plant.frozen = True
    for _ in range(10):  # whichever tick of the ten the reading begins at
        plant.pad_a_mc = 46_900
        bench.run(1_010)
        plant.pad_a_mc = 47_150
        bench.run(50)
        plant.pad_a_mc = 46_900
        bench.run(500)
        assert not bench.latched(0) & f.PAD_OVER_TEMP_TRIP
    plant.pad_a_mc = 47_150
    bench.run(400)
    assert bench.latched(0) & f.PAD_OVER_TEMP_TRIP


SENSE_ROWS = (
    # name, what the inputs say, ms, whether a welded high side is found
    ("a dead node", {"heater_sense": 0}, 2_000, False),
    ("a live node, for a moment", {"heater_sense": 1}, 60, False),
    ("a live node", {"heater_sense": 1}, 150, True),
    ("nothing looks there", {"heater_sense": ABSENT}, 5_000, False),
    ("the supply is too low to decide", {"heater_sense": 1, "supply_uv": 1_352_000}, 2_000, False),
    ("the supply is just enough", {"heater_sense": 1, "supply_uv": 1_378_000}, 2_000, True),
    ("no supply is measured", {"heater_sense": 1, "supply_uv": ABSENT}, 2_000, True),
)


def test_sense(row):
    """While no heat is asked for; 10.4 and 10.6 V are 1.352 and 1.378 V at the pin."""
    _, lies, ms, found = row
    bench = Watched()
    bench.start()
    if "supply_uv" in lies:
        bench.lies["supply_uv"] = lies["supply_uv"]
        bench.run(500)
    bench.lies.update(lies)
    bench.run(ms)
    assert bool(bench.latched(0) & f.HIGH_SIDE_WELDED) == found


def test_a_shaft_that_stands_gets_a_rest_without_a_fault():
    bench = Watched()
    bench.start()
    bench.run(8_000)
    assert bench.outputs.motor_permille > 0
    bench.lies["tach_edges"] = bench.inputs.tach_edges
    rested = 0
    for _ in range(250):
        bench.tick()
        rested += bench.outputs.motor_permille == 0
    assert rested > 100
    assert bench.state == s.RUN and not bench.latched(2) and bench.controller.faults.code == 0


EXHAUST_ROWS = (
    # name, roles that the board lacks, exhaust shut while a chamber is looked at, vent failed
    ("no exhaust", ("exhaust",), False, True),
    ("an exhaust that is shut", (), True, True),
    ("an exhaust that is open", (), False, False),
)


def test_exhaust(row):
    """Through an open exhaust the sensor sees no chamber; where there is none it always does."""
    _, lacks, shut, failed = row
    measured = Measurements()
    outputs = Outputs()
    inputs = Inputs()
    guards = Guards(measured, Setpoints(), board(lacks), True)
    now_ms = 1_000
    for ms, pressure_pa, pump, chambers in (
        (3_000, 3_000, 1_000, 1),
        (500, 3_000, 0, 1),
        (11_000, 1_150, 0, 0),
        (10_500, 1_150, 0, 1),  # late, so it is given the time of a look in time
    ):
        measured.pressure_guard_pa = pressure_pa
        outputs.pump_permille = pump
        outputs.chambers = chambers
        outputs.exhaust = pump > 0 or (shut and chambers > 0)
        for _ in range(ms // 10):
            guards.step(now_ms, now_ms // 10 % 10, inputs, outputs, Reported())
            now_ms += 10
    assert bool(guards.faults.groups[1].active & f.VENT_FAILED) == failed


def test_a_pad_that_nobody_has_judged_gets_no_heat():
    assert Guards(Measurements(), Setpoints(), board(), True).heat_max_permille == 0


WARM_ROWS = (
    # name, seconds at 1.4 times the heat that the motor can lose for good, whether too hot
    ("three minutes and a half", 210, False),
    ("more than four", 250, True),
)


def test_warm(row):
    """The motor's warmth is counted ten times a second, no matter how often it is looked at."""
    _, seconds, hot = row
    measured = Measurements()
    outputs = Outputs()
    inputs = Inputs()
    guards = Guards(measured, Setpoints(), board(), True)
    measured.supply_mv = 12_000
    measured.motor_rpm = 0
    outputs.motor_permille = limits.MOTOR_HEAT_MV * 118 // 1_200
    for tick in range(seconds * 100):
        measured.motor_edges = tick  # it turns, if slowly
        measured.motor_updates = tick & 255
        guards.step(tick * 10, tick % 10, inputs, outputs, Reported())
    assert bool(guards.faults.motor.latched & f.MOTOR_OVERHEATED) == hot


def test_a_pressure_that_was_too_high_passes_at_once():
    measured = Measurements()
    outputs = Outputs()
    guards = Guards(measured, Setpoints(), board(), True)
    outputs.chambers = 1
    tick = 0
    for pressure_pa, ticks, found in ((6_100, 60, f.PRESSURE_WARNING), (3_000, 5, 0)):
        measured.pressure_guard_pa = pressure_pa
        for _ in range(ticks):
            guards.step(tick * 10, tick % 10, Inputs(), outputs, Reported())
            tick += 1
        assert guards.faults.air.active == found


SPEED_ROWS = (
    # name, ms too fast and ms in order in turn, whether it is a fault
    ("too fast again and again", (900, 900, 900, 900), False),
    ("too fast for long", (900, 900, 1_100), True),
)


def test_speed(row):
    _, turns_ms, found = row
    measured = Measurements()
    outputs = Outputs()
    guards = Guards(measured, Setpoints(), board(), True)
    outputs.motor_permille = 200
    tick = 0
    for turn, ms in enumerate(turns_ms):
        measured.motor_rpm = 500 if turn & 1 else 3_000
        for _ in range(ms // 10):
            measured.motor_edges = tick
            measured.motor_updates = tick & 255
            guards.step(tick * 10, tick % 10, Inputs(), outputs, Reported())
            tick += 1
    assert bool(guards.faults.motor.latched & f.MOTOR_OVERSPEED) == found


LATE_ROWS = (
    # name, each tick late by ms, ticks, whether the loop is too slow
    ("jitter", 2, 2_000, False),
    ("half a second lost in all", 3, 500, False),
    ("more than that", 3, 501, True),
)


def test_late(row):
    _, late_ms, ticks, found = row
    inputs = Inputs()
    inputs.late_ms = late_ms
    outputs = Outputs()
    outputs.motor_permille = 200
    guards = Guards(Measurements(), Setpoints(), board(), True)
    for tick in range(ticks):
        guards.step(tick * 10, tick % 10, inputs, outputs, Reported())
    assert bool(guards.faults.system.latched & f.LOOP_LATE) == found
