"""Read the freeze frames of a device: its newest latched faults with the sensor values."""

import struct

from massager_tools.device_data.transport import Transport
from massager_tools.errors import Failure
from massager_tools.firmware_tables import core, firmware, state_names
from massager_tools.units import PA_PER_MMHG

_ABSENT = -1


def keys() -> list[str]:
    """Return the keys that `last_readings` reads."""
    return list(firmware("storage.settings_store").SLOTS)


def last_readings(transport: Transport) -> list[dict[str, int]]:
    """Return the freeze frames, newest first, by the field names of safety/freeze_frame.py.

    Empty if nothing is stored. Raise Failure if the block cannot be read.
    """
    store = firmware("storage.settings_store")
    record = firmware("storage.crc_block")
    slots = [transport.read(key) for key in keys()]
    judged = [(record.judge(data, len(data), store.VERSION), data) for data in slots]
    sequence, newest = max(judged)
    if sequence <= 0:
        if any(verdict < 0 for verdict, _ in judged):
            raise Failure("the stored settings are damaged, or of a newer firmware than this tool")
        return []
    start = record.HEADER_BYTES
    for name, count, _, _ in store.LAYOUT:
        if name == "freeze_frames":
            break
        start += record.INT_BYTES * count
    names = core("safety.freeze_frame").FIELDS
    rows = struct.iter_unpack(f"<{len(names)}i", newest[start : start + record.INT_BYTES * count])
    return [dict(zip(names, row, strict=True)) for row in rows if row[0]]


def in_words(reading: dict[str, int]) -> str:
    """Return a freeze frame as one line of text."""
    parts = [
        f"state {state_names()[reading['state']]}",
        f"pad A {reading['pad_a_mc'] / 1000:.1f} °C",
        f"pad B {reading['pad_b_mc'] / 1000:.1f} °C",
        f"pressure {reading['pressure_pa'] / PA_PER_MMHG:.1f} mmHg",
        f"chambers {reading['chambers']:04b}",
        f"heater {reading['heater_permille'] / 10:.0f} %",
    ]
    if reading["supply_mv"] != _ABSENT:
        parts.append(f"supply {reading['supply_mv'] / 1000:.1f} V")
    if reading["motor_rpm"] != _ABSENT:
        parts.append(f"motor {reading['motor_rpm']} rpm")
    return ", ".join(parts)
