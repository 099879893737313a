"""Pump, valves and chambers, against the numbers of evidence.md."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massager_tools.sim.model import air, parameters
from massager_tools.sim.model.air import Air
from massager_tools.units import PA_PER_MMHG

DT_S = 0.01


def pneumatics(has_exhaust: bool = False, **changes: Any) -> Air:
    return Air({**parameters.nominal()["air"], **changes}, 3, has_exhaust)


def mmhg(pressure_pa: float) -> float:
    return pressure_pa / PA_PER_MMHG


def until(model: Air, index: int, reached: float, limit_s: float = 120.0) -> float:
    """Seconds until chamber `index` passes `reached` mmHg in either direction."""
    rising = mmhg(model.chamber_pa[index]) < reached
    elapsed_s = 0.0
    while elapsed_s < limit_s:
        model.step(DT_S, 12.0)
        elapsed_s += DT_S
        if (mmhg(model.chamber_pa[index]) >= reached) is rising:
            return elapsed_s
    raise AssertionError(f"{mmhg(model.chamber_pa[index]):.1f} mmHg after {limit_s} s")


def squeezed(reached: float = 31.0, **changes: Any) -> Air:
    """Chamber 1 blown up, the pump at rest again, its valve still energised."""
    model = pneumatics(**changes)
    model.pump_duty = 1.0
    model.chamber_on[0] = True
    until(model, 0, reached)
    model.pump_duty = 0.0
    let_pass(model, 1.0)
    return model


def let_pass(model: Air, seconds: float, supply_v: float = 12.0) -> None:
    for _ in range(round(seconds / DT_S)):
        model.step(DT_S, supply_v)


FILLS = [
    # pump L/min, slack mL, stretch mL/mmHg: seconds to begin, mmHg/s after (evidence.md)
    (3.0, 300.0, 3.0),
    (2.5, 500.0, 4.0),
    (2.0, 1000.0, 4.0),
]


@pytest.mark.parametrize(("pump_l_min", "slack_ml", "stretch"), FILLS)
def test_filling(pump_l_min: float, slack_ml: float, stretch: float) -> None:
    model = pneumatics(
        pump_l_min=pump_l_min,
        chamber_slack_ml=[slack_ml] * 4,
        chamber_ml_per_mmhg=[stretch] * 4,
    )
    model.pump_duty = 1.0
    model.chamber_on[0] = True

    begins_s = until(model, 0, 3.0)
    slope = 20.0 / until(model, 0, 23.0)

    assert 6.0 <= begins_s <= 32.0
    assert 7.5 <= slope <= 17.0


VENTS = [(2.0, 0.6, 1.3), (1.0, 2.6, 5.1)]


@pytest.mark.parametrize(("valve_mm", "least_s", "most_s"), VENTS)
def test_venting_30_to_5_mmhg(valve_mm: float, least_s: float, most_s: float) -> None:
    model = squeezed(valve_mm=valve_mm)
    until(model, 0, 30.0)
    model.chamber_on[0] = False

    assert least_s <= until(model, 0, 5.0) <= most_s


def test_a_squeezed_chamber_leaks_as_the_parameter_says() -> None:
    model = squeezed(leak_mmhg_s=[0.5] * 4)
    before = mmhg(model.chamber_pa[0])

    let_pass(model, 5.0)

    # the push-fit connectors of the manifold take a little as well
    assert 2.2 <= before - mmhg(model.chamber_pa[0]) <= 3.3


def test_air_is_kept_while_the_pump_fills() -> None:
    model = pneumatics(leak_mmhg_s=[0.0] * 4, manifold_leak_mm=0.0, pump_max_kpa=1e6)
    model.pump_duty = 1.0
    model.chamber_on = [True, True, False]
    pumped_ml = 0.0
    for _ in range(2_000):
        model.step(DT_S, 12.0)
        pumped_ml += model.pump_speed * model.p["pump_l_min"] * 1000 / 60 * DT_S

    in_manifold_ml = model.manifold_pa * model.p["manifold_ml"] / 101_325.0
    assert sum(model.chamber_ml) + in_manifold_ml == pytest.approx(pumped_ml, rel=1e-6)


def test_the_check_valve_holds() -> None:
    model = squeezed(leak_mmhg_s=[0.0] * 4, manifold_leak_mm=0.0)
    before_pa = model.chamber_pa[0]

    let_pass(model, 60.0)

    assert model.chamber_pa[0] == pytest.approx(before_pa, rel=0.001)


def test_a_held_chamber_does_not_hunt_against_the_manifold() -> None:
    model = squeezed()
    for _ in range(2_000):
        before_pa = model.chamber_pa[0]
        model.step(DT_S, 12.0)
        assert before_pa - 5.0 < model.chamber_pa[0] <= before_pa
        assert abs(model.manifold_pa - model.chamber_pa[0]) < 5.0


PUMPS = [
    # duty, supply V, runs from rest
    (0.60, 12.0, False),
    (0.69, 12.0, False),
    (0.75, 12.0, True),
    (0.75, 10.5, False),
    (1.00, 10.5, True),
    (1.00, 6.0, False),
]


@pytest.mark.parametrize(("duty", "supply_v", "runs"), PUMPS)
def test_the_pump_needs_duty_and_voltage_to_start(
    duty: float, supply_v: float, runs: bool
) -> None:
    model = pneumatics()
    model.pump_duty = duty

    let_pass(model, 1.0, supply_v)

    assert (model.pump_speed > 0.3) is runs


def test_a_running_pump_may_go_slower_than_it_starts() -> None:
    model = pneumatics()
    model.pump_duty = 1.0
    let_pass(model, 1.0)
    model.pump_duty = 0.55
    let_pass(model, 1.0)
    assert 0.3 < model.pump_speed < 0.6

    model.pump_duty = 0.40
    let_pass(model, 1.0)

    assert model.pump_speed == 0.0


def test_a_closed_manifold_ends_at_the_relief_valve() -> None:
    model = pneumatics()
    model.pump_duty = 1.0

    let_pass(model, 5.0)

    assert 60.0 <= mmhg(model.manifold_pa) <= 72.0


def test_a_pump_that_runs_on_overfills_a_manifold_just_closed() -> None:
    model = squeezed(20.0)
    model.pump_duty = 1.0
    let_pass(model, 1.0)
    model.pump_duty = 0.0
    model.chamber_on[0] = False

    let_pass(model, 0.2)

    assert mmhg(model.manifold_pa) > 45.0


def test_exhaust_vents_the_manifold_unless_energised() -> None:
    for energised in (False, True):
        model = pneumatics(has_exhaust=True)
        model.pump_duty = 1.0
        model.chamber_on[0] = True
        model.exhaust_on = energised

        let_pass(model, 25.0)

        assert (mmhg(model.chamber_pa[0]) > 20.0) is energised


def test_a_lost_supply_vents_everything() -> None:
    model = squeezed()

    let_pass(model, 1.5, supply_v=0.0)

    assert mmhg(model.chamber_pa[0]) < 5.0


FAULTS = [
    # what is set, and the least and most mmHg in chamber 1 after 25 s of pumping
    ({}, 31.0, 75.0),
    ({"valve_faults": [air.STUCK_OFF, 0, 0]}, 0.0, 0.1),
    ({"hose_openness": [0.02, 1.0, 1.0]}, 0.0, 4.0),
    ({"extra_leak_mm": [4.0, 0.0, 0.0]}, 0.0, 2.0),
    ({"pump_strength": 0.0}, 0.0, 0.1),
    ({"pump_strength": 0.33}, 1.0, 2.5),
]


@pytest.mark.parametrize(("changes", "least", "most"), FAULTS)
def test_faults_show_in_the_chamber(changes: dict[str, object], least: float, most: float) -> None:
    model = pneumatics()
    for name, value in changes.items():
        setattr(model, name, value)
    model.pump_duty = 1.0
    model.chamber_on[0] = True

    let_pass(model, 25.0)

    assert least <= mmhg(model.chamber_pa[0]) <= most


def test_a_valve_stuck_open_cannot_vent() -> None:
    model = squeezed()
    model.valve_faults[0] = air.STUCK_ON
    model.chamber_on[0] = False

    let_pass(model, 10.0)

    assert mmhg(model.chamber_pa[0]) > 15.0


def test_a_leg_that_gives_way_does_not_hide_the_air_in_an_open_chamber() -> None:
    model = squeezed()
    model.chamber_on[0] = False
    let_pass(model, 1.0)
    model.leg_pa[0] = -1_300.0
    let_pass(model, 0.1)
    kept_ml = model.chamber_ml[0]
    assert model.chamber_pa[0] == 0.0 and kept_ml > 50

    model.leg_pa[0] = 0.0
    let_pass(model, 0.1)
    assert model.chamber_pa[0] > 20 and not model.is_still()
    let_pass(model, 60.0)
    assert model.chamber_ml[0] < 0.1 * kept_ml


def test_a_frozen_sensor_keeps_its_reading() -> None:
    model = squeezed()
    before_pa = model.sensor_pa()
    model.sensor_fault = air.SENSOR_FROZEN
    model.chamber_on[0] = False

    let_pass(model, 10.0)

    assert model.sensor_pa() == before_pa > 3_000


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    dt_ms=st.sampled_from([1, 5, 10, 20]),
    script=st.lists(
        st.tuples(st.floats(0.0, 1.0), st.integers(0, 7), st.booleans(), st.floats(0.0, 13.0)),
        min_size=1,
        max_size=6,
    ),
)
def test_pressures_stay_sane_whatever_is_switched(
    seed: int, dt_ms: int, script: list[tuple[float, int, bool, float]]
) -> None:
    model = Air(parameters.draw(seed)["air"], 3, True)
    for duty, valves, exhaust, supply_v in script:
        model.pump_duty = duty
        model.chamber_on = [bool(valves >> bit & 1) for bit in range(3)]
        model.exhaust_on = exhaust
        for _ in range(1_500 // dt_ms):
            model.step(dt_ms / 1000, supply_v)
            for pressure_pa in (model.manifold_pa, *model.chamber_pa):
                assert 0.0 <= mmhg(pressure_pa) < 80.0
