"""The small-integer proof and the invariants of the core, for every input there is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from host_tests.support.small_ints import load_checked_core
from massager.core.safety import supervisor as s
from massager.core.safety.gate import PERMITS
from massager.core.signals import PIN_MAX_UV
from massager_tools.sim.bench import Bench

CHECKED = load_checked_core()

UV = st.one_of(
    st.sampled_from((-PIN_MAX_UV, -1, 0, 3_300_000, PIN_MAX_UV)), st.integers(0, 3_400_000)
)
BLOCKS = st.lists(
    st.fixed_dictionaries(
        {
            "pad_a_uv": UV,
            "pad_b_uv": UV,
            "pressure_uv": UV,
            "supply_uv": UV,
            "rail_uv": UV,
            "heater_sense": st.integers(-1, 1),
            "tach_edges": st.integers(-1, 0xFFFF),
            "tach_turn_us": st.one_of(st.just(0), st.integers(1, (1 << 30) - 1)),
            "tach_age_us": st.integers(0, 1_000_000),
            "buttons": st.integers(0, 31),
            "late_ms": st.sampled_from((0, 51, 501, (1 << 29) - 1)),
            "still": st.booleans(),
        }
    ),
    min_size=1,
    max_size=6,
)
TICKS = st.integers(1, 60)
STARTS = st.sampled_from((0, 1_000, (1 << 30) - 300, (1 << 30) - 2_000))
WHERE = st.sampled_from(("off", "run", "heat", "ending"))


def bench_in(where: str, start_ms: int) -> Bench:
    bench = Bench(start_ms, CHECKED.module)
    if where != "off":
        bench.start()
        bench.run(6_000)
    if where == "heat":
        bench.controller.session.heat.level = 2
        bench.run(1_000)
    if where == "ending":
        bench.controller.session.left_ms = 60_000
        bench.controller.session._phase = 2
        bench.controller.session._phase_left_ms = 60_000
        bench.run(1_000)
    return bench


@settings(max_examples=60)
@given(WHERE, STARTS, BLOCKS, TICKS)
def test_every_intermediate_value_is_a_small_integer(where, start_ms, blocks, ticks):
    bench = bench_in(where, start_ms)
    for block in blocks:
        for name, value in block.items():
            setattr(bench.inputs, name, value)
        for _ in range(ticks):
            bench.step()


@settings(max_examples=60)
@given(WHERE, BLOCKS, TICKS)
def test_outputs_stay_in_range_and_where_the_state_permits(where, blocks, ticks):
    bench = bench_in(where, 1_000)
    for block in blocks:
        for name, value in block.items():
            setattr(bench.inputs, name, value)
        for _ in range(ticks):
            bench.step()
            out = bench.outputs
            assert 0 <= out.pump_permille <= 1000
            assert 0 <= out.heater_permille <= 1000
            assert 0 <= out.motor_permille <= 1000
            assert 0 <= out.chambers < 8
            if bench.state == s.STOPPING:
                assert not out.heater_enable
                assert not (out.pump_permille and out.chambers), "a test pulse, no squeeze"
            elif not PERMITS[bench.state]:
                assert not bench.is_energised()
            if out.heater_permille:
                assert out.heater_enable and bench.state == s.RUN
