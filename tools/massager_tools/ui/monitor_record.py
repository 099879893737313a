"""Record telemetry as a CSV file and draw it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from massager_tools.device_data.csv_table import CsvTable
from massager_tools.units import PA_PER_MMHG

Values = dict[str, int]


class CsvFile:
    """A CSV file with a row for every telemetry line; no file if `path` is None.

    The columns are the time of day and the fields of the first line; a field that appears later
    has no column, a missing one leaves its cell empty.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[str] | None = None
        self._table: CsvTable | None = None

    def __enter__(self) -> CsvFile:
        if self._path is not None:
            self._file = self._path.open("w", newline="", encoding="utf-8")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, values: Values) -> None:
        """Write a row and flush it: the cable or the computer may fail at any moment."""
        if self._file is None:
            return
        if self._table is None:
            self._table = CsvTable(self._file, ["time", *values])
        now = datetime.now().isoformat(timespec="milliseconds")
        self._table.add({"time": now, **values})
        self._file.flush()


class Trace(list[tuple[float, Values]]):
    """(seconds since the first line, values) of every telemetry line."""

    def add(self, values: Values) -> None:
        """Append a line by the massager's clock; continue from the last one after a restart."""
        t_s = values.get("t_ms", 0) / 1000
        if self:
            last_s, last = self[-1]
            step_s = t_s - last.get("t_ms", 0) / 1000
            t_s = last_s + (step_s if step_s > 0 else 1.0)
        else:
            t_s = 0.0
        self.append((t_s, values))


def draw(trace: Trace, path: Path) -> None:
    """Draw temperatures, pressure and speed over time; the ending of `path` gives the format."""
    from matplotlib.figure import Figure

    from massager_tools.plots.style import BLUE, GREEN, GREY, ORANGE, VERMILLION

    figure = Figure(figsize=(11, 7), layout="constrained")
    axes = figure.subplots(3, 1, sharex=True)
    minutes = [t_s / 60 for t_s, _ in trace]

    def show(axis: Any, name: str, scale: float, colour: str, label: str, **style: Any) -> None:
        axis.plot(
            minutes, [v.get(name, 0) / scale for _, v in trace], color=colour, label=label, **style
        )

    show(axes[0], "pad_a_mc", 1000, VERMILLION, "pad A")
    show(axes[0], "pad_b_mc", 1000, ORANGE, "pad B")
    show(axes[0], "heat_set_mc", 1000, GREY, "set", linestyle="--")
    show(axes[1], "pressure_pa", PA_PER_MMHG, BLUE, "manifold")
    show(axes[1], "pressure_set_pa", PA_PER_MMHG, GREY, "set", linestyle="--")
    show(axes[2], "rpm", 1, GREEN, "motor")
    for axis, unit in zip(axes, ("°C", "mmHg", "rpm"), strict=True):
        axis.set_ylabel(unit)
        axis.legend(loc="upper left")
    axes[0].set_ylim(bottom=15)
    axes[2].set_xlabel("minutes")
    figure.savefig(path)
