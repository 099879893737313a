"""Parse Python for the tools, one thread at a time.

Before 3.13 CPython counts the depth of the trees that it builds in one place for all threads:
two that parse at once end in SystemError, "AST constructor recursion depth mismatch". The page
of `massager panel` reads a board file while the firmware of another is being built.
"""

import ast
import threading
from typing import Any

_LOCK = threading.Lock()


def parse(source: str, filename: str = "<unknown>") -> ast.Module:
    """Return the tree of a source text; errors as those of `ast.parse`."""
    with _LOCK:
        return ast.parse(source, filename=filename)


def literal(text: str) -> Any:
    """Return the value of a literal; errors as those of `ast.literal_eval`."""
    with _LOCK:
        return ast.literal_eval(text)
