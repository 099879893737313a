"""What outlives power-off, in the chip's non-volatile store: two slots, written in turn.

Flash is written only while every output is off, because writing stalls the chip for tens
of milliseconds: while the device is off or in a fault, and once as a session begins, for
a dose that a power cut in mid-session would otherwise forget. A power cut at any moment
leaves the slot that was not being written, so at most the newest change is lost.
"""

from micropython import const

from massager import record
from massager.core import limits
from massager.core.safety import faults, supervisor
from massager.core.signals import (
    PATTERNS,
    PROGRAMS_MAX,
    READINGS_FIELDS,
    READINGS_KEPT,
    STAGES,
)

VERSION = const(1)
SLOTS = ("memory_a", "memory_b")
_LOOK_TICKS = const(50)  # changes while off are found within half a second
_DOSE_STEP_S = const(30)  # the dose fades for hours; flash is not for following that
_SYSTEM = const(3)  # of the fault groups
_ANY = const(0x3FFF_FFFF)

LAYOUT = (
    # attribute of Settings, how many, lowest, highest
    ("latched", 4, 0, _ANY),
    ("readings", READINGS_KEPT * READINGS_FIELDS, -_ANY, _ANY),
    ("pad_a_offset_mc", 1, -5_000, 5_000),
    ("pad_b_offset_mc", 1, -5_000, 5_000),
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


def _count():
    total = 0
    for _, count, _, _ in LAYOUT:
        total += count
    return total


BLOCK_BYTES = record.size(_count())
_LONGEST_BYTES = const(1024)  # room for what newer firmware may keep


class Memory:
    """Fills `settings` from `store` at construction, and keeps there what changes later.

    `store` is the hal's. `notes` says in words what was found and could not be used. A number
    outside its range is not taken over. Where both slots are lost, so are calibration and
    latched faults: the device then says so with a fault that a person must clear. A store
    that refuses to be written is left alone until the next power-up.
    """

    def __init__(self, store, settings, journal):
        self.notes = []
        self._store = store
        self._settings = settings
        self._journal = journal
        self._sequence = 0
        self._slot = 0  # the next to be written
        self._kept = bytearray(BLOCK_BYTES)
        self._now = bytearray(BLOCK_BYTES)
        self._ticks = 0
        self._refused = False
        self._in_session = False
        self._load()

    def step(self, controller, outputs):
        """One tick of the loop: write what changed, if nothing is energised."""
        state = controller.state
        if state == supervisor.CHECK:
            if not self._in_session and _is_still(outputs):
                self._in_session = True
                self.keep(controller)
            return
        if state != supervisor.OFF and state != supervisor.FAULT:
            return
        self._ticks += 1
        if self._ticks < _LOOK_TICKS:
            return
        self._ticks = 0
        if _is_still(outputs):
            self._in_session = False
            self.keep(controller)

    def keep(self, controller):
        """Write what changed; every output must be safe already."""
        if self._refused:
            return
        try:
            self._keep(controller)
        except OSError as error:
            self._refused = True
            print("memory: cannot be written:", error)

    def replace(self, settings):
        """Keep `settings` in both slots, so that a damaged one cannot bring the old back.

        Every output must be safe already. OSError where the store refuses.
        """
        self._settings = settings
        for _ in SLOTS:
            self._fill(self._now)
            self._write()

    def _keep(self, controller):
        settings = self._settings
        dose_s = controller.dose.kept_s(self._in_session)
        if abs(dose_s - settings.dose_s) >= _DOSE_STEP_S:
            settings.dose_s = dose_s
        for index in range(len(settings.latched)):
            settings.latched[index] = controller.faults.groups[index].latched
        self._fill(self._now)
        if self._now != self._kept:
            self._write()
        tally = controller.dialogue.tally
        if tally.ready:
            self._journal.keep(tally.record)
            tally.ready = False

    def _fill(self, block):
        at = 0
        for name, count, _, _ in LAYOUT:
            value = getattr(self._settings, name)
            if count == 1:
                record.put(block, at, value)
            else:
                for index in range(count):
                    record.put(block, at + index, value[index])
            at += count
        record.seal(block, VERSION, self._sequence)

    def _write(self):
        self._sequence = self._sequence + 1 if self._sequence < record.SEQUENCE_MAX else 1
        record.seal(self._now, VERSION, self._sequence)
        self._store.write(SLOTS[self._slot], self._now)
        self._store.commit()
        self._slot ^= 1
        self._kept[:] = self._now

    def _load(self):
        newest = -1
        spoilt = False
        scratch = bytearray(_LONGEST_BYTES)
        for slot in range(len(SLOTS)):
            length = self._store.read(SLOTS[slot], scratch)
            verdict, sequence = record.judge(scratch, length, VERSION)
            if verdict == record.OK and length == BLOCK_BYTES:
                if sequence > newest:
                    newest = sequence
                    self._slot = slot ^ 1
                    self._kept[:] = memoryview(scratch)[:BLOCK_BYTES]
            elif verdict == record.NEWER:
                spoilt = True
                self.notes.append("memory: " + SLOTS[slot] + " is of a newer firmware")
            elif verdict != record.MISSING:
                spoilt = True
                self.notes.append("memory: " + SLOTS[slot] + " is damaged")
        if newest >= 0:
            self._sequence = newest
            self._take()
        elif spoilt:
            self._settings.latched[_SYSTEM] = faults.MEMORY_LOST
            self.notes.append("memory: nothing usable, everything is as on a new device")

    def _take(self):
        """Settings from the newest block, number by number."""
        at = 0
        for name, count, low, high in LAYOUT:
            for index in range(count):
                value = record.get(self._kept, at + index)
                if not low <= value <= high:
                    self.notes.append("memory: " + name + " is out of its range, not used")
                elif count == 1:
                    setattr(self._settings, name, value)
                else:
                    getattr(self._settings, name)[index] = value
            at += count


def _is_still(outputs):
    """Whether nothing is energised."""
    return not (
        outputs.pump_permille
        or outputs.chambers
        or outputs.exhaust
        or outputs.heater_enable
        or outputs.motor_permille
    )
