"""A run of the massager, column by column, and its summary figures."""

import statistics
from array import array
from collections.abc import Iterator, Mapping
from itertools import compress
from typing import Any

from massager_tools.firmware_tables import fault_name, state_names
from massager_tools.sim.model.buttons import NAMES as BUTTONS
from massager_tools.units import PA_PER_MMHG

_RUNNING = ("RUN", "ENDING")

_COLUMNS = (
    "t_ms",
    "pad_mc",
    "pad_max_mc",
    "skin_mc",
    "chamber_max_pa",
    "pump_duty_permille",
    "valves",
    "energised",
    "motor_rpm",
    "heater_duty_permille",
    "buttons",
    "fw_state",
    "fw_heat_set_mc",
    "fw_pad_a_mc",
    "fw_pad_b_mc",
    "fw_pressure_set_pa",
    "fw_cycles",
    "fw_fault",
    "fw_dose_s",
)


class SessionTrace:
    """Rows of a virtual massager as columns of integers: `trace["pad_mc"]`, one entry a row.

    A value that the firmware has not reported yet is 0.
    """

    def __init__(self, chambers: int) -> None:
        self.chambers = tuple(f"chamber_{number}_pa" for number in range(1, chambers + 1))
        self._columns: dict[str, array[int]] = {
            name: array("l") for name in (*_COLUMNS, *self.chambers)
        }

    def __getitem__(self, name: str) -> "array[int]":
        return self._columns[name]

    def __len__(self) -> int:
        return len(self["t_ms"])

    def add(self, row: Mapping[str, Any]) -> None:
        """Append a row."""
        for name, column in self._columns.items():
            column.append(row.get(name, 0))

    def state(self) -> str:
        """Return the name of the last state."""
        return state_names()[self["fw_state"][-1]] if len(self) else "OFF"

    def spans(self) -> Iterator[tuple[str, int, int]]:
        """Yield (state, first ms, last ms), one after the other."""
        states, times_ms = self["fw_state"], self["t_ms"]
        start = 0
        for index in range(1, len(states) + 1):
            if index == len(states) or states[index] != states[start]:
                last = min(index, len(states) - 1)
                yield state_names()[states[start]], times_ms[start], times_ms[last]
                start = index

    def presses(self) -> Iterator[tuple[int, str]]:
        """Yield (ms, button) of every press."""
        before = 0
        for t_ms, held in zip(self["t_ms"], self["buttons"], strict=True):
            fresh = held & ~before
            for bit, name in enumerate(BUTTONS):
                if fresh >> bit & 1:
                    yield t_ms, name
            before = held

    def faults(self) -> list[str]:
        """Return the names of the active faults, in the order of their appearance."""
        codes = dict.fromkeys(code for code in self["fw_fault"] if code)
        return [fault_name(code) for code in codes]

    def figures(self) -> dict[str, Any]:
        """Return the summary figures of the run; names carry the unit."""
        names = state_names()
        runs = [names[state] in _RUNNING for state in self["fw_state"]]
        pads_mc = list(compress(self["pad_mc"], runs))
        speeds_rpm = [rpm for rpm in compress(self["motor_rpm"], runs) if rpm]
        run_ms = sum(last - first for name, first, last in self.spans() if name in _RUNNING)
        peak = self._peak
        return {
            "minutes": round(run_ms / 60_000, 1),
            "pad_peak_c": round(peak("pad_max_mc") / 1000, 2),
            "pad_mean_c": round(statistics.fmean(pads_mc) / 1000, 2) if pads_mc else None,
            "heat_dose_cem43_min": round(peak("fw_dose_s") / 60, 1),
            "cycles": peak("fw_cycles"),
            "pressure_peak_mmhg": round(peak("chamber_max_pa") / PA_PER_MMHG, 1),
            "motor_mean_rpm": round(statistics.fmean(speeds_rpm)) if speeds_rpm else 0,
            "motor_peak_rpm": peak("motor_rpm"),
            "faults": self.faults(),
            "state": self.state(),
        }

    def _peak(self, name: str) -> int:
        return max(self[name], default=0)
