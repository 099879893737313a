"""The black box in a tick, for the heap probe: armed, tripped, and waiting to write."""

from massager.core.safety.fault_table import NTC_A_INVALID
from massager.storage.blackbox import BlackBox
from massager_tools.sim.bench import Bench


class Recording:
    """A program runs, and its black box with it; every thousandth tick a fault latches."""

    def __init__(self):
        self._bench = Bench()
        self._bench.start()
        self._box = BlackBox("never-written")

    def prepare(self, tick):
        """The world's and the controller's part; the box is what is looked at."""
        if tick % 1_000 == 999:
            self._bench.controller.faults.heat.latch(NTC_A_INVALID)
        self._bench.tick()

    def step(self, tick):
        """The box's part."""
        bench = self._bench
        self._box.step(bench.controller.status, bench.inputs, bench.outputs)
