"""Docstrings begin with what the thing does or is, in the words of the field.

ruff's D401 refuses "The …", "A …" and "Returns …" at the start of a function's docstring; this
refuses what it lets pass.
"""

import ast
import re
from collections.abc import Iterator

from host_tests.docs.test_documents import PRIVATE
from host_tests.support.interpreter import ROOT

CLAUSE = re.compile(r"(Whether|What|How|Why|When|Is|Does)\b")
THIRD_PERSON = re.compile(
    r"(Breaks|Builds|Drives|Finds|Fills|Follows|Gives|Joins|Judges|Keeps|Lets|Looks|Makes|Observes"
    r"|Plays|Puts|Returns|Sends|Serves|Starts|Takes|Walks|Writes)\b"
)
NO_VERB = re.compile(
    r"(Where|Which|Who|That|One|Two|Each|Every\w*|Both|No|None|Not|Nothing|Nobody|Of|As|From|For|At"
    r"|After|On|In|An?|The|Those|\w+Error,?)\b|[^A-Z]"
)
"""How no function begins: an article, a number, a preposition, something in backticks."""


def documented(source: str) -> Iterator[tuple[ast.AST, str]]:
    """Every module, class, function and method with its docstring."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, kinds) and (text := ast.get_docstring(node)):
            yield node, text


def complaints(source: str) -> list[str]:
    """The first lines of the docstrings in `source` that read otherwise."""
    found = []
    for node, text in documented(source):
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        patterns = (CLAUSE, THIRD_PERSON, NO_VERB) if is_function else (CLAUSE, THIRD_PERSON)
        if any(pattern.match(text) for pattern in patterns) or PRIVATE.search(text):
            found.append(text.splitlines()[0])
    return found


def test_docstrings() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for top in ("firmware", "tools")
        for path in sorted((ROOT / top).rglob("*.py"))
        for line in complaints(path.read_text(encoding="utf-8"))
    ]
    assert found == []


COMPLAINT_ROWS = (
    # source, whether it is wrong
    ('"""A part."""', False),
    ('"""What a part does."""', True),
    ('"""Makes a part."""', True),
    ('class A:\n    """Hears the buttons."""', True),
    ('class A:\n    """A part."""', False),
    ('def a():\n    """Return 1."""', False),
    ('def a():\n    """Whether it is 1."""', True),
    ('def a():\n    """`value`, limited."""', True),
    ('class A:\n    def a(self):\n        """ValueError where it is 1."""', True),
    ('async def a():\n    """Nothing."""', True),
    ('def a():\n    """Return what the part owes."""', True),
)


def test_complaint(row: tuple[str, bool]) -> None:
    source, is_wrong = row
    assert bool(complaints(source)) == is_wrong
