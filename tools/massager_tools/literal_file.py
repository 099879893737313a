"""Read a file that holds one literal, `NAME = {...}`, without running anything in it."""

import ast
from pathlib import Path
from typing import Any

from massager_tools import syntax_tree
from massager_tools.errors import UsageError

_NO_PYTHON = (ValueError, RecursionError, MemoryError)


def read_literal(path: Path, name: str, what: str, error_type: type[UsageError]) -> Any:
    """Return the value of the one assignment `name = ...` in a file that holds a `what`.

    Raise `error_type`, one line with file and line number, where the file cannot be read,
    holds anything besides that and a docstring, or has a key twice in one table.
    """
    try:
        tree = syntax_tree.parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise error_type(f"{path}: cannot be read: {error.strerror or error}") from None
    except SyntaxError as error:
        raise error_type(f"{path}, line {error.lineno}: not Python: {error.msg}") from None
    except _NO_PYTHON as error:
        raise error_type(f"{path}: not a text in Python: {error}") from None
    found = []
    for statement in tree.body:
        value = _assigned(statement, name)
        if value is not None:
            found.append(value)
        elif not _is_text(statement):
            raise error_type(
                f"{path}, line {statement.lineno}: a {what} file holds {name} = {{...}} "
                "and nothing else"
            )
    if len(found) != 1:
        raise error_type(f"{path}: needs one {name} = {{...}}, has {len(found)}")
    repeated = _repeated_key(found[0])
    if repeated is not None:
        where = f"{path}, line {repeated.lineno}"
        raise error_type(f"{where}: {repeated.value!r} stands there twice")
    try:
        return ast.literal_eval(found[0])
    except (TypeError, *_NO_PYTHON):
        raise error_type(
            f"{path}, line {found[0].lineno}: {name} holds something that is not a plain value; "
            "only numbers, texts, True, False, None, tables and tuples"
        ) from None


def _assigned(statement: ast.stmt, name: str) -> ast.expr | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
            return value
    return None


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _repeated_key(value: ast.expr) -> ast.Constant | None:
    """Return the second of two equal keys: Python silently keeps the last one."""
    for table in ast.walk(value):
        if not isinstance(table, ast.Dict):
            continue
        seen = set()
        for key in table.keys:
            if isinstance(key, ast.Constant):
                if key.value in seen:
                    return key
                seen.add(key.value)
    return None
