"""A bench for the air alone: modelled pump, valves and leg, the firmware's air, and its faults.

Sequencer, guard, fault table and sensor are the firmware's, run at its 100 Hz on this
Python; what the controller does between them is repeated here in a few lines.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from massager_tools.firmware_tables import core
from massager_tools.sim.model.air import SENSOR_OPEN, SENSOR_SHORT, Air
from massager_tools.sim.model.supply import Supply
from massager_tools.units import PA_PER_MMHG

TICK_S = 0.01
PATTERNS = ("wave", "ripple", "squeeze", "foot_first")
REST, FILL, HOLD, VENT, LINE_TEST = range(5)

_WRAP_MS = 1 << 30
_BOOT_MS = 100_000  # the device has been on for a while: the chambers are empty
_ADC_ERROR_UV = 60_000  # an ESP32 at 11 dB, of 2450 mV; see virtual/chip_facts.py
_ADC_TOP_UV = 2_450_000
_ADC_FLOOR_UV, _ADC_FULL_UV = 142_000, 3_150_000
_ADC_NOISE_UV = 2_000
_SENSOR_ZERO_UV, _SENSOR_UV_PER_KPA = 250_000, 100_000
_RIPPLE_PA = 60.0  # strokes of the pump's membrane, as on the virtual board
_NOISES = 4093  # prime
_ZERO_READINGS = 100


class Sensor:
    """What the chip reads of the manifold: the sensor's error, the converter's, and noise."""

    def __init__(self, parameters: Mapping[str, Any], seed: int, settings: Any) -> None:
        adc = parameters["adc"]
        self._offset_uv = _ADC_ERROR_UV * adc["offset_error"]
        self._gain = 1.0 + adc["gain_error"] * _ADC_ERROR_UV / _ADC_TOP_UV
        dice = random.Random(seed)
        self._noise = [dice.gauss(0.0, 1.0) for _ in range(_NOISES)]
        self._noise_uv = _ADC_NOISE_UV * adc["noise"]
        self._at = 0
        pressure = core("air.pressure")
        self.firmware = pressure.PressureSensor(_SENSOR_ZERO_UV, _SENSOR_UV_PER_KPA, settings)

    def calibrate(self, air: Air, settings: Any) -> None:
        """Store the zero as bring-up does, without any pressure."""
        readings = [self.read_uv(air) for _ in range(_ZERO_READINGS)]
        settings.pressure_offset_uv = sum(readings) // _ZERO_READINGS - _SENSOR_ZERO_UV
        pressure = core("air.pressure")
        self.firmware = pressure.PressureSensor(_SENSOR_ZERO_UV, _SENSOR_UV_PER_KPA, settings)

    def read_uv(self, air: Air) -> int:
        """One reading of the chip: whole millivolts."""
        noise = self._noise
        at = self._at = (self._at + 2) % (_NOISES - 1)
        if air.sensor_fault == SENSOR_OPEN:
            uv = 0.0
        elif air.sensor_fault == SENSOR_SHORT:
            uv = 3_300_000.0
        else:
            pressure_pa = air.sensor_pa()
            if air.pump_speed > 0.0 and not air.sensor_fault:
                pressure_pa += _RIPPLE_PA * air.pump_speed * noise[at]
            uv = _SENSOR_ZERO_UV + pressure_pa * (_SENSOR_UV_PER_KPA / 1000.0)
        uv = uv * self._gain + self._offset_uv + self._noise_uv * noise[at + 1]
        uv = min(max(uv, _ADC_FLOOR_UV), _ADC_FULL_UV)
        return int(uv * 0.001) * 1000

    def read_pa(self, air: Air) -> int:
        """One reading, as the firmware understands it."""
        self.firmware.step(self.read_uv(air))
        return int(self.firmware.pressure_pa)


class World:
    """One plant: pump, valves, chambers, supply and sensor; `drive` puts outputs on them."""

    def __init__(
        self, parameters: Mapping[str, Any], seed: int, chambers: int, has_exhaust: bool
    ) -> None:
        self.parameters = parameters
        self.chambers = chambers
        self.air = Air(parameters["air"], chambers, has_exhaust)
        self.supply = Supply(parameters["supply"])
        self.settings = core("signals").Settings()
        self.sensor = Sensor(parameters, seed, self.settings)
        self.sensor.calibrate(self.air, self.settings)

    def drive(self, pump_permille: int, chambers: int, exhaust: bool) -> None:
        """One tick under these outputs."""
        air = self.air
        air.pump_duty = pump_permille / 1000.0
        on = air.chamber_on
        for index in range(self.chambers):
            on[index] = chambers >> index & 1 == 1
        air.exhaust_on = exhaust
        self.supply.step(air.current_a)
        air.step(TICK_S, self.supply.volts)


class Rig(World):
    """The firmware's air on one plant.

    `events` collects (ms, fault name) as faults come into force; `stops` are the STOPS_*
    in force. `setpoints` may be changed at any time.
    """

    def __init__(
        self, parameters: Mapping[str, Any], seed: int, chambers: int, has_exhaust: bool
    ) -> None:
        super().__init__(parameters, seed, chambers, has_exhaust)
        signals = core("signals")
        self.setpoints = signals.Setpoints()
        self.setpoints.air_on = True
        self.outputs = signals.Outputs()
        self.sequencer = core("air.sequencer").AirSequencer(chambers, has_exhaust, self.settings)
        self.guard = core("air.guard").AirGuard(has_exhaust)
        self.group = core("safety.fault_manager").FaultGroup(core("safety.fault_table").AIR)
        self.now_ms = _BOOT_MS
        self.events: list[tuple[int, str]] = []
        self.pressure_pa = 0
        self._seen = 0
        self._is_airs = False

    @property
    def stops(self) -> int:
        """The union of what the faults in force stop."""
        return int(self.group.stops)

    def tick(self) -> None:
        """10 ms of everything."""
        now_ms = self.now_ms
        faults = core("safety.fault_table")
        outputs = self.outputs
        sequencer = self.sequencer
        group = self.group
        pressure_pa = self.pressure_pa = self.sensor.read_pa(self.air)
        self.guard.step(now_ms, int(self.sensor.firmware.guard_pa), outputs)
        group.update(now_ms, self.guard.conditions | sequencer.diagnosis.conditions)
        if group.active != self._seen:
            self._note(now_ms)
        stops = group.stops
        zero_pa = 0
        self._is_airs = not self._is_airs
        if not self._is_airs:
            pass  # the air's regulator has every other tick
        elif stops & faults.STOPS_ALL:
            sequencer.off()
        elif stops & faults.STOPS_AIR:
            zero_pa = sequencer.halt(now_ms, pressure_pa, self.setpoints)
        else:
            zero_pa = sequencer.step(now_ms, pressure_pa, self.setpoints)
        if zero_pa:
            self.sensor.firmware.correct_zero(zero_pa)
        outputs.pump_permille = 0 if stops & faults.STOPS_AIR else sequencer.pump_permille
        outputs.chambers = sequencer.chambers
        outputs.exhaust = sequencer.exhaust
        self.drive(outputs.pump_permille, outputs.chambers, outputs.exhaust)
        self.now_ms = (now_ms + 10) % _WRAP_MS

    def _note(self, now_ms: int) -> None:
        fresh = self.group.active & ~self._seen
        self._seen = self.group.active
        for index, row in enumerate(core("safety.fault_table").AIR):
            if fresh >> index & 1:
                self.events.append((now_ms, row[1]))

    def run(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(round(seconds / TICK_S)):
            self.tick()


class Leg:
    """A leg that moves now and then: pushes and sags of up to 10 mmHg on what is filled."""

    def __init__(self, air: Air, seed: int) -> None:
        self._air = air
        self._dice = random.Random(seed)
        self._left = 0
        self._rest = 500
        self._shape: list[float] = []
        self._where: tuple[int, ...] = ()

    def tick(self) -> None:
        """10 ms."""
        if self._left:
            self._left -= 1
            push_pa = self._shape[self._left]
            for index in self._where:
                self._air.leg_pa[index] = push_pa
        elif self._rest:
            self._rest -= 1
        else:
            self._begin()

    def _begin(self) -> None:
        """A bump as long as a turn of the foot, or a new position that stays for a while."""
        dice = self._dice
        height_pa = dice.uniform(-10.0, 10.0) * PA_PER_MMHG
        rise = dice.randint(15, 60)
        stay = dice.choice((0, 0, dice.randint(20, 1_000)))
        ramp = [height_pa * step / rise for step in range(rise)]
        self._shape = [0.0, *ramp, *([height_pa] * stay), *reversed(ramp)]
        self._left = len(self._shape)
        self._rest = dice.randint(300, 6_000)
        chambers = range(len(self._air.leg_pa))
        self._where = tuple(chambers) if dice.random() < 0.5 else (dice.choice(chambers),)
