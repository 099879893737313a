"""Find a board file and read its BOARD without running anything in it."""

from pathlib import Path
from typing import Any

from massager_tools.boards.schema import form_findings
from massager_tools.errors import BoardError
from massager_tools.literal_file import read_literal
from massager_tools.paths import BOARDS_DIR

TEMPLATE = "template"


def board_names() -> list[str]:
    """Return the names of the boards that come with the project, without the template."""
    return sorted(path.stem for path in BOARDS_DIR.glob("*.py") if path.stem != TEMPLATE)


def load_board(name_or_path: str | Path) -> dict[str, Any]:
    """Return the BOARD of a shipped board, by name, or of any board file, by path.

    Only its form is checked here; `check` judges the pins. Raises BoardError in one line:
    an unknown name, a file that cannot be read or holds more than one literal, a role or
    key that is missing, unknown or of the wrong type.
    """
    path = board_path(name_or_path)
    board: dict[str, Any] = read_board(path)
    found = form_findings(board)
    if found:
        more = f" (and {len(found) - 1} more like it)" if len(found) > 1 else ""
        raise BoardError(f"{path}: {found[0]}{more}")
    misnamed = name_mistake(board, path)
    if misnamed:
        raise BoardError(f"{path}: {misnamed}")
    return board


def name_mistake(board: dict[str, Any], path: Path) -> str:
    """Return what is wrong with the name of the board in that file; "" for nothing."""
    if board["name"] == path.stem:
        return ""
    return f"name is {board['name']!r}; it has to be that of the file, {path.stem!r}"


def read_board(path: Path) -> Any:
    """Return what the file gives BOARD; BoardError where it holds no such literal."""
    return read_literal(path, "BOARD", "board", BoardError)


def board_path(name_or_path: str | Path) -> Path:
    """Return the path of the file, which may be missing; BoardError for an unknown name."""
    text = str(name_or_path)
    if text in board_names() or text == TEMPLATE:
        return BOARDS_DIR / f"{text}.py"
    path = Path(text)
    if path.suffix == ".py":
        return path
    raise BoardError(
        f"no board {text!r}; boards are {', '.join(board_names())}, or the path of a .py file"
    )
