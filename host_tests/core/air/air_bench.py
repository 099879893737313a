"""The firmware's air control on modelled pump, valves and leg, for both interpreters."""

from massager.core import schedule
from massager.core.air.guard import AirGuard
from massager.core.air.pressure import PressureSensor
from massager.core.air.sequencer import FILL, HOLD, AirSequencer
from massager.core.safety import fault_table
from massager.core.safety.fault_manager import FaultGroup
from massager.core.signals import Outputs, Setpoints, Settings
from massager_tools.sim.model.air import SENSOR_OPEN, SENSOR_SHORT, Air

WRAP_MS = 1 << 30
FAULTY_UV = {SENSOR_OPEN: 0, SENSOR_SHORT: 3_150_000}
PLANT = {
    "pump_l_min": 2.5,
    "pump_max_kpa": 55.0,
    "pump_start": 0.7,
    "pump_stop_s": 0.08,
    "pump_a": 0.6,
    "valve_a": 0.3,
    "valve_mm": 2.0,
    "exhaust_mm": 2.0,
    "manifold_ml": 30.0,
    "manifold_leak_mm": 0.08,
    "relief_mmhg": 62.0,
    "chamber_slack_ml": [150.0, 170.0, 140.0, 160.0],  # a snug wrap: short tests
    "chamber_ml_per_mmhg": [4.0, 4.5, 3.5, 4.0],
    "slack_mmhg": 2.0,
    "leak_mmhg_s": [0.2, 0.2, 0.2, 0.2],
    "sensor_max_kpa": 20.0,
    "sensor_gain_error": 0.0,
    "sensor_zero_pa": 0.0,
}


def plant_with(changes):
    """Return PLANT with `changes`; MicroPython has no `{**PLANT}`."""
    parts = dict(PLANT)
    parts.update(changes)
    return parts


class AirBench:
    """Connect sequencer, guard and faults as the controller does; `plant` may be broken.

    `steps` lists (phase, stage, chambers) as they change; `names` the faults as they are raised.
    """

    def __init__(
        self,
        pattern=0,
        chambers=2,
        settings=None,
        start_ms=100_000,
        has_exhaust=False,
        plant=PLANT,
    ):
        self.settings = settings or Settings()
        self.plant = Air(plant, chambers, has_exhaust)
        self.setpoints = Setpoints()
        self.setpoints.air_on = True
        self.setpoints.pattern = pattern
        self.setpoints.pressure_set_pa = 3_333
        self.outputs = Outputs()
        self.air = AirSequencer(chambers, has_exhaust, self.settings)
        self.sensor = PressureSensor(250_000, 100_000, self.settings)
        self.guard = AirGuard(has_exhaust)
        self.group = FaultGroup(fault_table.AIR)
        self.now_ms = start_ms
        self.steps = []
        self.names = []
        self.peak_pa = 0.0
        self.push_pa = 0  # a leg that moves
        self.spike_every = 0  # ticks from one wrong reading to the next, 0: none
        self.spike_uv = 0
        self._tick = 0
        self._active = 0

    def tick(self):
        """Run control and model for 10 ms."""
        plant, out, air, group = self.plant, self.outputs, self.air, self.group
        sensor_uv = 250_000 + int(plant.sensor_pa() * 100)
        tick = self._tick % schedule.TICKS
        self._tick += 1
        if self.spike_every and self._tick % self.spike_every == 0:
            sensor_uv = self.spike_uv
        self.sensor.step(FAULTY_UV.get(plant.sensor_fault, sensor_uv))
        pressure_pa = self.sensor.pressure_pa
        self.guard.step(self.now_ms, tick, self.sensor.guard_pa, out)
        group.update(self.now_ms, self.guard.conditions | air.diagnosis.conditions)
        raised = group.active & ~self._active
        self._active = group.active
        for row in fault_table.AIR:
            bit, _, name, _, _, _ = row
            if raised & bit:
                self.names.append(name)
        self.zero_pa = 0
        if tick & schedule.ODD:
            pass  # the air's regulator has every other tick
        elif group.stops & fault_table.STOPS_ALL:
            air.off()
        elif group.stops & fault_table.STOPS_AIR:
            air.halt(self.now_ms, pressure_pa, self.setpoints)
        else:
            self.zero_pa = air.step(self.now_ms, pressure_pa, self.setpoints)
        out.pump_permille = 0 if group.stops else air.pump_permille
        out.chambers = air.chambers
        out.exhaust = air.exhaust
        step = (air.phase, air.cycle.stage, air.chambers)
        if not self.steps or self.steps[-1] != step:
            self.steps.append(step)
        plant.pump_duty = out.pump_permille / 1000
        plant.exhaust_on = out.exhaust
        for index in range(plant.chambers):
            plant.chamber_on[index] = bool(out.chambers >> index & 1)
            plant.leg_pa[index] = self.push_pa
        plant.step(0.01, 12.0)
        self.peak_pa = max(self.peak_pa, max(plant.chamber_pa))
        self.now_ms = (self.now_ms + 10) % WRAP_MS

    def run(self, seconds):
        """Run for `seconds`."""
        for _ in range(int(seconds * 100)):
            self.tick()

    def until(self, phase, seconds=120, stage=None):
        """Run until `phase` (of `stage`, if given); return whether it came in time."""
        for _ in range(int(seconds * 100)):
            self.tick()
            if self.air.phase == phase and stage in (None, self.air.cycle.stage):
                return True
        return False

    def cycle(self, count=1, seconds=90):
        """Run until `count` more cycles are complete; return whether that was in time."""
        goal = self.air.cycles + count
        for _ in range(int(seconds * 100) * count):
            self.tick()
            if self.air.cycles >= goal:
                return True
        return False

    def until_named(self, seconds=120):
        """Run until a fault is raised; return its name, or None."""
        for _ in range(int(seconds * 100)):
            self.tick()
            if self.names:
                return self.names[0]
        return None

    def masks(self):
        """Return the open valves during fills and holds, one entry for each change."""
        masks: list = []
        for phase, _, chambers in self.steps:
            if phase not in (FILL, HOLD) or not chambers:
                continue  # released for a moment to check the sensor
            if not masks or masks[-1] != chambers:
                masks.append(chambers)
        return masks
