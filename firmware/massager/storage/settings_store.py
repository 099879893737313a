"""What outlives power-off, in the chip's non-volatile store: two slots, written in turn.

Flash is written only while every output is off, because writing stalls the chip for tens
of milliseconds: while the device is off or in a fault, and once as a session begins, for
a dose that a power cut in mid-session would otherwise forget. A fault that latches while
the session goes on must not wait for its end, which may be a pulled plug: at the next rest
of the air the controller holds still for a tick, and that is when it is written. A power
cut at any moment leaves the slot that was not being written, so at most the newest change
is lost.
"""

import struct
from array import array

from micropython import const

from massager.core import limits
from massager.core.safety import fault_table, supervisor
from massager.core.session import session_record
from massager.core.signals import (
    FREEZE_FRAME_FIELDS,
    FREEZE_FRAMES,
    PATTERNS,
    PROGRAMS_MAX,
    STAGES,
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
VERSION = const(1)
SLOTS = ("memory_a", "memory_b")
_LOOK_TICKS = const(50)  # changes while off are found within half a second
_DOSE_STEP_S = const(30)  # the dose fades for hours; flash is not for following that
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
)


BLOCK_BYTES = crc_block.AROUND_BYTES + crc_block.INT_BYTES * sum([row[1] for row in LAYOUT])


class SettingsStore:
    """Fill `settings` from `store` at construction, and store there what changes later.

    `store` is the hal's. `notes` says in words what was found and could not be used. A number
    outside its range is not taken over. Where both slots are lost, so are calibration and
    latched faults: a fault that a person must clear then says so. A store that cannot be
    written is not tried again until the next power-up. While `hold_still`, the controller is
    asked for a moment in which nothing is driven.
    """

    def __init__(self, store: "Store", settings: Settings, session_log: "SessionLog") -> None:
        self.notes = []
        self.hold_still = False
        self._store = store
        self._settings = settings
        self._session_log = session_log
        self._sequence = 0
        self._slot = 0  # the next to be written
        self._kept = bytearray(BLOCK_BYTES)
        self._now = bytearray(BLOCK_BYTES)
        self._ticks = 0
        self._refused = False
        self._is_checked = False  # written since the self-test began
        self._session_revision = 0
        self._load()
        self._latched = array("i", settings.latched)  # as in what is kept

    def step(self, status: Status, outputs: Outputs) -> None:
        """Write what changed, if nothing is driven; in each tick.

        In mid-session `hold_still` asks the core for a moment in which that is so.
        """
        state = status.state
        self._ticks += 1
        if state == supervisor.CHECK:
            due = not self._is_checked
        elif state == supervisor.STOPPING:
            due = False
        elif state == supervisor.RUN or state == supervisor.ENDING:
            due = self.hold_still and status.is_still
            if self._ticks >= _LOOK_TICKS and status.has_latched and not self._refused:
                self._ticks = 0
                self.hold_still = self._is_news()
        else:
            due = self._ticks >= _LOOK_TICKS
        if due and not outputs.driven():
            self._ticks = 0
            self.hold_still = False
            self._is_checked = state != supervisor.OFF and state != supervisor.FAULT
            self.keep(status)

    def keep(self, status: Status) -> None:
        """Write what changed; every output must be safe already."""
        if self._refused:
            return
        try:
            self._keep(status)
        except OSError as error:
            self._refused = True
            print("memory: cannot be written:", error)

    def replace(self, settings: Settings) -> None:
        """Keep `settings` in both slots, so that a damaged one cannot bring the old back.

        Every output must be safe already. OSError where the store refuses.
        """
        self._settings = settings
        for _ in SLOTS:
            self._fill()
            self._write()

    def _keep(self, status: Status) -> None:
        settings = self._settings
        dose_s = status.dose_stored_s
        if abs(dose_s - settings.dose_s) >= _DOSE_STEP_S:
            settings.dose_s = dose_s
        for index in range(len(settings.latched)):
            settings.latched[index] = status.latched[index]
        self._fill()
        if self._now != self._kept:
            self._write()
        if self._session_revision != status.session_revision:
            if status.session_record[session_record.REASON]:  # else the next one has begun
                self._session_log.keep(status.session_record)
            self._session_revision = status.session_revision

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
                self.notes.append("memory: " + SLOTS[slot] + " is damaged, or of a newer firmware")
        if self._sequence:
            self._take(known_bytes)
        elif is_damaged:
            self._settings.latched[_SYSTEM] = fault_table.MEMORY_LOST
            self.notes.append("memory: nothing usable, everything is as on a new device")

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
                    self.notes.append("memory: " + name + " is out of its range, not used")
                elif count == 1:
                    setattr(self._settings, name, values[0])
                else:
                    getattr(self._settings, name)[index] = values[index]


def _form(count: int) -> str:
    return "<%di" % count


def forget_unless_wired(settings: Settings, wiring_id: int) -> None:
    """Forget the calibration of any wiring but `wiring_id`: the device is a new one there."""
    if settings.proven_wiring != wiring_id:
        forget_calibration(settings)


def forget_calibration(settings: Settings) -> None:
    """Clear the calibration and lock the heat."""
    settings.proven_wiring = 0
    settings.pad_a_offset_mc = 0
    settings.pad_b_offset_mc = 0
    settings.pressure_offset_uv = 0
    settings.chamber_order = 0
