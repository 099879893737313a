"""The core in every state and under every fault, for the heap probe."""

from massager.core import limits
from massager.core.safety import supervisor as s
from massager.core.signals import BUTTON_HEAT, BUTTON_POWER
from massager_tools.sim.bench import Bench


class InState:
    """Keeps a bench in one state by driving it back there whenever it leaves."""

    def __init__(self, state, drive):
        self._state = state
        self._drive = drive
        self._bench = Bench()

    def prepare(self, tick):
        """The world's part of the tick; gets back into the state where it was left."""
        if self._bench.state != self._state:
            self._bench = Bench()
            self._drive(self._bench)
            assert self._bench.state == self._state, self._bench.state
        self._bench.before()
        if tick % 1_000 == 500:
            self._bench.inputs.buttons = BUTTON_HEAT
        elif tick % 1_000 == 520:
            self._bench.inputs.buttons = 0

    def step(self, tick):
        """The tick itself, with the heap locked."""
        self._bench.step()


def _nothing(bench):
    bench.run(1_000)


def _check(bench):
    bench.press(BUTTON_POWER)


def _pause(bench):
    bench.start()
    bench.plant.supply_mv = 10_000
    bench.run(1_000)


def _ending(bench):
    bench.start()
    bench.run_until(s.ENDING, 30 * 60_000)


def _stopping(bench):
    bench.start()
    bench.run(20_000)
    bench.press(BUTTON_POWER, 100)


def _fault(bench):
    bench.start()
    bench.plant.frozen = True
    bench.plant.pad_a_mc = limits.PAD_TRIP_MC + 1_000
    bench.run(500)


def off():
    return InState(s.OFF, _nothing)


def check():
    return InState(s.CHECK, _check)


def run():
    return InState(s.RUN, Bench.start)


def pause():
    return InState(s.PAUSE, _pause)


def ending():
    return InState(s.ENDING, _ending)


def stopping():
    return InState(s.STOPPING, _stopping)


def fault():
    return InState(s.FAULT, _fault)


class EveryFault(InState):
    """Runs, and sets inputs to another extreme every 50 ticks, all guards' rows included."""

    _EXTREMES_UV = (0, 150_000, 250_000, 700_000, 900_000, 1_400_000, 3_300_000)

    def __init__(self):
        super().__init__(s.RUN, Bench.start)

    def prepare(self, tick):
        """Start anew every 1,000 ticks; in between whatever state the faults lead to."""
        if tick % 1_000 == 0:
            self._bench = Bench()
            self._bench.start()
        self._bench.before()
        inputs = self._bench.inputs
        extremes = self._EXTREMES_UV
        turn = tick // 50
        inputs.pad_a_uv = extremes[turn % 7]
        inputs.pad_b_uv = extremes[turn * 3 % 7]
        inputs.pressure_uv = extremes[turn * 5 % 7]
        inputs.supply_uv = extremes[4 + turn % 3]
        inputs.tach_turn_us = turn * 997 % 100_000
        inputs.late_ms = turn * 37 % 600
        inputs.buttons = turn * 11 % 32


def every_fault():
    return EveryFault()
