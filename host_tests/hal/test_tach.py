"""Edges of the tach: whole turns, sparks, standstill, the wrap of the clock."""

from collections.abc import Callable

import pytest

from massager.core.signals import Inputs
from massager.hal.tach import Edges, Tach

WRAP_US = 1 << 30
REST_US = 1_000_000


def read(edges: Edges, now_us: int) -> tuple[int, int, int]:
    inputs = Inputs()
    edges.read(now_us % WRAP_US, inputs)
    return inputs.tach_edges, inputs.tach_turn_us, inputs.tach_age_us


@pytest.mark.parametrize("start_us", [0, WRAP_US - 30_000, WRAP_US - 1])
def test_a_turn_is_timed_from_an_edge_to_the_same_edge(start_us: int) -> None:
    edges = Edges(2, start_us)
    for at_us in (10_000, 25_000, 50_000, 65_000):  # magnets 15 and 25 ms apart
        edges.take((start_us + at_us) % WRAP_US)

    assert read(edges, start_us + 70_000) == (4, 40_000, 5_000)


def test_no_turn_before_there_was_one() -> None:
    edges = Edges(1, 0)
    assert read(edges, 5_000) == (0, 0, REST_US)
    edges.take(10_000)
    assert read(edges, 15_000) == (1, 0, 5_000)
    edges.take(50_000)
    assert read(edges, 51_000) == (2, 40_000, 1_000)


def test_sparks_are_not_edges() -> None:
    edges = Edges(1, 0)
    for at_us in (10_000, 10_100, 12_900, 50_000, 50_001):
        edges.take(at_us)

    assert read(edges, 50_500) == (2, 40_000, 500)


def test_an_edge_after_the_clock_was_read_is_no_standstill() -> None:
    edges = Edges(1, 0)
    for at_us in (10_000, 50_000, 90_000):
        edges.take(at_us)

    assert read(edges, 89_950) == (3, 40_000, 0)
    assert read(edges, 95_000) == (3, 40_000, 5_000)


class FakePin:
    IRQ_FALLING = 2

    def __init__(self) -> None:
        self.level = 1
        self.handler = lambda _pin: None

    def irq(self, handler: Callable[[object], None], trigger: int) -> None:
        self.handler = handler

    def value(self) -> int:
        return self.level


def test_a_rising_edge_that_triggers_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0]
    monkeypatch.setattr("time.ticks_us", lambda: clock[0], raising=False)
    pin = FakePin()
    tach = Tach(pin, 1)
    for at_us, level in ((10_000, 0), (20_000, 1), (50_000, 0), (60_000, 1), (90_000, 0)):
        clock[0] = at_us
        pin.level = level
        pin.handler(pin)
    inputs = Inputs()
    tach.read(inputs)

    assert (inputs.tach_edges, inputs.tach_turn_us, inputs.tach_age_us) == (3, 40_000, 0)


def test_after_a_standstill_old_edges_tell_nothing() -> None:
    edges = Edges(1, 0)
    for at_us in (10_000, 50_000):
        edges.take(at_us)
    assert read(edges, 50_000 + REST_US) == (2, 0, REST_US)

    edges.take(3_000_000)
    assert read(edges, 3_000_000) == (3, 0, 0)


def test_the_count_wraps_at_16_bits() -> None:
    edges = Edges(1, 0)
    for turn in range((1 << 16) + 2):
        edges.take(turn * 10_000 % WRAP_US)
    assert read(edges, ((1 << 16) + 1) * 10_000)[0] == 2
