"""Settings in the chip's non-volatile store: two slots, written in turn.

Flash is written only while every output is off, because writing stalls the chip for tens
of milliseconds: while the device is off or in a fault, and once as a session begins, for
a dose that a power cut in mid-session would otherwise forget. A fault that latches while
the session goes on must not wait for its end, which may be a pulled plug: at the next rest
of the air the controller holds still for two ticks, and that is when it is written. A power
cut at any moment leaves the slot that was not being written, so at most the newest change
is lost. One thing is written in a tick: the settings, the record of a session, or the file
that remembers that this device was in use.
"""

import os
import struct
from array import array

from micropython import const

from massager.core import limits, schedule
from massager.core.safety import fault_table, supervisor
from massager.core.session import session_record
from massager.core.signals import (
    FREEZE_FRAME_FIELDS,
    FREEZE_FRAMES,
    PATTERNS,
    PROGRAMS_MAX,
    STAGES,
    STORAGE_REFUSES,
    STORAGE_WAITS,
    Outputs,
    Settings,
    Status,
)
from massager.storage import crc_block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any as Store  # like hal.nvs.NvsStore

    from massager.storage.session_log import SessionLog

# Rises with every change of LAYOUT, which grows at its end only: what an older firmware has
# kept is the beginning of what this one keeps.
VERSION = const(3)
SLOTS = ("memory_a", "memory_b")
USED = "memory_used"  # an empty file: there is one where the store has been written
_LOOK_TICKS = const(50)  # changes while off are found within half a second
_RETRY_TICKS = const(1_000)  # after a write that failed
# The dose fades for hours; flash is not for following that. So it is stored in steps, and never
# as less than it is: what a short session adds is not lost with the plug.
_DOSE_STEP_S = const(30)
_SYSTEM = const(3)  # of the fault groups
_ANY = const(0x3FFF_FFFF)

LAYOUT = (
    # attribute of Settings, how many, lowest, highest
    ("latched", 4, 0, _ANY),
    ("freeze_frames", FREEZE_FRAMES * FREEZE_FRAME_FIELDS, -_ANY, _ANY),
    ("pad_a_offset_mc", 1, -limits.CALIBRATION_MAX_MC, limits.CALIBRATION_MAX_MC),
    ("pad_b_offset_mc", 1, -limits.CALIBRATION_MAX_MC, limits.CALIBRATION_MAX_MC),
    ("pressure_offset_uv", 1, -200_000, 200_000),
    ("chamber_order", 1, 0, 4_321),
    ("proven_wiring", 1, 0, _ANY),
    ("air_fill_ms", 2 * PATTERNS * STAGES, 0, 200_000),
    ("air_slope_pa", PATTERNS * STAGES, 0, 4_000),
    ("air_stroke_pa", 1, 0, 20_000),
    ("air_rest_ms", 1, 0, limits.REST_SET_MAX_MS),
    ("dose_s", 1, 0, 1_000_000),
    ("program", 1, 0, PROGRAMS_MAX - 1),
    ("heat_level", 1, 0, 3),
    ("last_level", 1, 0, 5),
    ("comfort_levels", PROGRAMS_MAX, 0, 5),
    ("dose_spent", 1, 0, 1),
    ("pad_bend_mc", 1, 0, limits.PAD_BEND_MOST_MC),
)


BLOCK_BYTES = crc_block.AROUND_BYTES + crc_block.INT_BYTES * sum([row[1] for row in LAYOUT])


class SettingsStore:
    """Fill `settings` from `store` at construction, and store there what changes later.

    `store` is the hal's. `notes` says in words what was found and could not be used. A number
    outside its range is not taken over. Where one slot is damaged, dose and latched faults are
    the worst of both, and a fault says so. Where both are lost, or are empty although the file
    `used` remembers that the device was in use, so are calibration and latched faults, and a
    graver fault says that. `core_requests` are STORAGE_* bits. A write that
    fails is tried again until it succeeds.
    """

    def __init__(
        self,
        store: "Store",
        settings: Settings,
        session_log: "SessionLog",
        used: "str | None" = None,
    ) -> None:
        self.notes: list[str] = []
        self.core_requests = 0
        self._store = store
        self._settings = settings
        self._session_log = session_log
        self._used = used
        self._is_marked = used is None or _exists(used)
        self._sequence = 0
        self._slot = 0  # the next to be written
        self._kept = bytearray(BLOCK_BYTES)
        self._now = bytearray(BLOCK_BYTES)
        self._ticks = 0
        self._is_checked = False  # written since the self-test began
        self._session_revision = 0
        self._load()
        self._latched = array("i", settings.latched)  # as in what is kept

    def step(self, status: Status, outputs: Outputs) -> None:
        """Write one thing that changed, if nothing is driven; in each tick.

        In mid-session STORAGE_WAITS asks the core for a moment in which that is so.
        """
        state = status.state
        self._ticks += 1
        is_time = self._ticks >= (
            _RETRY_TICKS if self.core_requests & STORAGE_REFUSES else _LOOK_TICKS
        )
        if state == supervisor.CHECK:
            due = not self._is_checked
        elif state == supervisor.STOPPING:
            due = False
        elif state == supervisor.RUN or state == supervisor.ENDING:
            due = self.core_requests & STORAGE_WAITS != 0 and status.is_still
            if is_time and status.has_latched and not self.core_requests & STORAGE_REFUSES:
                self._ticks = 0
                self.core_requests |= STORAGE_WAITS if self._is_news() else 0
        else:
            due = is_time
        if due and not outputs.driven() and status.tick != schedule.BLACKBOX:
            self._ticks = 0
            if self._write_one(status):
                self._ticks = _LOOK_TICKS  # and the next thing in the next tick
            else:
                self.core_requests &= ~STORAGE_WAITS
                self._is_checked = state != supervisor.OFF and state != supervisor.FAULT

    def keep(self, status: Status) -> None:
        """Write all that changed; every output must be safe already."""
        while self._write_one(status):
            pass

    def _write_one(self, status: Status) -> bool:
        """Write the first thing that changed; return whether there may be another."""
        try:
            has_more = self._keep(status)
        except OSError as error:
            if not self.core_requests & STORAGE_REFUSES:
                self.core_requests |= STORAGE_REFUSES
                print("storage: cannot be written:", error)
            return False
        self.core_requests &= ~STORAGE_REFUSES
        return has_more

    def replace(self, settings: Settings) -> None:
        """Keep `settings` in both slots, so that a damaged one cannot bring the old back.

        Every output must be safe already. OSError where the store refuses.
        """
        self._settings = settings
        for _ in SLOTS:
            self._fill()
            self._write()

    def _keep(self, status: Status) -> bool:
        settings = self._settings
        dose_s = status.dose_stored_s
        if not 0 <= settings.dose_s - dose_s < _DOSE_STEP_S:
            settings.dose_s = -(-dose_s // _DOSE_STEP_S) * _DOSE_STEP_S
        settings.dose_spent = int(status.dose_spent)
        for index in range(len(settings.latched)):
            settings.latched[index] = status.latched[index]
        self._fill()
        if self._now != self._kept:
            self._write()
            return True
        if self._session_revision != status.session_revision:
            if status.session_record[session_record.REASON]:  # else the next one has begun
                self._session_log.keep(status.session_record)
            self._session_revision = status.session_revision
            return True
        if self._sequence and not self._is_marked:
            open(self._used, "wb").close()  # type: ignore[arg-type]
            self._is_marked = True
        return False

    def _is_news(self) -> bool:
        """Return whether a fault has latched that is not stored yet. Allocate nothing."""
        for index in range(len(self._latched)):
            if self._latched[index] != self._settings.latched[index]:
                return True
        return False

    def _fill(self) -> None:
        """Fill `_now` with what there is to store, under the sequence of what is stored."""
        at = crc_block.HEADER_BYTES
        for name, count, _, _ in LAYOUT:
            value = getattr(self._settings, name)
            struct.pack_into(_form(count), self._now, at, *(value if count > 1 else (value,)))
            at += crc_block.INT_BYTES * count
        crc_block.seal(self._now, VERSION, self._sequence)

    def _write(self) -> None:
        self._sequence += 1  # flash is worn out long before a sequence is too long
        crc_block.seal(self._now, VERSION, self._sequence)
        self._store.write(SLOTS[self._slot], self._now)
        self._store.commit()
        self._slot ^= 1
        self._kept[:] = self._now
        self._latched[:] = self._settings.latched

    def _load(self) -> None:
        worst = Settings()  # of damaged slots
        is_damaged = False
        for slot in range(len(SLOTS)):
            length = self._store.read(SLOTS[slot], self._now)
            sequence = crc_block.judge(self._now, length, VERSION)
            if sequence > self._sequence:
                self._sequence = sequence
                self._slot = slot ^ 1
                self._kept, self._now = self._now, self._kept
                known_bytes = length - crc_block.INT_BYTES
            elif sequence < 0:
                is_damaged = True
                self._salvage(length, worst)
                self.notes.append(
                    "storage: " + SLOTS[slot] + " is damaged, or of a newer firmware"
                )
        settings = self._settings
        if self._sequence:
            self._take(known_bytes)
            if is_damaged:
                settings.dose_s = max(settings.dose_s, worst.dose_s)
                for group in range(len(settings.latched)):
                    settings.latched[group] |= worst.latched[group]
                settings.latched[_SYSTEM] |= fault_table.MEMORY_DAMAGED
        elif is_damaged or (self._used and self._is_marked):
            settings.dose_s = limits.DOSE_END_CEM43_S  # it is not known
            settings.latched[_SYSTEM] = fault_table.MEMORY_LOST
            self.notes.append("storage: nothing usable, everything is as on a new device")

    def _salvage(self, length: int, worst: Settings) -> None:
        """Take dose and latched faults from a damaged block, where it still says what it is.

        The dose of any other one is unknown, and counts as spent.
        """
        worst.dose_s = limits.DOSE_END_CEM43_S
        if not crc_block.is_recognised(self._now, length, VERSION):
            return
        at = crc_block.HEADER_BYTES
        for name, count, low, high in LAYOUT:
            if at + crc_block.INT_BYTES * count > length - crc_block.INT_BYTES:
                return
            if name == "latched" or name == "dose_s":
                values = struct.unpack_from(_form(count), self._now, at)
                for index in range(count):
                    if not low <= values[index] <= high:
                        continue
                    if count == 1:
                        worst.dose_s = values[0]
                    else:
                        worst.latched[index] = values[index]
            at += crc_block.INT_BYTES * count

    def _take(self, known_bytes: int) -> None:
        """Take the settings from the newest block, as far as its firmware knew them."""
        at = crc_block.HEADER_BYTES
        for name, count, low, high in LAYOUT:
            if at >= known_bytes:
                return
            values = struct.unpack_from(_form(count), self._kept, at)
            at += crc_block.INT_BYTES * count
            for index in range(count):
                if not low <= values[index] <= high:
                    self.notes.append("storage: " + name + " is out of its range, not used")
                elif count == 1:
                    setattr(self._settings, name, values[0])
                else:
                    getattr(self._settings, name)[index] = values[index]


def _form(count: int) -> str:
    return "<%di" % count


def _exists(path: str) -> bool:
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def forget_unless_wired(settings: Settings, wiring_id: int) -> None:
    """Forget the calibration of any wiring but `wiring_id`: the device is a new one there."""
    if settings.proven_wiring != wiring_id:
        forget_calibration(settings)


def forget_calibration(settings: Settings) -> None:
    """Clear the calibration and lock the heat."""
    settings.proven_wiring = 0
    settings.pad_a_offset_mc = 0
    settings.pad_b_offset_mc = 0
    settings.pad_bend_mc = 0
    settings.pressure_offset_uv = 0
    settings.chamber_order = 0
