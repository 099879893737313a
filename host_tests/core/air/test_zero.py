"""The sensor's zero: learnt as far as an intact sensor may be off, in plain numbers."""

from massager.core.air.pressure import PressureSensor
from massager.core.signals import Settings

UV_PER_KPA = 100_000
ZERO_ROWS = (
    # name, Pa shown without pressure, step by step, whether all of it is learnt
    ("a little high", (300,), True),
    ("as far as allowed", (660,), True),
    ("too far", (674,), False),
    ("as far below as allowed", (-660,), True),
    ("too far below", (-674,), False),
    ("in steps, as far as allowed", (330, 330), True),
    ("in steps, too far", (340, 340), False),
)


def test_zero(row):
    _, shown_pa, learnt = row
    settings = Settings()
    sensor = PressureSensor(250_000, UV_PER_KPA, settings)
    for pa in shown_pa:
        sensor.correct_zero(pa)
    assert (settings.pressure_offset_uv == sum(shown_pa) * 100) == learnt
    now_shown = sensor.pressure_pa(250_000 + sum(shown_pa) * 100)
    assert (now_shown == 0) == learnt
    again = PressureSensor(250_000, UV_PER_KPA, settings)
    assert again.pressure_pa(250_000 + sum(shown_pa) * 100) == now_shown
