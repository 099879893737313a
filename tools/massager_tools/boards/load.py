"""Find a board file and read its BOARD without running anything in it."""

import ast
from pathlib import Path
from typing import Any

from massager_tools.boards.schema import form_findings
from massager_tools.errors import BoardError
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
    board = read_literal(path)
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


def read_literal(path: Path) -> Any:
    """Return the value of `BOARD = ...` in a file; BoardError where there is none."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    except OSError as error:
        raise BoardError(f"{path}: cannot be read: {error.strerror or error}") from None
    except SyntaxError as error:
        raise BoardError(f"{path}, line {error.lineno}: not Python: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise BoardError(f"{path}: not a text in Python: {error}") from None
    values = [_board_value(statement, path) for statement in tree.body]
    found = [value for value in values if value is not None]
    if len(found) != 1:
        raise BoardError(f"{path}: needs one BOARD = {{...}}, has {len(found)}")
    _refuse_repeated_keys(found[0], path)
    try:
        return ast.literal_eval(found[0])
    except (ValueError, TypeError, RecursionError, MemoryError):
        raise BoardError(
            f"{path}, line {found[0].lineno}: BOARD holds something that is not a plain value; "
            "only numbers, texts, True, False, None, tables and tuples"
        ) from None


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


def _board_value(statement: ast.stmt, path: Path) -> ast.expr | None:
    """Return the value that the statement assigns to BOARD; None for a docstring."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Name) and target.id == "BOARD":
            return statement.value
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return None
    raise BoardError(
        f"{path}, line {statement.lineno}: a board file holds BOARD = {{...}} and nothing else"
    )


def _refuse_repeated_keys(value: ast.expr, path: Path) -> None:
    """Refuse two equal keys: Python silently keeps the last, and a role would be lost."""
    for table in ast.walk(value):
        if not isinstance(table, ast.Dict):
            continue
        seen = set()
        for key in table.keys:
            if isinstance(key, ast.Constant):
                if key.value in seen:
                    where = f"{path}, line {key.lineno}"
                    raise BoardError(f"{where}: {key.value!r} stands there twice")
                seen.add(key.value)
