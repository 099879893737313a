"""What outlives power-off: all of it, or what was there before; never something else."""

import struct
from array import array
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tests.storage.store import PowerCut, TornStore
from massager.core import limits
from massager.core.heat.dose import HeatDose
from massager.core.safety import fault_table, supervisor
from massager.core.signals import Measurements, Outputs, Setpoints, Settings, Status
from massager.storage import crc_block, settings_store
from massager.storage.session_log import SessionLog


@dataclass
class Device:
    """A controller's status, the settings, and the store behind them."""

    store: TornStore = field(default_factory=TornStore)

    def __post_init__(self) -> None:
        self.power_up()

    def power_up(self) -> None:
        """The chip starts: whatever was not kept is gone."""
        self.store.bytes_left = None
        self.settings = Settings()
        self.memory = settings_store.SettingsStore(
            self.store, self.settings, SessionLog(self.store)
        )
        self.dose = HeatDose(self.settings.dose_s)
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
            status.is_still = self.memory.hold_still and not self.outputs.driven()
            status.dose_stored_s = self.dose.stored_s(
                status.state not in (supervisor.OFF, supervisor.FAULT)
            )
            self.memory.step(status, self.outputs)


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
        assert not device.memory.notes


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
    asks = device.memory.hold_still
    assert asks, "for rest"
    assert device.store.writes == writes, "and waits for it"
    device.outputs.motor_permille = 0
    device.wait(1)
    assert not device.memory.hold_still
    device.outputs.motor_permille = 500
    device.wait(1_000)
    assert device.store.writes == writes + 1, "once a fault"
    device.power_up()
    assert device.settings.latched[0] == fault_table.NO_HEAT
    assert device.settings.freeze_frames[0] == 19
    assert device.settings.dose_s == limits.DOSE_RESERVE_CEM43_S, "the session is open still"


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
    assert not device.memory.hold_still


def test_a_store_that_refuses_lets_the_session_go_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    device = Device()
    refuse(device)
    device.dose.seconds = 500
    latch_in_session(device)
    device.wait(500)
    assert not device.memory.hold_still
    assert capsys.readouterr().out.count("memory: cannot be written") == 1


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
    assert device.settings.dose_s == 100 + limits.DOSE_RESERVE_CEM43_S


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
        if writes_before == 0 and found not in (old, new):
            # the very first write: nothing to fall back to, and the device says so
            found["latched"] = (0, 0, 0, 0)
            assert device.memory.notes
        assert found in (old, new), cut
        change(device, 5)
        device.wait()
        after = everything(device.settings)
        device.power_up()
        assert everything(device.settings) == after, "memory works again after the cut"


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
    if found["latched"][3] == fault_table.MEMORY_LOST:
        found["latched"] = (0, 0, 0, 0)
        assert device.memory.notes
    assert found in written


def test_one_damaged_slot_is_told_and_the_other_used() -> None:
    device = Device()
    for number in (1, 2):
        change(device, number)
        device.wait()
    kept = everything(device.settings)
    older = settings_store.SLOTS[0]
    device.store.blobs[older] = b"\0" * settings_store.BLOCK_BYTES
    device.power_up()
    assert device.memory.notes == ["memory: memory_a is damaged, or of a newer firmware"]
    assert everything(device.settings) == kept


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
    assert device.memory.notes[-1].startswith("memory: nothing usable")


@pytest.mark.parametrize("length", [settings_store.BLOCK_BYTES, 600, 2_000])
def test_a_newer_version_is_told_and_not_read(length: int) -> None:
    device = Device()
    block = bytearray(length)
    crc_block.seal(block, settings_store.VERSION + 1, 7)
    device.store.blobs = {slot: bytes(block) for slot in settings_store.SLOTS}
    device.power_up()
    assert device.memory.notes[0] == "memory: memory_a is damaged, or of a newer firmware"
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
    assert device.memory.notes == ["memory: heat_level is out of its range, not used"]


def names() -> list[str]:
    return [name for name, *_ in settings_store.LAYOUT]


def refuse(device: Device) -> None:
    def write(key: str, data: bytearray) -> None:
        raise OSError(-0x1105, "ESP_ERR_NVS_NOT_ENOUGH_SPACE")

    device.store.write = write  # type: ignore[method-assign]


def test_a_store_that_refuses_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    device = Device()
    refuse(device)
    change(device, 3)
    device.wait(500)
    assert capsys.readouterr().out.count("memory: cannot be written") == 1


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
    assert not device.memory.notes


# What each version keeps: attribute and count. A change of LAYOUT is a new version here,
# with the ones before as its beginning.
LAYOUTS = {
    1: (
        *(("latched", 4), ("freeze_frames", 36), ("pad_a_offset_mc", 1), ("pad_b_offset_mc", 1)),
        *(("pressure_offset_uv", 1), ("chamber_order", 1), ("proven_wiring", 1)),
        *(("air_fill_ms", 32), ("air_slope_pa", 16), ("air_stroke_pa", 1), ("air_rest_ms", 1)),
        *(("dose_s", 1), ("program", 1), ("heat_level", 1), ("last_level", 1)),
        ("comfort_levels", 16),
    ),
}


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
    assert not device.memory.notes
    assert everything(device.settings) == kept
    device.wait()
    assert len(device.store.blobs["memory_b"]) == grown, "and kept anew in the newer form"
