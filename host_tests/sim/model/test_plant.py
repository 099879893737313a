"""The plant as a whole: faults, buttons, and the table of parameters."""

import copy
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massager_tools.errors import UsageError
from massager_tools.firmware_tables import button_bits
from massager_tools.sim.model import parameters
from massager_tools.sim.model.buttons import NAMES, Buttons
from massager_tools.sim.model.faults import FAULTS
from massager_tools.sim.model.plant import Plant

PARTS = ("heat", "air", "motor", "supply", "buttons", "chip", "ntc_circuit", "adc", "console")
DERIVED = ("active",)


def state(plant: Plant) -> dict[str, Any]:
    found = {part: copy.deepcopy(vars(getattr(plant, part))) for part in PARTS}
    return {
        part: {name: value for name, value in values.items() if name not in DERIVED}
        for part, values in found.items()
    }


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_changes_one_thing_and_ends_without_trace(name: str) -> None:
    plant = Plant(parameters.nominal(), chambers=4, has_exhaust=True)
    healthy = state(plant)

    plant.set_fault(name, True)
    broken = state(plant)
    plant.set_fault(name, False)

    changed = [
        (part, key)
        for part in PARTS
        for key in healthy[part]
        if healthy[part][key] != broken[part][key]
    ]
    assert changed == [(FAULTS[name][1], FAULTS[name][2])]
    assert state(plant) == healthy
    assert FAULTS[name][0][0].islower()


def test_two_faults_on_one_thing_end_one_by_one() -> None:
    plant = Plant(parameters.nominal())
    plant.set_fault("chamber_leak_1", True)
    plant.set_fault("hose_loose_1", True)
    assert plant.air.extra_leak_mm[0] == 4.0

    plant.set_fault("hose_loose_1", False)
    assert plant.air.extra_leak_mm[0] == 0.8

    plant.set_fault("chamber_leak_1", False)
    assert plant.air.extra_leak_mm[0] == 0.0


@pytest.mark.parametrize("name", ["hose_kinked_4", "ntc_c_open"])
def test_a_fault_that_this_plant_cannot_have(name: str) -> None:
    with pytest.raises(KeyError):
        Plant(parameters.nominal(), chambers=3).set_fault(name, True)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_any_drawn_plant_lives_through_a_minute(seed: int) -> None:
    plant = Plant(parameters.draw(seed))
    plant.heat.enable = True
    plant.heat.duty = plant.motor.duty = plant.air.pump_duty = 1.0
    plant.air.chamber_on = [True, False, True]
    for _ in range(6_000):
        plant.step(0.01)

    assert plant.heat.p["ambient_c"] + 2.0 < plant.heat.face_c < 75.0
    assert 1_500 < plant.motor.speed_rad_s * 9.55 < 3_600
    assert 9.0 < plant.supply.volts < 12.6
    assert plant.air.chamber_pa[1] == 0.0 < plant.air.chamber_pa[0]


# --- buttons ----------------------------------------------------------------------------


def contacts(buttons: Buttons, name: str, milliseconds: int) -> list[bool]:
    found = []
    for _ in range(milliseconds):
        found.append(buttons.is_closed(name))
        buttons.step(0.001)
    return found


def changes(levels: list[bool]) -> int:
    return sum(a != b for a, b in pairwise(levels))


def test_buttons_are_those_of_the_firmware() -> None:
    assert {name: 1 << bit for bit, name in enumerate(NAMES)} == button_bits()


def test_a_button_bounces_for_milliseconds_and_a_worn_one_chatters() -> None:
    buttons = Buttons({"bounce_ms": 4.0})
    assert changes(contacts(buttons, "up", 50)) == 0

    buttons.press("up")
    bouncing = contacts(buttons, "up", 50)
    assert changes(bouncing[:6]) >= 1 and all(bouncing[6:])

    buttons.chatter["up"] = True
    buttons.release("up")
    chattering = contacts(buttons, "up", 600)
    assert changes(chattering[:400]) > 20 and not any(chattering[410:])


def test_a_stuck_button_is_pressed_by_nobody() -> None:
    buttons = Buttons({"bounce_ms": 4.0})
    buttons.stuck["down"] = True

    assert all(contacts(buttons, "down", 10))
    assert buttons.pressed_mask() == 4


# --- parameters -------------------------------------------------------------------------


def test_every_number_has_its_unit_and_source() -> None:
    for section, entries in parameters.load().items():
        for name, entry in entries.items():
            assert entry["unit"] and len(entry["source"]) > 4, (section, name)


def test_a_seed_means_one_plant() -> None:
    assert parameters.draw(7) == parameters.draw(7)
    assert parameters.draw(7) != parameters.draw(8)


@given(seed=st.integers())
def test_drawn_numbers_stay_in_their_range(seed: int) -> None:
    plant = parameters.draw(seed)
    for section, entries in parameters.load().items():
        for name, entry in entries.items():
            values = plant[section][name]
            assert len(values) == entry["each"] if "each" in entry else isinstance(values, float)
            for value in values if "each" in entry else [values]:
                assert entry["low"] <= value <= entry["high"], (section, name)


def test_adding_a_number_does_not_change_the_sections_before_it() -> None:
    table = parameters.load()
    table["zebra"] = copy.deepcopy(table["supply"])

    drawn = parameters.draw(3, table)

    del drawn["zebra"]
    assert drawn == parameters.draw(3)


ENTRY = {"nominal": 2, "low": 1, "high": 3, "unit": "m", "source": "measured"}
WRONG_TABLES = [
    ("{", "not JSON"),
    (json.dumps({"a": {"b": {**ENTRY, "nominal": 5}}}), "a.b: nominal must lie between"),
    (json.dumps({"a": {"b": {"nominal": 1}}}), "a.b lacks low, high, unit, source"),
]


@pytest.mark.parametrize(("text", "message"), WRONG_TABLES)
def test_a_wrong_plants_file_is_refused_in_one_line(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "plants.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match=message):
        parameters.load(path)


def test_a_missing_plants_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the plants file"):
        parameters.load(tmp_path / "none.json")
