"""A copy goes its own way, and what is shared stays shared."""

from array import array

from host_tests.support.clone import clone
from massager_tools.sim.bench import Bench


def test_parts_are_copied_once_and_shared_as_before() -> None:
    numbers = array("i", [1, 2])
    first = {"a": [numbers, bytearray(b"x")], "b": numbers, "c": (1, "y")}
    second = clone(first)
    assert second == first and isinstance(second, dict)
    assert second["b"] is second["a"][0] and second["b"] is not numbers
    second["a"][1][0] = 0
    assert first["a"][1] == bytearray(b"x")  # type: ignore[index]


def test_a_bench_goes_on_as_its_original() -> None:
    bench = Bench()
    bench.start()
    other = clone(bench)
    assert isinstance(other, Bench)
    bench.run(3_000)
    assert other.state == bench.state and other.now_ms != bench.now_ms
    other.run(3_000)
    assert other.outputs.__dict__ == bench.outputs.__dict__
    assert other.plant.pad_a_mc == bench.plant.pad_a_mc
