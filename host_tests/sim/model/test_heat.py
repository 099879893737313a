"""The pad on the leg, against the numbers of evidence.md."""

from typing import Any

import pytest

from massager_tools.sim.model import heat, parameters
from massager_tools.sim.model.heat import Heat

HOUR_S = 3600


def pad(**changes: Any) -> Heat:
    """A nominal pad on a leg whose blood flow does not answer the heat: the worst case."""
    section = parameters.nominal()["heat"]
    return Heat({**section, "perfusion_gain": 0.0, **changes})


def warm(model: Heat, power_w: float, seconds: float, dt_s: float = 0.1) -> Heat:
    """Give the pad constant power."""
    model.enable = True
    model.duty = 1.0
    volts = (power_w * model.p["heater_ohm"]) ** 0.5
    for _ in range(round(seconds / dt_s)):
        model.step(dt_s, volts)
    return model


SETTLED = [
    # power, leg on, blanket, face of the pad after hours, °C (evidence.md)
    (8.7, True, False, 43.0),
    (12.0, True, False, 46.0),
    (24.0, True, False, 59.0),
    (12.0, False, True, 62.0),
    (24.0, False, True, 102.0),
]


@pytest.mark.parametrize(("power_w", "leg_on", "blanket", "expected_c"), SETTLED)
def test_stuck_on_temperatures(
    power_w: float, leg_on: bool, blanket: bool, expected_c: float
) -> None:
    model = pad()
    model.leg_on = leg_on
    model.blanket = blanket

    warm(model, power_w, 4 * HOUR_S)

    assert model.face_c == pytest.approx(expected_c, abs=0.7)


@pytest.mark.parametrize("gain", [0.0, 1.0])
def test_a_pad_made_warm_is_as_after_hours_at_that_temperature(gain: float) -> None:
    slow = warm(pad(perfusion_gain=gain), 9.5, 4 * HOUR_S)
    at_once = pad(perfusion_gain=gain)

    at_once.warm(slow.face_c)

    assert at_once.skin_c == pytest.approx(slow.skin_c, abs=0.01)
    assert at_once.wire_c == pytest.approx(slow.wire_c, abs=0.01)
    assert at_once.ntc_c == pytest.approx(slow.ntc_c, abs=0.01)
    assert at_once.perfusion == pytest.approx(slow.perfusion, abs=0.01)


@pytest.mark.parametrize("power_w", [12.0, 24.0])
def test_slope_of_a_pad_on_a_leg_as_cold(power_w: float) -> None:
    model = pad(skin_start_c=23.0, core_c=23.0)
    steepest = 0.0
    for _ in range(60):
        before_c = model.face_c
        warm(model, power_w, 1.0)
        steepest = max(steepest, model.face_c - before_c)

    assert 0.13 < steepest < 0.53


def test_energy_is_kept() -> None:
    model = pad(loss_open_w_m2k=0.0, loss_worn_w_m2k=0.0, skin_to_core_w_m2k=0.0)
    start_j = energy_j(model)

    warm(model, 15.0, 600.0)

    assert energy_j(model) - start_j == pytest.approx(15.0 * 600.0, rel=1e-6)


def energy_j(model: Heat) -> float:
    p = model.p
    masses = (
        (p["wire_j_per_k"], model.wire_c),
        (p["face_j_per_k"], model.face_c),
        (p["skin_j_per_k"], model.skin_c),
    )
    return sum(capacity * temp_c for capacity, temp_c in masses)


def test_the_length_of_a_step_does_not_matter() -> None:
    fine = warm(pad(), 16.0, 300.0, dt_s=0.001)
    usual = warm(pad(), 16.0, 300.0, dt_s=0.01)
    coarse = warm(pad(), 16.0, 300.0, dt_s=0.1)

    assert fine.face_c == pytest.approx(usual.face_c, abs=0.02)
    assert coarse.face_c == pytest.approx(usual.face_c, abs=0.02)


def test_blood_flow_cools_hot_skin() -> None:
    answering = warm(pad(perfusion_gain=1.0), 24.0, HOUR_S)

    assert answering.perfusion > 0.9
    assert answering.face_c < warm(pad(), 24.0, HOUR_S).face_c - 3.0


def test_a_leg_warms_a_cold_pad_but_not_to_38() -> None:
    model = pad()

    warm(model, 0.0, HOUR_S)

    assert 30.0 < model.face_c < 38.0


def test_thermistors_sit_where_they_were_taped_and_lag() -> None:
    model = pad(ntc_placement=[0.0, 1.0], ntc_lag_s=[8.0, 8.0])
    warm(model, 16.0, 40.0)
    assert model.ntc_c[0] < model.face_c - 1.0

    warm(model, 16.0, 4 * HOUR_S)

    assert model.ntc_c[0] == pytest.approx(model.face_c, abs=0.05)
    assert model.ntc_c[1] == pytest.approx(model.wire_c, abs=0.05)


CONDUCTION = [
    # enable, duty, what is broken, conduction
    (False, 0.5, (), 0.0),
    (True, 0.0, (), 0.0),
    (True, 0.5, (), 0.5),
    (True, 0.0, ("low_side_welded",), 1.0),
    (False, 0.0, ("low_side_welded",), 0.0),
    (False, 0.5, ("high_side_welded",), 0.5),
    (False, 0.0, ("high_side_welded",), 0.0),
    (False, 0.0, ("high_side_welded", "low_side_welded"), 1.0),
    (True, 1.0, ("pad_open",), 0.0),
]


@pytest.mark.parametrize(("enable", "duty", "broken", "expected"), CONDUCTION)
def test_either_switch_alone_stops_the_heat(
    enable: bool, duty: float, broken: tuple[str, ...], expected: float
) -> None:
    model = pad()
    model.enable = enable
    model.duty = duty
    for name in broken:
        setattr(model, name, True)

    assert model.conduction() == expected


def test_a_frozen_thermistor_stays_and_a_detached_one_falls() -> None:
    model = warm(pad(), 12.0, HOUR_S)
    before_c = model.ntc_c[0]
    model.ntc_faults = [heat.FROZEN, heat.DETACHED]

    warm(model, 24.0, 120.0)

    assert model.ntc_c[0] == before_c
    assert model.ntc_c[1] < before_c - 10.0


def test_a_new_leg_is_cool() -> None:
    model = warm(pad(), 12.0, HOUR_S)
    model.set_leg(False)
    model.set_leg(True)

    assert model.skin_c == model.p["skin_start_c"]
