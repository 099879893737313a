"""Check a board by all the rules: form first, then each pin, then the whole.

An error keeps the board off the chip. A role may carry `"accept": "reason"`: that turns the
errors of ACCEPTABLE into notes which show the reason, on every role but those of HEAT_ROLES.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from massager_tools.boards.board_rules import BOARD_RULES, CURED_BY_A_PIN
from massager_tools.boards.chips import CHIPS
from massager_tools.boards.finding import SEVERITIES, Finding
from massager_tools.boards.load import board_path, name_mistake, read_board
from massager_tools.boards.pin_rules import HEAT_ROLES, Board, free_pins, pin_findings
from massager_tools.boards.schema import form_findings
from massager_tools.errors import BoardError

ACCEPTABLE = ("strapping", "no-pull", "uart0", "reset-glitch")
SUGGESTIONS = 4


def check(board: Board) -> list[Finding]:
    """Return all findings on a board, errors first; without errors it may be flashed.

    A board that is not of the right form gets the findings on its form alone.
    """
    found = form_findings(board)
    if found:
        return found
    chip = CHIPS[board["chip"]]
    for role, spec in board["roles"].items():
        on_pin = _accept(role, spec, pin_findings(board, chip, role, spec["pin"]))
        found += [_suggest(board, finding) for finding in on_pin]
    for rule in BOARD_RULES:
        for finding in rule(board, chip):
            cured = finding.rule in CURED_BY_A_PIN
            found.append(_suggest(board, finding) if cured else finding)
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def check_file(name_or_path: str | Path) -> tuple[Board | None, list[Finding]]:
    """Return the board of a name or file and all findings; None when its form is wrong.

    BoardError where the name is unknown or the file is not there.
    """
    path = board_path(name_or_path)
    try:
        board = read_board(path)
    except BoardError as error:
        if not path.is_file():
            raise
        return None, [Finding("error", "file", "", None, str(error))]
    found = form_findings(board)
    if found:
        return None, found
    misnamed = name_mistake(board, path)
    named = [Finding("error", "name", "", None, misnamed)] if misnamed else []
    return board, named + check(board)


def _suggest(board: Board, finding: Finding) -> Finding:
    """Return the finding with the free pins that would cure it, or with a note that none would."""
    if finding.severity == "note" or finding.rule == "accept":
        return finding
    pins = free_pins(board, CHIPS[board["chip"]], finding.role)[:SUGGESTIONS]
    if pins:
        return replace(finding, try_pins=pins)
    return replace(finding, message=finding.message + "; no free pin would do")


def _accept(role: str, spec: dict[str, Any], found: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings on one pin; errors that its `accept` may excuse become notes."""
    reason = spec.get("accept")
    excused = False
    for finding in found:
        acceptable = finding.rule in ACCEPTABLE and role not in HEAT_ROLES
        if reason and acceptable and finding.severity == "error":
            excused = True
            message = f"{finding.message}; accepted: {reason}"
            yield replace(finding, severity="note", message=message)
        else:
            yield finding
    if reason and not excused:
        message = "accept has nothing here that it could excuse; take it out"
        yield Finding("warning", "accept", role, spec["pin"], message)
