"""Read the firmware's limits from core/limits.py, their only place."""

import ast
from contextlib import suppress
from functools import cache
from pathlib import Path

from massager_tools import syntax_tree
from massager_tools.paths import FIRMWARE_DIR

LIMITS_FILE = FIRMWARE_DIR / "massager" / "core" / "limits.py"


def limit(name: str) -> int:
    """Return the value of `NAME = const(...)` in the firmware's limits; KeyError if missing."""
    return _limits(LIMITS_FILE)[name]


@cache
def _limits(path: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    for statement in syntax_tree.parse(path.read_text(encoding="utf-8")).body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="const"), args=[value]),
            ):
                with suppress(ValueError):  # a sum or product: nobody here asks for one
                    found[name] = ast.literal_eval(value)
    return found
