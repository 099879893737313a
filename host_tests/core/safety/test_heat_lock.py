"""Heat that bring-up has not unlocked stays off, whatever is asked, and says why."""

from massager.core.signals import BUTTON_HEAT, BUTTON_POWER
from massager_tools.sim.bench import Bench


def heated(heat_unlocked):
    """A bench in which the heat has been asked for; whether any was let through."""
    bench = Bench(heat_unlocked=heat_unlocked)
    bench.press(BUTTON_POWER)
    bench.run(3_000)
    bench.press(BUTTON_HEAT, 200)
    let_through = False
    for _ in range(500):
        bench.tick()
        let_through = let_through or bench.outputs.heater_enable
        let_through = let_through or bench.outputs.heater_permille > 0
    return bench, let_through


def test_locked():
    bench, let_through = heated(False)
    assert not let_through
    assert bench.controller.setpoints.heat_on
    assert bench.controller.faults.code == 6
    assert bench.outputs.motor_permille > 0


def test_unlocked():
    bench, let_through = heated(True)
    assert let_through
    assert bench.controller.faults.code == 0
