"""List what happened in a recording of the black box, in order and in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from massager_tools.device_data.blackbox import Recording, Row
from massager_tools.firmware_tables import button_bits, fault_name, state_names

_ON_OFF = ("off", "on")


def events(recording: Recording) -> list[tuple[float, str]]:
    """Return (seconds before the last row, what changed) of every change, oldest first."""
    return [
        (after.t_s, words)
        for before, after in pairwise(recording.rows)
        for words in _changes(before, after)
    ]


def _changes(before: Row, after: Row) -> Iterator[str]:
    if after.fault != before.fault:
        yield f"E{after.fault:02d} {fault_name(after.fault)}" if after.fault else "no fault"
    if after.state != before.state:
        names = state_names()
        yield f"state {names[after.state] if after.state < len(names) else after.state}"
    for name, bit in button_bits().items():
        if (after.buttons ^ before.buttons) & bit:
            yield f"{name} {'pressed' if after.buttons & bit else 'released'}"
    if after.heater_enable != before.heater_enable:
        yield f"heater {_ON_OFF[after.heater_enable]}"
    if bool(after.pump_permille) != bool(before.pump_permille):
        yield f"pump {_ON_OFF[bool(after.pump_permille)]}"
    if bool(after.motor_permille) != bool(before.motor_permille):
        yield f"motor {_ON_OFF[bool(after.motor_permille)]}"
    for number in range(4):
        if (after.chambers ^ before.chambers) >> number & 1:
            yield f"valve {number + 1} {_ON_OFF[after.chambers >> number & 1]}"
    if after.exhaust != before.exhaust:
        yield f"exhaust {_ON_OFF[after.exhaust]}"
