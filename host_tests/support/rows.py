"""What a core test file holds, in the same words for pytest and for MicroPython.

A test is a function `test_*()`, or `test_*(row)` fed by the table in the same file that
carries its name in capitals and `_ROWS`: `test_debounce(row)` reads `DEBOUNCE_ROWS`.
Runs on MicroPython too.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PREFIX = "test_"
_SUFFIX = "_ROWS"
_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."


def table_name(test_name: str) -> str:
    """The name of the table that feeds the test `test_name`."""
    return test_name[len(_PREFIX) :].upper() + _SUFFIX


def row_id(index: int, row: object) -> str:
    """How a row is called in a report: its number, and its first item where that is text."""
    if isinstance(row, (tuple, list)) and row and isinstance(row[0], str):
        text = "".join(c if c in _PLAIN else "_" for c in row[0])
        return str(index) + "-" + text
    return str(index)


def cases(namespace: "dict[str, Any]") -> "list[Any]":
    """`(id, function, arguments)` of every test and row in `namespace`, a module's dict.

    Raises ValueError for a table without rows, and for one that no test reads.
    """
    found: list[Any] = []
    tables = {name for name in namespace if name.endswith(_SUFFIX)}
    for name in sorted(name for name in namespace if name.startswith(_PREFIX)):
        function = namespace[name]
        table = table_name(name)
        if table not in tables:
            found.append((name, function, ()))
            continue
        tables.remove(table)
        if not namespace[table]:
            raise ValueError(table + " has no rows")
        for index, row in enumerate(namespace[table]):
            found.append((name + "[" + row_id(index, row) + "]", function, (row,)))
    if tables:
        raise ValueError("no test reads " + ", ".join(sorted(tables)))
    return found
