"""Each part wired wrong or broken: found, named with its pin, and the heat stays locked."""

from typing import Any

import pytest

from host_tests.bringup.miswired import Rewire, as_flashed, constant, swapped, tried, unplugged
from massager_tools.sim.model import parameters

pytestmark = pytest.mark.micropython

ROOM_MC = 23_000
WARM_MC = 40_000  # no mistake in the wiring may warm the pad to a set-point

Row = tuple[str, Rewire, tuple[str, ...], tuple[str, ...]]

FOUND_ROWS: tuple[Row, ...] = (
    # what is wrong, the wiring, faults, words that a trouble has to hold
    ("pump and motor", swapped("pump", "motor"), (), ("pump on pin 18", "motor (pin 23)")),
    ("pump and a valve", swapped("pump", "chamber_2"), (), ("chamber_2", "pump (pin 18)")),
    ("motor and a valve", swapped("motor", "chamber_1"), (), ("chamber_1", "motor (pin 23)")),
    ("lights and motor", swapped("pixels", "motor"), (), ("motor on pin 23", "nothing moves")),
    ("heater and valve", swapped("heater_enable", "chamber_3"), (), ("heater_enable's (pin 32",)),
    ("heater and motor", swapped("heater_pwm", "motor"), (), ("motor on pin 23",)),
    ("both switches", swapped("heater_enable", "heater_pwm"), (), ("works the low side", "33")),
    ("two buttons", swapped("button_up", "button_down"), (), ("button_up", "button_down (pin 5")),
    ("button and tach", swapped("button_heat", "tach"), (), ("button_heat on pin 14",)),
    ("sense and tach", swapped("heater_sense", "tach"), (), ("heater_sense", "tach (pin 16)")),
    ("NTC and pressure", swapped("pad_temp_a", "pressure"), (), ("pressure", "pad_temp_a (pin 3")),
    ("NTC and supply", swapped("pad_temp_b", "supply"), (), ("supply", "pad_temp_b (pin 39)")),
    ("supply and pressure", swapped("supply", "pressure"), (), ("pressure", "supply (pin 35)")),
    *(
        (f"{role} unplugged", unplugged(role), (), (f"{role} on pin",))
        for role in (
            *("heater_pwm", "pump", "motor", "pixels", "pad_temp_a", "pad_temp_b", "pressure"),
            *("supply", "tach", "button_power", "button_up", "button_program", "chamber_2"),
        )
    ),
    ("high side unplugged", unplugged("heater_enable"), (), ("heater_enable", "thermal cut-off")),
    ("sense unplugged", unplugged("heater_sense"), (), ("heater_sense",)),
    ("sensor reversed", constant("pressure_sensor", "uv_per_kpa", -100_000), (), ("other port",)),
    ("no divider", constant("pressure_sensor", "zero_mv", 500), (), ("pressure", "divider")),
    ("another NTC", constant("ntc", "ohm_at_25c", 100_000), (), ("pad_temp_a", "pad_temp_b")),
    ("NTC open", as_flashed, ("ntc_a_open",), ("pad_temp_a on pin 36", "open")),
    ("NTC shorted", as_flashed, ("ntc_b_short",), ("pad_temp_b on pin 39", "short")),
    ("NTC off the pad", as_flashed, ("ntc_b_detached",), ("pad_temp_b", "not on the pad")),
    ("pad's wire broken", as_flashed, ("pad_open",), ("heater_enable", "the pad's plug")),
    ("low side welded", as_flashed, ("low_side_welded",), ("heater_pwm", "conducts by itself")),
    ("high side welded", as_flashed, ("high_side_welded",), ("conducts by itself",)),
    ("pump dead", as_flashed, ("pump_dead",), ("the pump runs", "hoses")),
    ("sensor's wire broken", as_flashed, ("pressure_open",), ("pressure on pin 34", "no signal")),
    ("sensor frozen", as_flashed, ("pressure_frozen",), ("pressure on pin 34", "rises by")),
    ("hose kinked", as_flashed, ("hose_kinked_2",), ("chamber_2", "kinked")),
    ("hose off", as_flashed, ("hose_loose_3",), ("chamber_3", "no chamber fills")),
    ("valve stays open", as_flashed, ("valve_stuck_open_1",), ("chamber_1", "wrong ports")),
    ("valve stays shut", as_flashed, ("valve_stuck_closed_2",), ("chamber_2", "stays closed")),
    ("motor blocked", as_flashed, ("motor_stalled",), ("motor on pin 23", "nothing moves")),
    ("tach dead", as_flashed, ("tach_lost",), ("tach on pin 16", "nothing is counted")),
    ("supply low", as_flashed, ("brown_out",), ("supply on pin 35", "not 12 V")),
    ("button stuck", as_flashed, ("button_up_stuck",), ("button_up", "no finger")),
)


def test_found(row: Row) -> None:
    _, rewire, faults, words = row

    troubles, kept, pad_mc = tried(rewire=rewire, faults=faults)

    text = "\n".join(map(str, troubles))
    assert all(word in text for word in words), text
    assert not kept
    assert pad_mc < WARM_MC


def test_a_missing_relief_valve_is_found() -> None:
    plant: dict[str, dict[str, Any]] = parameters.nominal()
    plant["air"]["relief_mmhg"] = 400.0

    troubles, kept, _ = tried(plant=plant)

    assert "relief valve is missing" in str(troubles[0])
    assert not kept


def test_a_second_magnet_is_found() -> None:
    def rewire(board: dict[str, Any]) -> dict[str, Any]:
        return board | {"tach_pulses_per_turn": 2}

    troubles, kept, _ = tried(rewire=rewire)

    assert "tach_pulses_per_turn" in str(troubles[0])
    assert not kept


def test_an_exhaust_that_stays_open_is_found() -> None:
    troubles, kept, _ = tried("esp32s3_devkitc1", faults=("exhaust_stuck_open",))

    assert "exhaust" in str(troubles[0])
    assert not kept
