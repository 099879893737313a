"""The README's tables, made from the data they tell of: run as a module to write them anew.

A table stands between `<!-- NAME -->` and `<!-- /NAME -->`. That of the fault campaign is
written only where its result is given: `python -m massager_tools.manual.tables FAULTS.json`, what
`massager measure faults --json` has told.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from massager_tools.boards.circuit import GUARDS
from massager_tools.boards.load import REPO_DIR
from massager_tools.manual.fault_texts import faults
from massager_tools.manual.gesture_texts import panel_rows
from massager_tools.manual.program_notes import program_notes

README = REPO_DIR / "README.md"


def buttons_table() -> str:
    """The panel's table, a row a gesture."""
    rows = [(f"*{row.buttons}*", row.gesture, row.when, row.does) for row in panel_rows()]
    return _table(("buttons", "gesture", "when", "what it does"), rows)


def programs_table() -> str:
    """The programs, in the order of the button, with what is known about each."""
    rows = [(f"`{note.name}`", f"{note.minutes} min", note.evidence) for note in program_notes()]
    return _table(("program", "length", "where it comes from"), rows)


def faults_table() -> str:
    """Every fault: code, what happened, what it stops."""
    rows = [(one.label, f"`{one.name}`", one.happened, one.stops) for one in faults()]
    return _table(("code", "name", "what happened", "stops"), rows)


def guards_table() -> str:
    """What protects without any program."""
    rows = [(guard.part, guard.where, guard.why) for guard in GUARDS]
    return _table(("part", "where", "against"), rows)


def campaign_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The fault campaign, a row a kind of fault: `rows` of the report of `measure faults`."""
    cells = [[f"`{row['fault']}`", *map(str, list(row.values())[1:])] for row in rows]
    return _table(list(rows[0]), cells)


TABLES: Mapping[str, Callable[[], str]] = {
    "buttons": buttons_table,
    "programs": programs_table,
    "faults": faults_table,
    "guards": guards_table,
}


def renewed(text: str) -> str:
    """`text` with every table as the data say. ValueError where one has no place."""
    for name, table in TABLES.items():
        text = with_table(text, name, table())
    return text


def with_table(text: str, name: str, table: str) -> str:
    """`text` with `table` in its place. ValueError where it has none."""
    places = list(re.finditer(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", text, re.S))
    if len(places) != 1:
        raise ValueError(f"the README needs one place for the table {name!r}")
    return text[: places[0].start()] + table + "\n" + text[places[0].end() :]


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    written = renewed(README.read_text(encoding="utf-8"))
    if len(sys.argv) > 1:
        told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        written = with_table(written, "campaign", campaign_table(told["rows"]))
    README.write_text(written, encoding="utf-8")
