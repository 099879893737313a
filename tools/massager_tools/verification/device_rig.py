"""The whole core on the whole model, a hundred times a second, on this Python.

What `virtual/` runs in an interpreter of its own, with pins, clock and loop, stands here in
one process without them: thousands of hours in one piece. A tick is late now and then, by no
more than a program may be. Buttons do not bounce (`measure panel` has that), and nothing is
written to flash.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from massager_tools.build import deploy
from massager_tools.firmware_tables import core, firmware
from massager_tools.sim.chip_facts import chip_facts
from massager_tools.sim.model.plant import Plant
from massager_tools.sim.wiring import chamber_count
from massager_tools.verification.air_rig import Sensor
from massager_tools.verification.heat_bench import Sensors, make_pad

TICK_MS = 10
TICK_S = 0.01
_TICK_US = 10_000
_SLOW_TICKS = 10
_ZERO_READINGS = 100
_TICKS_MASK = (1 << 30) - 1
_ATTENUATIONS_DB = (0, 2.5, 6, 11)
_LOGIC_V = 5.0  # the sense divider gives a clear high above this
_NOISES = 4093  # prime
_LATE_SHARE = 0.001  # of the ticks
_PHASE_DRIFT = 0.0137  # of the heater's PWM against the tick: it meets every moment of it

limits = core("limits")


class Device:
    """One massager: `parameters` of the model, a board, calibrated as bring-up does it.

    `events` collects (tick, fault name, whether it stops anything) as faults come into
    force. `plant` is the model, to be lived with; `settings` outlive `power_up`.
    """

    def __init__(self, parameters: Mapping[str, Any], board: Mapping[str, Any], seed: int) -> None:
        self.board = deploy.derived(dict(board))
        roles = self.board["roles"]
        pulses = self.board["tach_pulses_per_turn"]
        self.plant = Plant(parameters, chamber_count(board), "exhaust" in roles, pulses)
        self.ticks = 0
        self.events: list[tuple[int, str, bool]] = []
        self._signals = core("signals")
        self.settings = self._signals.Settings()
        self._pad = Sensors(self.plant.heat, parameters["adc"], seed)
        self._gauge = Sensor(parameters, seed, self.settings)
        self._edges = firmware("hal.tach").Edges(pulses, 0)
        self._has_tach = "tach" in roles
        self._has_sense = "heater_sense" in roles
        self._supply = None
        if "supply" in roles:
            self._supply = _SupplyPin(self.board, parameters["adc"], seed)
        self._dice = random.Random(seed)
        self._now_us = self._dice.randrange(1 << 30)
        self._heater_phase = 0.0  # of its PWM at this tick
        self._bring_up(parameters, seed)
        self.power_up()

    def _bring_up(self, parameters: Mapping[str, Any], seed: int) -> None:
        settings = self.settings
        settings.proven_wiring = self.board["wiring_id"]
        settings.pad_a_offset_mc, settings.pad_b_offset_mc = make_pad(parameters, seed).offsets_mc
        readings = [self._gauge.read_uv(self.plant.air) for _ in range(_ZERO_READINGS)]
        zero_uv = self.board["pressure_sensor"]["zero_mv"] * 1000
        settings.pressure_offset_uv = sum(readings) // len(readings) - zero_uv

    def power_up(self) -> None:
        """The chip starts; only the settings outlive it."""
        self.inputs = self._signals.Inputs()
        self.outputs = self._signals.Outputs()
        self.controller = core("controller").Controller(self.board, self.settings)
        self._seen = [0] * len(self.controller.faults.groups)
        self._booted = self.ticks

    @property
    def state(self) -> int:
        """The state of the device, one of supervisor.*."""
        return int(self.controller.state)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(round(seconds / TICK_S)):
            self.tick()

    def press(self, button: int, seconds: float) -> None:
        """Hold a button (BUTTON_* bit), then let go of it for as long as a finger needs."""
        self.inputs.buttons = button
        self.run(seconds)
        self.inputs.buttons = 0
        self.run(0.5)

    def tick(self) -> None:
        """10 ms of everything."""
        late_ms = 0
        if self._dice.random() < _LATE_SHARE:
            late_ms = self._dice.randrange(1, limits.LATE_COUNT_MS)
            self._pass(late_ms * 1000)
        self.inputs.late_ms = late_ms
        self._read(self._now_us & _TICKS_MASK)
        self.controller.step(self._now_us // 1000 & _TICKS_MASK, self.inputs, self.outputs)
        self._drive()
        self._pass(_TICK_US)
        self.ticks += 1
        groups = self.controller.faults.groups
        seen = self._seen
        for index, group in enumerate(groups):
            if group.active != seen[index]:
                self._note(index, group)

    def _pass(self, us: int) -> None:
        """Time for the plant."""
        self.plant.step(us * 1e-6)
        if self._has_tach:
            motor = self.plant.motor
            for share, rises, level in zip(
                motor.edge_shares, motor.edge_rises, motor.edge_levels, strict=True
            ):
                if not rises and not level:  # as the hal's handler does
                    self._edges.take(self._now_us + int(share * us) & _TICKS_MASK)
        self._now_us += us

    def _read(self, now_us: int) -> None:
        """What the pins show."""
        inputs = self.inputs
        plant = self.plant
        if (self.ticks - self._booted) % _SLOW_TICKS == 0:  # a pad does not move in less
            inputs.pad_a_uv = self._pad.uv(0)
            inputs.pad_b_uv = self._pad.uv(1)
        inputs.pressure_uv = self._gauge.read_uv(plant.air)
        if self._supply is not None:
            inputs.supply_uv = self._supply.read_uv(plant.supply.volts)
        if self._has_sense:
            self._heater_phase = (self._heater_phase + _PHASE_DRIFT) % 1.0
            low_side_on = plant.heat.duty > self._heater_phase
            live = plant.heat.node_live(low_side_on) and plant.supply.volts > _LOGIC_V
            inputs.heater_sense = 1 if live else 0
        if self._has_tach:
            self._edges.read(now_us, inputs)

    def _drive(self) -> None:
        """What the outputs do."""
        outputs = self.outputs
        plant = self.plant
        plant.heat.enable = outputs.heater_enable
        plant.heat.duty = outputs.heater_permille / 1000.0
        plant.motor.duty = outputs.motor_permille / 1000.0
        air = plant.air
        air.pump_duty = outputs.pump_permille / 1000.0
        chambers = outputs.chambers
        for index in range(air.chambers):
            air.chamber_on[index] = chambers >> index & 1 == 1
        air.exhaust_on = outputs.exhaust

    def _note(self, index: int, group: Any) -> None:
        fresh = group.active & ~self._seen[index]
        self._seen[index] = group.active
        for bit, row in enumerate(group.rows):
            if fresh >> bit & 1:
                self.events.append((self.ticks, row[1], bool(row[2])))


class _SupplyPin:
    """The 12 V behind their divider, as the converter reads them."""

    def __init__(self, board: Mapping[str, Any], adc: Mapping[str, float], seed: int) -> None:
        facts = chip_facts(board["chip"])
        decibels = _ATTENUATIONS_DB.index(board["roles"]["supply"]["attenuation_db"])
        _, top_mv, full_mv, error_mv = facts["adc_ranges"][decibels]
        gain = 1.0 + adc["gain_error"] * error_mv / top_mv
        self._uv_per_v = board["supply_divider"]["permille"] * 1000.0 * gain
        self._offset_uv = 1000.0 * error_mv * adc["offset_error"]
        self._full_uv = full_mv * 1000.0
        noise_uv = 1000.0 * facts["adc_noise_mv"] * adc["noise"]
        dice = random.Random(~seed)
        self._noise_uv = [dice.gauss(0.0, noise_uv) for _ in range(_NOISES)]
        self._next = 0

    def read_uv(self, volts: float) -> int:
        """One reading."""
        self._next = (self._next + 1) % _NOISES
        uv = volts * self._uv_per_v + self._offset_uv + self._noise_uv[self._next]
        return int(min(max(uv, 0.0), self._full_uv) * 0.001) * 1000
