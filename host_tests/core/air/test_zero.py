"""The sensor: how far its zero may drift from that of bring-up, and spikes, in plain numbers."""

from massager.core.air.pressure import PressureSensor
from massager.core.signals import Settings

UV_PER_KPA = 100_000
BRINGUP_UV = -20_000
ZERO_ROWS = (
    # name, Pa shown without pressure, step by step, whether all of it is learnt
    ("a little high", (100,), True),
    ("as far as allowed", (260,), True),
    ("too far", (274,), False),
    ("as far below as allowed", (-260,), True),
    ("too far below", (-274,), False),
    ("in steps, as far as allowed", (130, 130), True),
    ("in steps, too far", (140, 140), False),
)


def test_zero(row):
    _, shown_pa, learnt = row
    settings = Settings()
    settings.pressure_offset_uv = BRINGUP_UV
    sensor = PressureSensor(250_000, UV_PER_KPA, settings)
    for pa in shown_pa:
        sensor.correct_zero(pa)
    for _ in range(3):
        sensor.step(250_000 + BRINGUP_UV + sum(shown_pa) * 100)
    assert (sensor.pressure_pa == 0) == learnt
    assert sensor.guard_pa == sum(shown_pa)  # the guard keeps the zero of bring-up …
    assert settings.pressure_offset_uv == BRINGUP_UV  # … and so does the next power-up


SPIKE_ROWS = (
    # name, readings in Pa, shown Pa
    ("none", (1_000, 1_010, 1_020), 1_020),
    ("in the past", (1_000, 20_000, 1_010), 1_010),
    ("high", (1_000, 1_010, 20_000), 1_010),
    ("at zero", (1_000, 1_010, -2_500), 1_010),
    ("two are a pressure", (1_000, 20_000, 19_000), 19_000),
    ("a step", (1_000, 1_000, 2_990), 2_990),
    ("too high a step", (1_000, 1_000, 3_010), 1_000),
)


def test_spike(row):
    _, readings_pa, shown_pa = row
    sensor = PressureSensor(250_000, UV_PER_KPA, Settings())
    for pa in readings_pa:
        sensor.step(250_000 + pa * 100)
    assert sensor.pressure_pa == sensor.guard_pa == shown_pa
