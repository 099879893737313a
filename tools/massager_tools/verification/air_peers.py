"""What others do with the same pump and valves: by the clock, and on/off at the set-point."""

from __future__ import annotations

from abc import ABC, abstractmethod

from massager_tools.verification.air_rig import FILL, HOLD, PA_PER_MMHG, REST, World

_HOLD_TICKS = 500
_REST_TICKS = 400  # venting included, as in the firmware
_FILL_MAX_TICKS = 4_000
_LOOP_TICKS = 5
_PUMP_PERMILLE = 1_000
_HYSTERESIS_PA = 1.0 * PA_PER_MMHG
_WIDE_MM = 4.0  # four times the opening of a 2 mm valve: 0.1 mmHg at the flow of the pump


class Peer(ABC):
    """A wave by somebody else: chamber by chamber, all held, all released.

    Has what the figures need of any scheme: `phase`, `stage`, `cycles`, `set_pa`.
    """

    def __init__(self, world: World, set_pa: int) -> None:
        self.world = world
        self.set_pa = set_pa
        self.phase = REST
        self.stage = 0
        self.cycles = 0
        self._pump = 0
        self._mask = 0
        self._ticks = 0

    def tick(self) -> None:
        """10 ms."""
        self._ticks += 1
        if self.phase == REST:
            if self._ticks >= _REST_TICKS:
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
        elif self._ticks >= _HOLD_TICKS:
            self._pump = 0
            self._mask = 0
            self.cycles += 1
            self._enter(REST)
        else:
            self._keep()
        self.world.drive(self._pump, self._mask, self._mask != 0)

    def _enter(self, phase: int) -> None:
        self.phase = phase
        self._ticks = 0

    @abstractmethod
    def _is_full(self) -> bool:
        """Whether the next chamber's turn has come."""

    @abstractmethod
    def _keep(self) -> None:
        """10 ms of the hold."""


class Timed(Peer):
    """No sensor: each chamber is filled for the time that the nominal plant takes."""

    def __init__(self, world: World, set_pa: int, fill_ticks: tuple[int, ...]) -> None:
        super().__init__(world, set_pa)
        self._fill_ticks = fill_ticks

    def _is_full(self) -> bool:
        return self._ticks >= self._fill_ticks[self.stage]

    def _keep(self) -> None:
        """Nobody looks."""


class OnOff(Peer):
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
        """10 ms."""
        self._loop += 1
        if self._loop == _LOOP_TICKS:
            self._loop = 0
            self._pa = self.world.sensor.read_pa(self.world.air)
        super().tick()

    def _is_full(self) -> bool:
        # a chamber that has just joined is not judged by the reading before
        is_read = self._ticks >= _LOOP_TICKS and self._pa >= self.set_pa
        return is_read or self._ticks >= _FILL_MAX_TICKS

    def _keep(self) -> None:
        if self._pa >= self.set_pa:
            self._pump = 0
        elif self._pa < self.set_pa - _HYSTERESIS_PA:
            self._pump = _PUMP_PERMILLE


class Ideal(Peer):
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

    def _keep(self) -> None:
        self._pump = _PUMP_PERMILLE if self._lowest_pa() < self.set_pa else 0

    def _lowest_pa(self) -> float:
        return min(self.world.air.chamber_pa[: self.stage + 1])
