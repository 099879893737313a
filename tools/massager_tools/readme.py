"""The README's tables, made from the data they tell of: run as a module to write them anew.

A table stands between `<!-- NAME -->` and `<!-- /NAME -->`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from massager_tools.boards.circuit import GUARDS
from massager_tools.boards.load import REPO_DIR
from massager_tools.faults import faults
from massager_tools.panel import panel_rows
from massager_tools.program_notes import program_notes

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


TABLES: Mapping[str, Callable[[], str]] = {
    "buttons": buttons_table,
    "programs": programs_table,
    "faults": faults_table,
    "guards": guards_table,
}


def renewed(text: str) -> str:
    """`text` with every table as the data say. ValueError where one has no place."""
    for name, table in TABLES.items():
        places = list(re.finditer(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", text, re.S))
        if len(places) != 1:
            raise ValueError(f"the README needs one place for the table {name!r}")
        text = text[: places[0].start()] + table() + "\n" + text[places[0].end() :]
    return text


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
