"""The motor and its supply: load line, start and stop, tach edges, sag."""

import pytest

from massager_tools.sim.model import parameters
from massager_tools.sim.model.motor import Motor
from massager_tools.sim.model.plant import Plant
from massager_tools.sim.model.supply import Supply

RPM = 60 / 6.283185


def motor(pulses: int = 1, **changes: float) -> Motor:
    return Motor({**parameters.nominal()["motor"], **changes}, pulses)


def run(model: Motor, duty: float, seconds: float, dt_s: float = 0.01, volts: float = 12.0) -> int:
    """Run and return the half pulses of the tach."""
    model.duty = duty
    edges = 0
    for _ in range(round(seconds / dt_s)):
        model.step(dt_s, volts)
        edges += len(model.edge_shares)
    return edges


def test_full_duty_is_just_above_the_range_of_use() -> None:
    model = motor()

    run(model, 1.0, 5.0)

    assert 2_400 < model.speed_rad_s * RPM < 3_100


def test_droop_is_the_load_line() -> None:
    model = motor(ripple_nm=0.0)
    run(model, 0.5, 5.0)
    free = model.speed_rad_s
    model.extra_load_nm = 0.06
    run(model, 0.5, 5.0)

    p = model.p
    expected = 0.06 / (p["ke_v_s_per_rad"] ** 2 / p["ohm"] + p["drag_nm_s_per_rad"])
    assert free - model.speed_rad_s == pytest.approx(expected, rel=0.01)
    assert 50 < expected * RPM < 300  # a tenth or so: what a person calls dropping off


def test_power_is_kept_at_a_steady_speed() -> None:
    model = motor(ripple_nm=0.0)
    run(model, 0.6, 5.0)

    p = model.p
    electrical_w = 0.6 * 12.0 * model.current_a
    copper_w = model.current_a**2 * p["ohm"]
    drag_nm = p["friction_nm"] + p["drag_nm_s_per_rad"] * model.speed_rad_s
    assert electrical_w - copper_w == pytest.approx(drag_nm * model.speed_rad_s, rel=0.01)


@pytest.mark.parametrize("inertia", [0.00025, 0.0005, 0.0015])
def test_mechanical_time_constant(inertia: float) -> None:
    model = motor(inertia_kg_m2=inertia, ripple_nm=0.0)
    run(model, 0.5, 10.0)
    final = model.speed_rad_s
    model = motor(inertia_kg_m2=inertia, ripple_nm=0.0)
    elapsed_s = 0.0
    while model.speed_rad_s < 0.632 * final:
        run(model, 0.5, 0.01)
        elapsed_s += 0.01

    assert 0.04 < elapsed_s < 0.6


def test_it_coasts_to_rest_and_not_beyond() -> None:
    model = motor()
    run(model, 0.5, 5.0)

    run(model, 0.0, 10.0)

    assert model.speed_rad_s == 0.0
    assert model.current_a == 0.0


def test_too_little_voltage_does_not_turn_it() -> None:
    model = motor()

    run(model, 0.02, 2.0)

    assert model.speed_rad_s == 0.0
    assert model.current_a > 0.0


def test_a_stalled_motor_draws_its_stall_current() -> None:
    model = motor()
    model.stalled = True

    assert run(model, 0.3, 1.0) == 0
    assert model.current_a == pytest.approx(0.3 * 12.0 / model.p["ohm"])


@pytest.mark.parametrize("pulses", [1, 2, 6])
@pytest.mark.parametrize("dt_s", [0.01, 0.003])
def test_every_edge_of_the_tach_counts(pulses: int, dt_s: float) -> None:
    model = motor(pulses, tach_missed=0.0)
    turned = 0.0
    edges = 0
    model.duty = 0.7
    for _ in range(round(20 / dt_s)):
        before = model.speed_rad_s
        model.step(dt_s, 12.0)
        turned += 0.5 * (before + model.speed_rad_s) * dt_s
        edges += len(model.edge_shares)

    assert edges == pytest.approx(turned / 6.283185 * pulses * 2, abs=1.01)
    assert edges == model.half_pulses


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_slow_rising_edges_trigger_as_falling_ones(share: float) -> None:
    model = motor(tach_missed=0.0)
    model.tach_wrong_edges = share
    model.duty = 0.7
    falls = wrong = 0
    for _ in range(6_000):
        model.step(0.01, 12.0)
        for rises, level in zip(model.edge_rises, model.edge_levels, strict=True):
            falls += not rises and not level
            wrong += not rises and level

    assert falls == model.half_pulses // 2
    assert wrong == pytest.approx(share * falls, rel=0.15)


def test_pulses_go_missing_as_a_whole_and_as_often_as_they_should() -> None:
    model = motor(tach_missed=0.1)

    edges = run(model, 0.7, 60.0)

    assert edges % 2 == 0
    assert edges == pytest.approx(0.9 * model.half_pulses, rel=0.03)


def test_edges_come_late_by_no_more_than_the_jitter() -> None:
    early, late = motor(tach_jitter_us=0.0), motor(tach_jitter_us=300.0)
    delays = []
    for _ in range(2_000):
        run(early, 0.5, 0.001, 0.001)
        run(late, 0.5, 0.001, 0.001)
        for on_time, shown in zip(early.edge_shares, late.edge_shares, strict=True):
            delays.append((shown - on_time) * 1_000)

    assert min(delays) >= 0.0 and 100 < max(delays) <= 300


def test_static_friction_holds_until_it_is_overcome() -> None:
    p = parameters.nominal()["motor"]
    hold_v = (p["static_nm"] + 0.06) * p["ohm"] / p["ke_v_s_per_rad"]
    model = motor(ripple_nm=0.0)
    model.extra_load_nm = 0.06

    run(model, 0.98 * hold_v / 12.0, 2.0)
    assert model.speed_rad_s == 0.0
    run(model, 1.02 * hold_v / 12.0, 2.0)
    assert model.speed_rad_s > 0.0


def test_a_shorted_switch_ignores_the_duty() -> None:
    model = motor()
    model.switch_shorted = True

    run(model, 0.0, 5.0)

    assert model.speed_rad_s * RPM > 2_400


def test_a_lost_tach_gives_no_edge() -> None:
    model = motor()
    model.tach_lost = True

    assert run(model, 0.7, 2.0) == 0
    assert model.speed_rad_s > 100


def test_ripple_shows_once_a_turn() -> None:
    model = motor()
    run(model, 0.3, 5.0)
    speeds = []
    for _ in range(200):
        run(model, 0.3, 0.01)
        speeds.append(model.speed_rad_s)

    mean = sum(speeds) / len(speeds)
    assert 0.01 < (max(speeds) - min(speeds)) / mean < 0.3


SAG = [
    # A drawn, V left
    (0.0, 12.1),
    (4.0, 11.9),
    (8.0, 11.7),
    (12.0, 8.5),
    (30.0, 0.0),
]


@pytest.mark.parametrize(("current_a", "volts"), SAG)
def test_the_supply_sags(current_a: float, volts: float) -> None:
    supply = Supply(parameters.nominal()["supply"])

    for _ in range(100):
        supply.step(current_a)

    assert supply.volts == pytest.approx(volts, abs=0.01)


def test_a_stalled_motor_pulls_the_supply_down_without_hunting() -> None:
    plant = Plant(parameters.nominal())
    plant.set_fault("motor_stalled", True)
    plant.motor.duty = 1.0
    for _ in range(200):
        plant.step(0.01)
    settled = plant.supply.volts

    plant.step(0.01)

    assert 3.0 < settled < 10.0
    assert plant.supply.volts == pytest.approx(settled, abs=0.05)
