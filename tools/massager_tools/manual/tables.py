"""The generated tables of the documents: run as a module to write them anew.

A table stands between `<!-- NAME -->` and `<!-- /NAME -->` in the document that `TABLES` names.
That of the fault campaign is written only where its result is given:
`python -m massager_tools.manual.tables FAULTS.json`, the output of `massager measure faults
--json`.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from massager_tools.boards.circuit import GUARDS
from massager_tools.device import interpreter_faults
from massager_tools.firmware_tables import core
from massager_tools.manual.fault_texts import faults
from massager_tools.manual.gesture_texts import panel_rows
from massager_tools.manual.program_notes import program_notes
from massager_tools.paths import CHECKOUT
from massager_tools.sim.model.faults import FAULTS
from massager_tools.verification import MEASURES
from massager_tools.verification.fault_catalogue import (
    ANY_ERROR,
    CATALOGUE,
    MEMORY,
    OUT_OF_SCOPE,
    family,
)

RESULTS = "host_tests/RESULTS.md"

_OUTSIDE_THE_MODEL = {
    "power_cut": "the plug is pulled for 3 s",
    "reset_pin": "the reset pin is pressed",
    "panic": "the chip crashes and restarts",
    "nvs_wipe": "the flash store is erased as a whole",
    "ctrl_c": "Ctrl-C on the serial line",
    MEMORY: "stored settings are damaged",
    ANY_ERROR: "an error in any function of the firmware",
}
"""Faults of the campaign that are no row of the model's table, in words."""
_ENERGISED = {"HEAT": "heat", "PUMP": "pump", "VALVES": "valves", "MOTOR": "motor"}
"""What the gate permits, in words."""
_CONDITIONS = {
    "TRIPPED": "a fault that stops everything",
    "LATCHED": "a latched fault",
    "INTERRUPTED": "a passing fault",
    "START_PRESSED": "start pressed",
    "POWER_EDGE": "*power* touched",
    "CHECK_PASSED": "test passed",
    "TAPER_DUE": "fade-out due",
    "SESSION_OVER": "time over",
    "AT_REST": "all at rest",
    "CLEAR_PRESSED": "cleared",
    "RESUME_PRESSED": "resumed",
    "PAUSE_ENDED": "pause given up",
}
"""What moves the device to another state, in words."""
_ANY = (
    ("chamber 1", "a chamber"),
    ("thermistor A", "a thermistor"),
    ("the button power", "a button"),
)
"""The first of several equal parts, and how any of them is called."""


def buttons_table() -> str:
    """Return the panel's table, a row a gesture."""
    rows = [(f"*{row.buttons}*", row.gesture, row.when, row.does) for row in panel_rows()]
    return _table(("buttons", "gesture", "when", "what it does"), rows)


def programs_table() -> str:
    """Return the programs, in the order of the button, with what is known about each."""
    rows = [(f"`{note.name}`", f"{note.minutes} min", note.evidence) for note in program_notes()]
    return _table(("program", "length", "where it comes from"), rows)


def faults_table() -> str:
    """Return every fault: code, what happened, what it stops."""
    rows = [(one.label, f"`{one.name}`", one.happened, one.stops) for one in faults()]
    return _table(("code", "name", "what happened", "stops"), rows)


def guards_table() -> str:
    """Return what protects without any program."""
    rows = [(guard.part, guard.where, guard.why) for guard in GUARDS]
    return _table(("part", "where", "against"), rows)


def safety_case() -> str:
    """Return a row for each fault that has to be shown, and a list of those that need not be.

    A row says which codes may come, how soon, what they stop, and what no program can do.
    """
    by_name = {one.name: one for one in faults()}
    excused = {each.faults: each.why for each in OUT_OF_SCOPE}
    rows = []
    unseen: dict[str, list[str]] = {}
    for name, kind in CATALOGUE.items():
        if not kind.codes:
            unseen.setdefault(kind.why, []).append(_happens(name))
            continue
        shown = [by_name[code] for code in kind.codes]
        stops = dict.fromkeys(one.stops for one in shown)
        rows.append(
            (
                _happens(name),
                " ".join(one.label for one in shown),
                f"{kind.within_s:g} s" if kind.within_s else "",
                ", or ".join(stops),
                excused.get((name,), ""),
            )
        )
    pairs = [each for each in OUT_OF_SCOPE if len(each.faults) > 1]
    rows += [(" and ".join(map(_happens, each.faults)), "", "", "", each.why) for each in pairs]
    table = _table(("what is broken", "one of", "within", "stops", "beyond any program"), rows)
    groups = "\n".join(f"- {why}: {'; '.join(names)}" for why, names in unseen.items())
    return f"{table}\n\nNothing has to be shown for the rest, each with its reason:\n\n{groups}"


def interpreters_table() -> str:
    """Return what is wrong with which MicroPython on which chip, and what flashing does then."""
    rows = [
        (
            ", ".join(fault.chips),
            _version(fault.first) if any(fault.first) else "any",
            _version(fault.fixed),
            f"[{fault.wrong}]({fault.source})",
            "refused" if fault.refuse else "warned",
        )
        for fault in interpreter_faults.table()
    ]
    return _table(("chip", "from", "before", "what is wrong", "flashing"), rows)


def states_table() -> str:
    """Return the states: what the gate permits in each, and which conditions lead where."""
    supervisor = core("safety.supervisor")
    gate = core("safety.gate")
    words = {getattr(supervisor, name): text for name, text in _CONDITIONS.items()}
    rows = []
    for state, name in enumerate(supervisor.STATE_NAMES):
        permits = [
            text for part, text in _ENERGISED.items() if gate.PERMITS[state] & getattr(gate, part)
        ]
        leads = [
            f"{words[condition]} → {supervisor.STATE_NAMES[target]}"
            for begin, condition, target in supervisor.TRANSITIONS
            if begin == state != target
        ]
        rows.append((name, ", ".join(permits) or "nothing", "; ".join(leads)))
    return _table(("state", "may be energised", "leads to"), rows)


def measures_table() -> str:
    """Return the measures that `massager measure` knows."""
    rows = [(f"`massager measure {name}`", says) for name, says in MEASURES.items()]
    return _table(("command", "what it measures"), rows)


def campaign_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the fault campaign, a row a kind: `rows` of the report of `measure faults`."""
    cells = [[f"`{row['fault']}`", *map(str, list(row.values())[1:])] for row in rows]
    return _table(list(rows[0]), cells)


def not_run_list() -> str:
    """Return the kinds of fault that the campaign's table has no row of, as a list in words."""
    results = (CHECKOUT / RESULTS).read_text(encoding="utf-8")
    table = results.partition("<!-- campaign -->")[2].partition("<!-- /campaign -->")[0]
    names = [f"`{name}`" for name in CATALOGUE if f"| `{name}` |" not in table]
    return ", ".join(names) or "none"


TABLES: Mapping[str, tuple[str, Callable[[], str]]] = {
    "buttons": ("firmware/USING.md", buttons_table),
    "programs": ("firmware/USING.md", programs_table),
    "faults": ("firmware/USING.md", faults_table),
    "guards": ("boards/BUILDING.md", guards_table),
    "interpreters": ("boards/BUILDING.md", interpreters_table),
    "states": ("firmware/README.md", states_table),
    "safety-case": ("firmware/README.md", safety_case),
    "not-run": (RESULTS, not_run_list),
    "measures": ("host_tests/README.md", measures_table),
}
"""Name → the document it stands in, and what makes it."""


def documents() -> list[str]:
    """Return the documents that have a generated table, each once."""
    return list(dict.fromkeys(document for document, _ in TABLES.values()))


def renewed(text: str, document: str) -> str:
    """Return the `text` of `document` with its tables as the data say.

    Raise ValueError where a table has no place.
    """
    for name, (place, table) in TABLES.items():
        if place == document:
            text = with_table(text, name, table())
    return text


def with_table(text: str, name: str, table: str) -> str:
    """Return `text` with `table` in its place. Raise ValueError where it has none."""
    places = list(re.finditer(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", text, re.S))
    if len(places) != 1:
        raise ValueError(f"one place is needed for the table {name!r}")
    return text[: places[0].start()] + table + "\n" + text[places[0].end() :]


def _version(version: interpreter_faults.Version) -> str:
    return ".".join(map(str, version))


def _happens(name: str) -> str:
    """Return a kind of fault in words, for any chamber, button or thermistor alike."""
    for fault, (words, *_) in FAULTS.items():
        if family(fault) == name:
            text = re.sub(r" \((or )?`value`.*\)$", "", str(words))
            for part, any_of_them in _ANY:
                text = text.replace(part, any_of_them)
            return text
    return _OUTSIDE_THE_MODEL[name]


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _write(document: str, text: str) -> None:
    (CHECKOUT / document).write_text(text, encoding="utf-8")


def write_all() -> None:
    """Write every generated table into its document anew."""
    for each in documents():
        _write(each, renewed((CHECKOUT / each).read_text(encoding="utf-8"), each))


if __name__ == "__main__":
    write_all()
    if len(sys.argv) > 1:
        campaign = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        results = (CHECKOUT / RESULTS).read_text(encoding="utf-8")
        _write(RESULTS, with_table(results, "campaign", campaign_table(campaign["rows"])))
