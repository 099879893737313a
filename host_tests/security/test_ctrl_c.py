"""Ctrl-C is the one byte of the serial line that reaches a running program: it only stops it."""

import random

import pytest

from massager_tools.boards import load_board
from massager_tools.virtual.host import VirtualMassager

MOMENTS = 12


def session(moment: int) -> tuple[list[dict], int]:
    """A session that a flood of Ctrl-C meets at a random moment, and when that is."""
    dice = random.Random(moment)
    first_ms = dice.randrange(500, 30_000)
    flood = [{"at_ms": first_ms + n * dice.randrange(1, 7), "do": "ctrl_c"} for n in range(20)]
    start = [
        {"at_ms": 1_000, "do": "press", "button": "power", "for_ms": 600},
        {"at_ms": 9_000, "do": "press", "button": "heat", "for_ms": 300},
    ]
    return [*start, *flood], first_ms


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_flood_leaves_every_output_safe(moment: int) -> None:
    events, first_ms = session(moment)
    with VirtualMassager(
        load_board("esp32_devkitc"), events=events, until_ms=first_ms + 5_000, on_cpython=True
    ) as massager:
        rows = list(massager.rows())
    assert massager.result is not None
    assert massager.result.outputs_safe
    assert massager.result.virtual_ms < first_ms + 5_000 or all(
        not row["energised"] for row in rows if row["t_ms"] > first_ms + 200
    )


def test_the_floods_meet_a_device_at_work() -> None:
    """Without Ctrl-C the same sessions do drive something."""
    events, _ = session(3)
    with VirtualMassager(
        load_board("esp32_devkitc"), events=events[:2], until_ms=30_000, on_cpython=True
    ) as massager:
        assert any(row["energised"] for row in massager.rows())
