"""The heat measurements, each on a few pads, and that they can tell good from bad."""

import copy
from dataclasses import replace
from pathlib import Path

import pytest

from massager_tools.sim.model import heat as model
from massager_tools.sim.model import parameters
from massager_tools.verification import MEASURES, heat, heat_faults, measure
from massager_tools.verification.heat_bench import WARM_C, HeatBench, Pad, limits, make_pad
from massager_tools.verification.heat_peers import FullPower
from massager_tools.verification.heat_use import use_pad
from massager_tools.verification.report import Options

SET_MC = 43_000
SHORT_S = 900.0


@pytest.fixture(scope="module")
def pad() -> Pad:
    return replace(make_pad(parameters.nominal(), 1, WARM_C), leg_on=True, blanket=False)


@pytest.fixture(scope="module")
def steady(pad: Pad) -> HeatBench:
    bench = HeatBench(pad)
    for _ in range(4_000):
        bench.step(SET_MC)
    return bench


def test_every_heat_measure_is_listed() -> None:
    assert {"thermistor", "heat", "heat-faults"} <= set(MEASURES)


def test_the_thermistor_table_reaches_its_bars() -> None:
    report = measure("thermistor", Options(quick=True))
    assert report.ok and len(report.criteria) >= 3


def test_calibration_leaves_the_hotter_reading_at_the_thermometer(pad: Pad) -> None:
    bench = HeatBench(pad)
    for _ in range(12_000):
        bench.step(round(WARM_C * 1000))
    assert abs(bench.heat.face_c - WARM_C) < 0.3


def test_ours_beats_full_power_on_the_same_pad(pad: Pad, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heat, "_HOLD_S", SHORT_S)
    monkeypatch.setattr(heat, "_SETTLED_S", 60.0)
    least_s = heat.full_power_s(pad, SET_MC)
    assert least_s is not None
    ours = heat.run(pad, None, SET_MC, 41_000, least_s)
    theirs = heat.run(pad, FullPower, SET_MC, 41_000, least_s)
    assert ours.time_ratio is not None and ours.time_ratio < 1.4
    assert ours.ripple is not None and theirs.ripple is not None
    assert ours.overshoot <= theirs.overshoot and ours.ripple < theirs.ripple
    report = heat.report([dict.fromkeys((heat.OURS, heat.COLD, *heat.PEERS), theirs)], 1)
    beaten = {
        heat.OURS: replace(theirs, overshoot=0.9),
        **dict.fromkeys((heat.COLD, *heat.PEERS), ours),
    }
    assert not heat.report([beaten], 1).ok
    assert report.values == {"pads": 1, "pads_too_weak": 0}


FAULT_ROWS = (
    # fault, latest detection in s (None: none needed), code
    ("ntc_a_open", 0.5, 13),
    ("ntc_b_open", 0.5, 14),
    ("ntc_a_short", 0.5, 13),
    ("ntc_a_drifting", 130.0, 17),
    ("ntc_b_detached", 60.0, 17),
    ("ntcs_swapped", None, 0),
    ("low_side_welded", 60.0, 23),
    ("low_side_welded" + heat_faults.WITHOUT_SENSE, None, 0),
    ("pad_open", 200.0, 23),
    ("pad_open" + heat_faults.WITHOUT_SENSE, 200.0, 19),
    ("both_welded", 120.0, 23),
)


@pytest.mark.parametrize(("fault", "within_s", "code"), FAULT_ROWS)
def test_a_fault_when_steady(
    steady: HeatBench, fault: str, within_s: float | None, code: int
) -> None:
    bench = copy.deepcopy(steady)
    bench._sense = not fault.endswith(heat_faults.WITHOUT_SENSE)
    run = heat_faults.break_one(bench, fault, "steady", SET_MC)
    assert not run.missed
    assert (run.after_s is None) == (within_s is None)
    if within_s is not None and run.after_s is not None:
        assert run.after_s <= within_s
    assert run.code == code
    assert run.peak_c < heat_faults.PEAK_LIMIT_C or fault == heat_faults.BOTH_WELDED


def test_a_guard_that_sleeps_is_found_out(steady: HeatBench) -> None:
    """The campaign has to be able to fail: a regulator gone mad, and no guard."""
    bench = copy.deepcopy(steady)
    bench._guarded = bench._sense = False
    bench.regulator.step = lambda set_mc: setattr(bench.regulator, "permille", 1000)
    run = heat_faults.break_one(bench, "blanket", "steady", SET_MC)
    assert run.missed
    report = heat_faults.report([replace(run, fault=fault) for fault in heat_faults.FAULTS], [])
    assert [bar.ok for bar in report.criteria] == [False, False, True]


def test_the_guard_alone_holds_a_regulator_gone_mad(steady: HeatBench) -> None:
    bench = copy.deepcopy(steady)
    bench.regulator.step = lambda set_mc: setattr(bench.regulator, "permille", 1000)
    run = heat_faults.break_one(bench, "blanket", "steady", SET_MC)
    assert run.peak_c < heat_faults.PEAK_LIMIT_C


@pytest.mark.parametrize("seed", range(4))
def test_a_weak_pad_between_checks_gains_little_even_with_both_thermistors_dead(seed: int) -> None:
    """Two faults at the worst moment: the guard has just found this pad to be weak."""
    drawn = parameters.draw(seed, parameters.load())
    drawn["heat"] |= {"heater_ohm": 20.5, "ambient_c": 12.0}
    bench = HeatBench(replace(make_pad(drawn, seed), leg_on=True, blanket=False), sense=False)
    while not bench.guard._heater_check._recheck_steps:
        bench.step(SET_MC)
    bench.heat.ntc_faults = [model.FROZEN, model.FROZEN]
    bench.heat.blanket = True
    peak_c = 0.0
    for _ in range(9_000):
        bench.step(SET_MC)
        peak_c = max(peak_c, bench.heat.face_c)
    assert peak_c < heat_faults.PEAK_LIMIT_C
    assert bench.faults.latched


def test_an_hour_of_use_trips_nothing() -> None:
    use = use_pad(parameters.load(), 1, 7)
    assert (use.hours, use.trips) == (1, 0) and use.heating_hours > 0


def test_the_pictures_are_drawn(tmp_path: Path, steady: HeatBench) -> None:
    from massager_tools.verification.heat_plot import draw_faults

    run = heat_faults.break_one(copy.deepcopy(steady), "ntc_a_open", "steady", SET_MC)
    draw_faults([run], ["ntc_a_open"], tmp_path / "faults.png")
    assert (tmp_path / "faults.png").stat().st_size > 1_000


def test_the_boost_is_among_the_levels() -> None:
    assert limits.HEAT_BOOST_MC in heat.LEVELS_MC and limits.HEAT_BOOST_MC in heat_faults.LEVELS_MC
