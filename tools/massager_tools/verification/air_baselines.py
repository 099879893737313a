"""Other ways to control the same pump and valves: by the clock, and on/off at the set-point.

They need no core: each drives the modelled air itself, and reads the sensor as the chip does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from massager_tools.sim.adc import Converter
from massager_tools.sim.chip import Chip
from massager_tools.sim.model.air import Air
from massager_tools.sim.model.plant import Plant
from massager_tools.sim.model.supply import Supply
from massager_tools.units import PA_PER_MMHG
from massager_tools.verification.harness import TICK_S, Build

REST, FILL, HOLD = range(3)
_HOLD_TICKS = 500
_REST_TICKS = 400  # venting included, as in the firmware
_FILL_MAX_TICKS = 4_000
_LOOP_TICKS = 5
_PUMP_PERMILLE = 1_000
_HYSTERESIS_PA = 1.0 * PA_PER_MMHG
_WIDE_MM = 4.0  # four times the opening of a 2 mm valve: 0.1 mmHg at the flow of the pump
_ATTENUATIONS_DB = (0, 2.5, 6, 11)


class World:
    """One plant without its controller: pump, valves, chambers, supply and sensor."""

    def __init__(
        self, parameters: Mapping[str, Any], build: Build, chambers: int, seed: int
    ) -> None:
        board = build.board
        self.chambers = chambers
        self.air = Air(parameters["air"], chambers, "exhaust" in board["roles"])
        self.supply = Supply(parameters["supply"])
        attenuation_db = board["roles"]["pressure"]["attenuation_db"]
        chip = Chip(dict(build.facts), Plant(parameters), dict(parameters["adc"]), seed & 0xFFFFFF)
        self._converter = Converter(chip, "pressure", _ATTENUATIONS_DB.index(attenuation_db))
        self._sensor = board["pressure_sensor"]

    def read_pa(self) -> float:
        """Read the sensor once, with the zero and slope of its data sheet."""
        sensor = self._sensor
        zero_uv: float = sensor["zero_mv"] * 1000.0
        uv = zero_uv + self.air.sensor_pa() * sensor["uv_per_kpa"] / 1000.0
        read_uv = self._converter.uv(uv)
        pa: float = (read_uv - zero_uv) * 1000.0 / sensor["uv_per_kpa"]
        return pa

    def drive(self, pump_permille: int, chambers: int) -> None:
        """Let one tick pass under these outputs; the exhaust is closed while a valve is open."""
        air = self.air
        air.pump_duty = pump_permille / 1000.0
        for index in range(self.chambers):
            air.chamber_on[index] = chambers >> index & 1 == 1
        air.exhaust_on = chambers != 0
        self.supply.step(air.current_a)
        air.step(TICK_S, self.supply.volts)


class Baseline(ABC):
    """A wave by somebody else: chamber by chamber, all held, all released.

    It has what the figures need of any scheme: `phase`, `stage`, `cycles`, `set_pa`.
    """

    def __init__(self, world: World, set_pa: int) -> None:
        self.world = world
        self.set_pa = set_pa
        self.phase = REST
        self.stage = 0
        self.cycles = 0
        self.ticks = 0  # in this phase
        self._pump = 0
        self._mask = 0

    def tick(self) -> None:
        """Let 10 ms pass."""
        self.ticks += 1
        if self.phase == REST:
            if self.ticks >= _REST_TICKS:
                self.stage = 0
                self._mask = 1
                self._pump = _PUMP_PERMILLE
                self._enter(FILL)
        elif self.phase == FILL:
            if self._is_full():
                if self.stage + 1 < self.world.chambers:
                    self.stage += 1
                    self._mask = self._mask << 1 | 1
                    self._enter(FILL)
                else:
                    self._pump = 0
                    self._enter(HOLD)
        elif self.ticks >= _HOLD_TICKS:
            self._pump = 0
            self._mask = 0
            self.cycles += 1
            self._enter(REST)
        else:
            self._hold()
        self.world.drive(self._pump, self._mask)

    def _enter(self, phase: int) -> None:
        self.phase = phase
        self.ticks = 0

    @abstractmethod
    def _is_full(self) -> bool:
        """Return whether the next chamber's turn has come."""

    @abstractmethod
    def _hold(self) -> None:
        """Hold for 10 ms."""


class Timed(Baseline):
    """No sensor: each chamber is filled for the time that the nominal plant takes."""

    def __init__(self, world: World, set_pa: int, fill_ticks: tuple[int, ...]) -> None:
        super().__init__(world, set_pa)
        self._fill_ticks = fill_ticks

    def _is_full(self) -> bool:
        return self.ticks >= self._fill_ticks[self.stage]

    def _hold(self) -> None:
        """Look at nothing."""


class OnOff(Baseline):
    """Pump on below the set-point, off above it, as hobby and cheap firmware does it.

    A loop reads the sensor once, compares, switches, and comes round again: pump until the
    reading is there, pause, pump again when it is low. So one raw reading decides, its zero is
    the data sheet's, and nothing is known of what the pump still gives or the hoses swallow.
    The loop is a quick one: printing a line at 9600 baud alone takes 35 ms, and pauses of
    100 ms are usual; so is its dead band narrow: 5 mbar either side are met as well. (Read:
    JekelyLab/Bezares_et_al_2023_Pressure, PressureHolder.ino; forum.arduino.cc/t/557022.)
    """

    def __init__(self, world: World, set_pa: int) -> None:
        super().__init__(world, set_pa)
        self._pa = 0.0
        self._loop = 0

    def tick(self) -> None:
        """Let 10 ms pass."""
        self._loop += 1
        if self._loop == _LOOP_TICKS:
            self._loop = 0
            self._pa = self.world.read_pa()
        super().tick()

    def _is_full(self) -> bool:
        # a chamber that has just joined is not judged by the reading before
        is_read = self.ticks >= _LOOP_TICKS and self._pa >= self.set_pa
        return is_read or self.ticks >= _FILL_MAX_TICKS

    def _hold(self) -> None:
        if self._pa >= self.set_pa:
            self._pump = 0
        elif self._pa < self.set_pa - _HYSTERESIS_PA:
            self._pump = _PUMP_PERMILLE


class Ideal(Baseline):
    """The plant's own minimum: pump flat out, and ideal valves.

    Its valves move at once and let air into the chambers without resistance; out they go the
    plant's own way, so that it finds no emptier chambers than the others do. It knows the true
    pressures, stops the pump to the point and has nothing to prove.
    """

    def __init__(self, world: World, set_pa: int) -> None:
        super().__init__(world, set_pa)
        world.air.widen_inlets(_WIDE_MM)

    def _is_full(self) -> bool:
        return self._lowest_pa() >= self.set_pa

    def _hold(self) -> None:
        self._pump = _PUMP_PERMILLE if self._lowest_pa() < self.set_pa else 0

    def _lowest_pa(self) -> float:
        return min(self.world.air.chamber_pa[: self.stage + 1])
