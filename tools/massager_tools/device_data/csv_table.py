"""Write comma-separated values with a line of names, the same for every table."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any


class CsvTable:
    """Write the line of names at once, then a line for each `add`."""

    def __init__(self, file: IO[str], names: Sequence[str]) -> None:
        self._writer = csv.DictWriter(
            file, names, restval="", extrasaction="ignore", lineterminator="\n"
        )
        self._writer.writeheader()

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a row: truth as 0 and 1, a missing value empty, one without a name not at all."""
        self._writer.writerow(
            {name: int(value) if isinstance(value, bool) else value for name, value in row.items()}
        )


def as_csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a whole table as text."""
    text = io.StringIO()
    table = CsvTable(text, names)
    for row in rows:
        table.add(row)
    return text.getvalue()
