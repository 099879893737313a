"""Short private names at deployment: the same program, fewer bytes."""

import ast

import pytest

from massager_tools.deploy import FIRMWARE_DIR
from massager_tools.short_names import shorten

# name, source, what becomes of it
SHORTENED_ROWS = (
    ("private", "self._since_ms = _now_ms\n", "self._b = _a\n"),
    ("the most used first", "_zeal = _zeal + _age\n", "_a = _a + _b\n"),
    ("public", "since_ms = a.b_c\n", "since_ms = a.b_c\n"),
    ("the language's own", "def __init__(self, _): pass\n", "def __init__(self, _): pass\n"),
    ("functions", "def _go():\n    _go()\n", "def _go():\n    _go()\n"),
    ("comments and strings", "x = 'a _b'  # _cd\n", "x = 'a _b'  # _cd\n"),
    ("looked up by a string", "self._at = x['_at']\n", "self._at = x['_at']\n"),
    ("one that is short already", "_b = _since = 1\n", "_a = _b = 1\n"),
    ("none that a function has", "def _a():\n    return _since\n", "def _a():\n    return _b\n"),
    ("several lines", "(_one,\n _two, _one)\n_two = _one\n", "(_a,\n _b, _a)\n_b = _a\n"),
)


def test_shortened(row: tuple[str, str, str]) -> None:
    _, source, expected = row
    assert shorten({"it.py": source}) == {"it.py": expected}


def test_a_name_is_the_same_in_all_modules() -> None:
    short = shorten({"a.py": "self._pad_mc = 1\n", "b.py": "x = _more\ny = it._pad_mc\n"})
    assert short == {"a.py": "self._a = 1\n", "b.py": "x = _b\ny = it._a\n"}


@pytest.fixture(scope="module")
def firmware() -> dict[str, str]:
    return {str(path): path.read_text("utf-8") for path in sorted(FIRMWARE_DIR.rglob("*.py"))}


def _names(tree: ast.AST) -> list[str]:
    return [
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(tree)
        if isinstance(node, (ast.Name, ast.Attribute))
    ]


def test_the_firmware_keeps_its_lines_and_no_two_names_become_one(
    firmware: dict[str, str],
) -> None:
    became: dict[str, str] = {}
    for path, short in shorten(firmware).items():
        assert short.count("\n") == firmware[path].count("\n")
        pairs = zip(_names(ast.parse(firmware[path])), _names(ast.parse(short)), strict=True)
        for name, new in pairs:
            assert became.setdefault(name, new) == new
    assert len(set(became.values())) == len(became)
    assert sum(map(len, became)) > sum(map(len, became.values()))
