"""Origin of each program: the comment above it in the firmware."""

import re
import tokenize
from dataclasses import dataclass

from massager_tools.firmware_tables import programs
from massager_tools.paths import FIRMWARE_DIR

PROGRAMS_FILE = FIRMWARE_DIR / "massager" / "core" / "session" / "programs.py"


@dataclass(frozen=True)
class ProgramNote:
    """One program and where it comes from."""

    name: str
    minutes: int
    evidence: str


def program_notes() -> list[ProgramNote]:
    """Return every program, in the order of the button, with the comment above it in the data."""
    comments: list[str] = []
    evidence: dict[str, str] = {}
    with PROGRAMS_FILE.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                comments.append(token.string.lstrip("# "))
            elif token.type == tokenize.STRING and comments:
                name = re.sub(r"\W", "", token.string)
                evidence.setdefault(name, " ".join(comments))
                comments = []
    return [
        ProgramNote(program.name, program.minutes, evidence.get(program.name, ""))
        for program in programs().values()
    ]
