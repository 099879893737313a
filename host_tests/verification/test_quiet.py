"""The measure of sound: levels add up as energies, and every bar can fall short."""

from dataclasses import replace

import pytest

from massager_tools.sim.model.loudness import PUMP_DB, VALVE_DB, Loudness
from massager_tools.verification import quiet
from massager_tools.verification.quiet import Sound

LOUD = Sound(50.0, 60.0, 100.0, 10.0, 30.0)
QUIET = Sound(43.0, 56.0, 80.0, 6.0, 30.0)


def test_levels_add_up_as_energies() -> None:
    loudness = Loudness()
    loudness.step(1.0, (False, False))
    assert loudness.mean_db == loudness.peak_db == pytest.approx(PUMP_DB)
    loudness.step(0.0, (True, True))
    assert loudness.peak_db == pytest.approx(PUMP_DB)
    assert loudness.mean_db == pytest.approx(PUMP_DB - 2.2, abs=0.1)
    loudness = Loudness()
    for valves in ((False, False), (True, True)):
        loudness.step(0.1, valves)
    assert loudness.peak_db == pytest.approx(VALVE_DB + 3.0, abs=0.1)


BAR_ROWS = (
    ("all met", QUIET, True),
    ("mean", replace(QUIET, mean_db=45.0), False),
    ("peak", replace(QUIET, peak_db=58.0), False),
    ("squeezes", replace(QUIET, cycles_h=50.0), False),
    ("rise", replace(QUIET, rise=9.0), False),
    ("stop", replace(QUIET, stops=1), False),
)


def test_bar(row: tuple[str, Sound, bool]) -> None:
    _, night, expected = row
    assert quiet.report([{"day": LOUD, "night": night, "on/off": LOUD}]).ok == expected
