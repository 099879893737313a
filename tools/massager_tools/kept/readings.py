"""The newest faults that latched on a device, with what its sensors said at that moment."""

from massager_tools.core import core, firmware, state_names
from massager_tools.kept.transport import Transport

_ABSENT = -1


def last_readings(transport: Transport) -> list[dict[str, int]]:
    """Newest first: the fields of safety/readings.py by name. Empty where nothing is kept."""
    memory = firmware("memory")
    record = firmware("record")
    best = b""
    newest = -1
    for slot in memory.SLOTS:
        data = transport.read(slot)
        verdict, sequence = record.judge(data, len(data), memory.VERSION)
        if verdict == record.OK and sequence > newest and len(data) == memory.BLOCK_BYTES:
            newest, best = sequence, data
    if newest < 0:
        return []
    at = 0
    for name, count, _, _ in memory.LAYOUT:
        if name == "readings":
            break
        at += count
    names = core("safety.readings").FIELDS
    values = [record.get(best, at + index) for index in range(count)]
    rows = [values[start : start + len(names)] for start in range(0, count, len(names))]
    return [dict(zip(names, row, strict=True)) for row in rows if row[0]]


def in_words(reading: dict[str, int]) -> str:
    """One line for a person."""
    parts = [
        f"state {state_names()[reading['state']]}",
        f"pad A {reading['pad_a_mc'] / 1000:.1f} °C",
        f"pad B {reading['pad_b_mc'] / 1000:.1f} °C",
        f"pressure {reading['pressure_pa'] / 133.322:.1f} mmHg",
        f"chambers {reading['chambers']:04b}",
        f"heater {reading['heater_permille'] / 10:.0f} %",
    ]
    if reading["supply_mv"] != _ABSENT:
        parts.append(f"supply {reading['supply_mv'] / 1000:.1f} V")
    if reading["motor_rpm"] != _ABSENT:
        parts.append(f"motor {reading['motor_rpm']} rpm")
    return ", ".join(parts)
