"""What outlives power-off: all of it, or what was there before; never something else."""

import struct
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tests.storage.store import PowerCut, TornStore
from massager.core import limits
from massager.core.heat.dose import HeatDose
from massager.core.safety import fault_table, supervisor
from massager.core.session import session_record
from massager.core.signals import (
    STORAGE_REFUSES,
    STORAGE_WAITS,
    Measurements,
    Outputs,
    Setpoints,
    Settings,
    Status,
)
from massager.storage import crc_block, settings_store
from massager.storage.session_log import SessionLog


@dataclass
class Device:
    """A controller's status, the settings, and the store behind them."""

    store: TornStore = field(default_factory=TornStore)
    used: str | None = None  # the file that remembers that it was in use

    def __post_init__(self) -> None:
        self.power_up()

    def power_up(self) -> None:
        """The chip starts: whatever was not kept is gone."""
        self.store.bytes_left = None
        self.settings = Settings()
        self.storage = settings_store.SettingsStore(
            self.store, self.settings, SessionLog(self.store), self.used
        )
        self.dose = HeatDose(self.settings.dose_s, self.settings.dose_spent != 0)
        self.status = Status(
            Measurements(),
            Setpoints(),
            array("i", [0] * 4),
            array("i", self.settings.latched),
            array("i"),
        )
        self.outputs = Outputs()

    def wait(self, ticks: int = 60) -> None:
        """Time passes in the loop."""
        for _ in range(ticks):
            status = self.status
            waits = self.storage.core_requests & STORAGE_WAITS != 0
            status.is_still = waits and not self.outputs.driven()
            status.dose_stored_s = self.dose.stored_s(
                status.state not in (supervisor.OFF, supervisor.FAULT)
            )
            status.dose_spent = self.dose.spent
            self.storage.step(status, self.outputs)


def everything(settings: Settings) -> dict[str, Any]:
    """Every number kept, by name."""
    return {
        name: getattr(settings, name) if count == 1 else tuple(getattr(settings, name))
        for name, count, _, _ in settings_store.LAYOUT
    }


def change(device: Device, number: int) -> None:
    """Something of everything, inside the ranges."""
    settings = device.settings
    device.status.latched[0] = number & 7
    settings.freeze_frames[0] = number
    settings.freeze_frames[5] = -number
    settings.pad_a_offset_mc = -number % 1_500
    settings.pad_b_offset_mc = number % 1_500
    settings.pressure_offset_uv = -number
    settings.air_fill_ms[3] = number * 9
    settings.air_slope_pa[2] = number % 4_000
    settings.air_stroke_pa = number
    settings.air_rest_ms = number
    device.dose.seconds = number * 7
    settings.program = number % 7
    settings.heat_level = number % 4
    settings.last_level = number % 6
    settings.comfort_levels[number % 16] = number % 6


def test_every_attribute_of_the_settings_is_kept() -> None:
    assert {name for name, *_ in settings_store.LAYOUT} == set(vars(Settings()))


def test_what_was_kept_comes_back() -> None:
    device = Device()
    for number in range(1, 40):
        change(device, number)
        device.wait()
        kept = everything(device.settings)
        device.power_up()
        assert everything(device.settings) == kept
        assert not device.storage.notes


def test_nothing_is_written_when_nothing_changed() -> None:
    device = Device()
    change(device, 3)
    device.wait(1_000)
    writes = device.store.writes
    device.wait(10_000)
    device.power_up()
    device.wait(10_000)
    assert device.store.writes == writes


ENERGISED = ("pump_permille", "chambers", "exhaust", "heater_enable", "motor_permille")


@pytest.mark.parametrize("output", ENERGISED)
def test_nothing_is_written_while_an_output_is_on(output: str) -> None:
    device = Device()
    change(device, 3)
    setattr(device.outputs, output, 1)
    device.wait(1_000)
    assert device.store.writes == 0
    setattr(device.outputs, output, 0)
    device.wait()
    assert device.store.writes == 1


@pytest.mark.parametrize("state", range(len(supervisor.STATE_NAMES)))
def test_flash_is_written_only_in_states_without_energy(state: int) -> None:
    device = Device()
    device.status.state = state
    change(device, 3)
    device.wait(1_000)
    still = (supervisor.OFF, supervisor.FAULT, supervisor.CHECK, supervisor.PAUSE)
    assert (device.store.writes > 0) == (state in still)


def latch_in_session(device: Device) -> None:
    """A session is under way, motor on; a fault latches that stops the heat only."""
    device.status.state = supervisor.CHECK
    device.wait(1)
    device.status.state = supervisor.RUN
    device.outputs.motor_permille = 500
    device.status.has_latched = True
    device.status.latched[0] = device.settings.latched[0] = fault_table.NO_HEAT
    device.settings.freeze_frames[0] = 19


def test_a_fault_that_latches_in_a_session_is_kept_at_the_next_moment_of_rest() -> None:
    device = Device()
    latch_in_session(device)
    writes = device.store.writes
    device.wait(100)
    asks = device.storage.core_requests & STORAGE_WAITS
    assert asks, "for rest"
    assert device.store.writes == writes, "and waits for it"
    device.outputs.motor_permille = 0
    device.wait(2)  # in the second one there is nothing left to write
    assert not device.storage.core_requests & STORAGE_WAITS
    device.outputs.motor_permille = 500
    device.wait(1_000)
    assert device.store.writes == writes + 1, "once a fault"
    device.power_up()
    assert device.settings.latched[0] == fault_table.NO_HEAT
    assert device.settings.freeze_frames[0] == 19
    assert device.settings.dose_s >= limits.DOSE_RESERVE_CEM43_S, "the session is open still"


def test_what_was_latched_before_asks_for_no_rest() -> None:
    device = Device()
    latch_in_session(device)
    device.outputs.motor_permille = 0
    device.wait(200)
    device.power_up()
    device.status.has_latched = True
    device.status.state = supervisor.RUN
    device.outputs.motor_permille = 500
    device.wait(500)
    assert not device.storage.core_requests & STORAGE_WAITS


def test_a_store_that_refuses_lets_the_session_go_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    device = Device()
    refuse(device)
    device.dose.seconds = 500
    latch_in_session(device)
    device.wait(500)
    assert not device.storage.core_requests & STORAGE_WAITS
    assert capsys.readouterr().out.count("storage: cannot be written") == 1


def test_a_session_that_never_ends_leaves_a_dose_behind() -> None:
    device = Device()
    device.dose.seconds = 100
    device.wait()
    writes = device.store.writes
    device.status.state = supervisor.CHECK
    device.wait(500)
    assert device.store.writes == writes + 1, "once as the session begins"
    device.status.state = supervisor.RUN
    device.wait(500)
    device.power_up()
    assert 0 <= device.settings.dose_s - 100 - limits.DOSE_RESERVE_CEM43_S < 30


def test_a_session_that_ends_leaves_the_dose_it_was() -> None:
    device = Device()
    for state in (supervisor.CHECK, supervisor.RUN, supervisor.OFF):
        device.status.state = state
        device.dose.seconds += 200
        device.wait()
    device.power_up()
    assert device.settings.dose_s == 600


def test_a_dose_that_fades_wears_no_flash() -> None:
    device = Device()
    device.dose.seconds = 1_000
    device.wait()
    writes = device.store.writes
    for _ in range(300):
        device.dose.seconds -= 1
        device.wait()
    assert device.store.writes - writes == 10


def cut_points() -> range:
    """Every byte of a write, and the commit behind it."""
    return range(settings_store.BLOCK_BYTES + 1)


def without_dose(found: dict[str, Any]) -> dict[str, Any]:
    """All but what is the worst of both slots where one of them is damaged."""
    worst = ("latched", "dose_s", "dose_spent")
    return {name: value for name, value in found.items() if name not in worst}


@pytest.mark.parametrize("writes_before", [0, 1, 2, 3])
def test_a_power_cut_loses_at_most_the_newest_change(writes_before: int) -> None:
    for cut in cut_points():
        device = Device()
        for number in range(1, writes_before + 1):
            change(device, number)
            device.wait()
        old = everything(device.settings)
        change(device, 99)
        device.store.bytes_left = cut
        with pytest.raises(PowerCut):
            device.wait()
        new = everything(device.settings)
        device.power_up()
        found = everything(device.settings)
        if device.storage.notes:  # a torn slot: reported, and never less than what is known
            assert found["latched"][3] & (fault_table.MEMORY_DAMAGED | fault_table.MEMORY_LOST)
            assert found["dose_s"] >= old["dose_s"]
            assert (
                found["latched"][0] & old["latched"][0] == old["latched"][0] or not old["dose_s"]
            )
            assert without_dose(found) in (without_dose(old), without_dose(new)), cut
        else:
            assert found in (old, new), cut
        change(device, 5)
        device.wait()
        after = everything(device.settings)
        device.power_up()
        assert everything(device.settings) == after, "storage works again after the cut"


@given(st.data())
def test_damage_never_yields_a_wrong_number(data: st.DataObject) -> None:
    """Any bytes in both slots: what is taken over was once written, or is the default."""
    device = Device()
    written = [everything(device.settings)]
    for number in (11, 12):
        change(device, number)
        device.wait()
        written.append(everything(device.settings))
    for slot in settings_store.SLOTS:
        blob = bytearray(device.store.blobs[slot])
        for _ in range(data.draw(st.integers(0, 3))):
            at = data.draw(st.integers(0, len(blob) - 1))
            blob[at] ^= data.draw(st.integers(1, 255))
        cut = data.draw(st.one_of(st.just(len(blob)), st.integers(0, len(blob))))
        device.store.blobs[slot] = bytes(blob[:cut])
    device.power_up()
    found = everything(device.settings)
    if found["latched"][3]:
        assert device.storage.notes
    assert without_dose(found) in [without_dose(one) for one in written]
    if not device.storage.notes:
        assert found in written


DAMAGED_ROWS = (
    # name, damaged slot, what is left of it, dose of each slot, dose found, bits of heat found
    ("the newer one", 1, "flipped", (90, 3_510), 3_510, 3),
    ("the older one", 0, "flipped", (3_510, 90), 3_510, 3),
    ("the older one, with less", 0, "flipped", (90, 3_510), 3_510, 3),
    ("nothing of it", 1, "zero", (90, 3_510), limits.DOSE_END_CEM43_S, 1),
    ("cut short", 1, "short", (90, 3_510), limits.DOSE_END_CEM43_S, 1),
)


def test_damaged(row: tuple) -> None:
    """One damaged slot of two: the worst of both, and a fault that says so."""
    _, slot, left, doses, dose_s, heat = row
    device = Device()
    for number, seconds in enumerate(doses):
        change(device, number + 1)
        device.status.latched[0] = number + 1
        device.dose.seconds = seconds
        device.wait()
    key = settings_store.SLOTS[slot]
    block = bytearray(device.store.blobs[key])
    if left == "flipped":
        block[-20] ^= 1
    device.store.blobs[key] = {"zero": bytes(len(block)), "short": bytes(block[:40])}.get(
        left, bytes(block)
    )
    device.power_up()
    assert device.storage.notes == [f"storage: {key} is damaged, or of a newer firmware"]
    assert device.settings.dose_s == dose_s
    if slot == 0:
        heat |= 2
    assert device.settings.latched[0] == heat
    assert device.settings.latched[3] == fault_table.MEMORY_DAMAGED
    assert device.settings.program == (1 if slot else 2)


def test_both_slots_damaged_is_a_fault_that_a_person_clears() -> None:
    device = Device()
    for number in (1, 2):
        change(device, number)
        device.wait()
    for slot in settings_store.SLOTS:
        device.store.blobs[slot] = b"garbage"
    device.power_up()
    assert list(device.settings.latched) == [0, 0, 0, fault_table.MEMORY_LOST]
    assert device.settings.pad_a_offset_mc == 0
    assert device.settings.dose_s == limits.DOSE_END_CEM43_S, "nobody knows it"
    assert device.storage.notes[-1].startswith("storage: nothing usable")


@pytest.mark.parametrize("length", [settings_store.BLOCK_BYTES, 600, 2_000])
def test_a_newer_version_is_told_and_not_read(length: int) -> None:
    device = Device()
    block = bytearray(length)
    crc_block.seal(block, settings_store.VERSION + 1, 7)
    device.store.blobs = {slot: bytes(block) for slot in settings_store.SLOTS}
    device.power_up()
    assert device.storage.notes[0] == "storage: memory_a is damaged, or of a newer firmware"
    assert device.settings.latched[3] == fault_table.MEMORY_LOST
    assert device.settings.program == 0


def test_a_number_out_of_its_range_is_not_taken_over() -> None:
    device = Device()
    change(device, 3)
    device.wait()
    slot = settings_store.SLOTS[0]
    block = bytearray(device.store.blobs[slot])
    at = sum(count for name, count, *_ in settings_store.LAYOUT[: names().index("heat_level")])
    struct.pack_into("<i", block, crc_block.HEADER_BYTES + crc_block.INT_BYTES * at, 9)
    crc_block.seal(block, settings_store.VERSION, 1)
    device.store.blobs[slot] = bytes(block)
    device.power_up()
    assert device.settings.heat_level == 0
    assert device.settings.program == 3
    assert device.storage.notes == ["storage: heat_level is out of its range, not used"]


def names() -> list[str]:
    return [name for name, *_ in settings_store.LAYOUT]


def refuse(device: Device) -> None:
    def write(key: str, data: bytearray) -> None:
        raise OSError(-0x1105, "ESP_ERR_NVS_NOT_ENOUGH_SPACE")

    device.store.write = write  # type: ignore[method-assign]


def test_a_store_that_refuses_is_told_and_tried_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    device = Device()
    refuse(device)
    change(device, 3)
    device.wait(5_000)
    assert device.storage.core_requests & STORAGE_REFUSES
    assert capsys.readouterr().out.count("storage: cannot be written") == 1
    del device.store.__dict__["write"]
    device.wait(1_100)
    assert not device.storage.core_requests & STORAGE_REFUSES
    kept = everything(device.settings)
    device.power_up()
    assert everything(device.settings) == kept


def test_a_spent_dose_stays_spent_through_power_off() -> None:
    device = Device()
    device.dose.seconds = limits.DOSE_END_CEM43_S
    device.dose.spent = True
    device.wait()
    device.dose.seconds = limits.DOSE_AGAIN_CEM43_S + 100
    device.wait()
    device.power_up()
    assert device.dose.spent and device.dose.seconds < limits.DOSE_END_CEM43_S
    device.dose.step(43_000)
    assert device.dose.spent


def test_doses_of_a_few_seconds_add_up() -> None:
    """Each in a session of its own, and the plug pulled after it."""
    device = Device()
    for session in range(1, 11):
        device.dose.seconds += 20
        device.wait()
        device.power_up()
        assert device.settings.dose_s >= 20 * session


USED_ROWS = (
    # name, whether anything was stored before, what is left of the store, system bits found
    ("a new device", False, "empty", 0),
    ("in use", True, "all", 0),
    ("in use, erased", True, "empty", fault_table.MEMORY_LOST),
)


def test_used(row: tuple, tmp_path: Path) -> None:
    """An empty store of a device that was in use is a fault, and its dose is unknown."""
    _, is_used, left, system = row
    device = Device(used=str(tmp_path / settings_store.USED))
    if is_used:
        change(device, 3)
        device.wait()
    assert (tmp_path / settings_store.USED).exists() == is_used
    if left == "empty":
        device.store.blobs.clear()
    device.power_up()
    assert device.settings.latched[3] == system
    assert (device.settings.dose_s == limits.DOSE_END_CEM43_S) == (system != 0)


def test_one_thing_is_written_in_a_tick(tmp_path: Path) -> None:
    device = Device(used=str(tmp_path / settings_store.USED))
    change(device, 3)
    device.status.session_revision = 1
    device.status.session_record = array("H", [0] * len(session_record.FIELDS))
    device.status.session_record[session_record.REASON] = session_record.STOPPED
    seen = []
    for _ in range(60):
        before = device.store.writes, (tmp_path / settings_store.USED).exists()
        device.wait(1)
        after = device.store.writes, (tmp_path / settings_store.USED).exists()
        if after != before:
            seen.append((after[0] - before[0], after[1] - before[1]))
    assert seen == [(1, 0), (1, 0), (0, 1)]


@pytest.mark.parametrize("step", ["write", "commit"])
@pytest.mark.parametrize("writes_before", [0, 1, 2, 3])
def test_a_write_that_fails_leaves_what_was_kept(step: str, writes_before: int) -> None:
    """As a power cut does, and the device goes on meanwhile."""
    device = Device()
    for number in range(1, writes_before + 1):
        change(device, number)
        device.wait()
    old = everything(device.settings)

    def fail(*_: object) -> None:
        raise OSError(-0x1105)

    setattr(device.store, step, fail)
    change(device, 99)
    device.wait(500)
    new = everything(device.settings)
    del device.store.__dict__[step]
    device.power_up()
    assert everything(device.settings) in (old, new)
    assert not device.storage.notes


# What each version keeps: attribute and count. A change of LAYOUT is a new version here,
# with the ones before as its beginning.
LAYOUTS: dict[int, tuple[tuple[str, int], ...]] = {
    1: (
        *(("latched", 4), ("freeze_frames", 36), ("pad_a_offset_mc", 1), ("pad_b_offset_mc", 1)),
        *(("pressure_offset_uv", 1), ("chamber_order", 1), ("proven_wiring", 1)),
        *(("air_fill_ms", 32), ("air_slope_pa", 16), ("air_stroke_pa", 1), ("air_rest_ms", 1)),
        *(("dose_s", 1), ("program", 1), ("heat_level", 1), ("last_level", 1)),
        ("comfort_levels", 16),
    ),
}
LAYOUTS[2] = (*LAYOUTS[1], ("dose_spent", 1))
LAYOUTS[3] = (*LAYOUTS[2], ("pad_bend_mc", 1))


def test_a_changed_layout_is_a_new_version() -> None:
    assert LAYOUTS[settings_store.VERSION] == tuple(
        (name, count) for name, count, *_ in settings_store.LAYOUT
    )
    assert max(LAYOUTS) == settings_store.VERSION
    for version in range(1, settings_store.VERSION):
        older, newer = LAYOUTS[version], LAYOUTS[version + 1]
        assert newer[: len(older)] == older and len(newer) > len(older)


def test_what_an_older_firmware_kept_is_taken_as_far_as_it_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Here the older one is this one, and the newer one knows one more number a program."""
    device = Device()
    change(device, 3)
    device.wait()
    kept = everything(device.settings)
    grown = settings_store.BLOCK_BYTES + 4 * len(device.settings.comfort_levels)
    monkeypatch.setattr(settings_store, "VERSION", settings_store.VERSION + 1)
    monkeypatch.setattr(settings_store, "BLOCK_BYTES", grown)
    monkeypatch.setattr(
        settings_store, "LAYOUT", (*settings_store.LAYOUT, ("comfort_levels", 16, 0, 5))
    )
    device.power_up()
    assert not device.storage.notes
    assert everything(device.settings) == kept
    device.wait()
    assert len(device.store.blobs["memory_b"]) == grown, "and kept anew in the newer form"
