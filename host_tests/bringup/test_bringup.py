"""A well-wired device passes, learns what it is made of, and heats only after that."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from host_tests.bringup.miswired import swapped, tried
from massager_tools.boards import board_names, load_board
from massager_tools.bringup.bench import Bench
from massager_tools.bringup.steps import bring_up
from massager_tools.bringup.virtual import VirtualBench
from massager_tools.errors import Failure
from massager_tools.sim.factory_nvs import brought_up
from massager_tools.sim.host import VirtualMassager
from massager_tools.sim.model import parameters
from massager_tools.verification.harness import pad_bend_mc

pytestmark = pytest.mark.micropython

EVENING = (
    {"at_ms": 2_000, "do": "press", "button": "power", "for_ms": 600},
    {"at_ms": 9_000, "do": "press", "button": "heat", "for_ms": 200},
)
HEATED_MS = 60_000
FILLING_MS = 20_000


@pytest.mark.parametrize("name", board_names())
def test_every_shipped_board_passes(name: str) -> None:
    troubles, kept, _ = tried(name)
    assert not troubles
    assert kept["heat_unlocked"]


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_any_massager_within_its_tolerances_passes(seed: int) -> None:
    plant = parameters.draw(seed)
    troubles, kept, _ = tried(plant=plant)
    assert not troubles
    assert kept["heat_unlocked"]
    assert kept["pad_bend_mc"] == pytest.approx(pad_bend_mc(plant), rel=0.25)


def test_a_pad_too_warm_to_learn_its_answer_to_power_is_told() -> None:
    plant = parameters.nominal()
    plant["heat"] |= {"ambient_c": 34.5, "heater_ohm": 5.5, "face_j_per_k": 15.0}

    troubles, kept, _ = tried(plant=plant)

    assert not kept and "let it cool" in " ".join(map(str, troubles))


def test_zeros_are_learned() -> None:
    plant = parameters.nominal()
    plant["air"]["sensor_zero_pa"] = 300.0
    plant["heat"]["ntc_ohm_error"] = [0.04, -0.04]  # about 1 °C cold, 1 °C warm

    _, kept, _ = tried(plant=plant)

    assert kept["pressure_offset_uv"] == pytest.approx(30_000, abs=2_000)
    assert kept["pad_a_offset_mc"] == pytest.approx(900, abs=450)
    assert kept["pad_b_offset_mc"] == pytest.approx(-900, abs=450)


def test_a_thermistor_far_off_is_refused() -> None:
    plant = parameters.nominal()
    plant["heat"]["ntc_ohm_error"] = [0.2, 0.2]

    troubles, kept, _ = tried(plant=plant)

    assert "ohm_at_25c" in str(troubles[0])
    assert not kept


def kept_after(board: dict[str, Any], wiring: dict[str, Any] | None = None) -> dict[str, Any]:
    """The flash store of a device that has been brought up."""
    with VirtualBench(board, wiring) as bench, Bench(bench) as device:
        results = list(bring_up(device, bench))
        assert isinstance(results[-1], dict)
        bench.massager.send({"do": "stop"})
        list(bench.massager.rows())
        assert bench.massager.result is not None
        return bench.massager.result.nvs


def session(
    board: dict[str, Any],
    nvs: Mapping[str, Any],
    until_ms: int = HEATED_MS,
    wiring: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The rows of the evening program."""
    with VirtualMassager(
        board, wiring=wiring, nvs=nvs, events=EVENING, until_ms=until_ms
    ) as massager:
        return list(massager.rows())


def test_a_new_device_runs_without_heat_and_says_why() -> None:
    rows = session(load_board("esp32_devkitc"), nvs={})
    assert max(row["motor_rpm"] for row in rows) > 0
    assert max(row["heater_mw"] for row in rows) == 0
    assert not any(row["heater_enable"] for row in rows)
    assert rows[-1]["fw_fault"] == 6


def test_a_device_that_has_passed_heats() -> None:
    board = load_board("esp32_devkitc")
    rows = session(board, kept_after(board))
    assert max(row["heater_mw"] for row in rows) > 0
    assert rows[-1]["fw_fault"] == 0


def test_another_board_file_locks_the_heat_again() -> None:
    board = load_board("esp32_devkitc")
    nvs = brought_up(board)
    other = swapped("button_program", "button_heat")(copy.deepcopy(board))
    assert max(row["heater_mw"] for row in session(board, nvs)) > 0
    assert max(row["heater_mw"] for row in session(other, nvs)) == 0


def test_valves_in_another_order_are_learned_and_the_ankle_fills_first() -> None:
    board = load_board("esp32_devkitc")
    wiring = swapped("chamber_1", "chamber_3")(copy.deepcopy(board))
    nvs = kept_after(board, wiring)
    rows = session(board, nvs, FILLING_MS, wiring)
    first = next(row["valves"] for row in rows if row["valves"] and row["pump_duty_permille"])
    assert first == 1


def test_a_walk_that_stops_half_way_leaves_the_heat_locked() -> None:
    board = load_board("esp32_devkitc")
    with VirtualBench(board, nvs=brought_up(board)) as bench, Bench(bench) as device:
        steps = bring_up(device, bench)
        next(steps)
        bench.massager.send({"do": "power_cut", "for_ms": 100})
        bench.massager.send({"do": "stop"})
        list(bench.massager.rows())
        assert bench.massager.result is not None
        nvs = bench.massager.result.nvs
    assert max(row["heater_mw"] for row in session(board, nvs)) == 0


def test_a_calibration_out_of_bounds_is_refused_by_the_device() -> None:
    good = {
        "pad_a_offset_mc": 0,
        "pad_b_offset_mc": 0,
        "pad_bend_mc": 2_000,
        "pressure_offset_uv": 0,
    }
    with VirtualBench(load_board("esp32_devkitc")) as device, Bench(device) as bench:
        for wrong in ({"pad_a_offset_mc": -3_001}, {"pressure_offset_uv": 80_000}):
            with pytest.raises(Failure, match="is off by"):
                bench.keep({**good, **wrong, "chamber_order": 123})
