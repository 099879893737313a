"""Short names at deployment: the same program, fewer bytes."""

import ast

import pytest

from massager_tools.build.deploy import FIRMWARE_DIR
from massager_tools.build.short_names import identifiers, offered, shorten

# name, source, what becomes of it
SHORTENED_ROWS = (
    ("private", "self._since_ms = _now_ms = 0\n", "self.b = a = 0\n"),
    ("the most used first", "_zeal = _zeal + _age\n_age = 0\n", "b = b + a\na = 0\n"),
    ("an attribute", "self.since_ms = it.since_ms\n", "self.a = it.a\n"),
    ("a parameter", "def go(since_ms):\n    return since_ms\n", "def go(a):\n    return a\n"),
    ("somebody else's", "pin.value(1)\n", "pin.value(1)\n"),
    ("the language's own", "def __init__(self, _): pass\n", "def __init__(self, _): pass\n"),
    ("a library's", "self.append = len = 1\n", "self.append = len = 1\n"),
    ("functions", "def _go():\n    _go()\n", "def _go():\n    _go()\n"),
    ("comments and docstrings", "'a _b'\n_b = 0  # _cd\n", "'a _b'\na = 0  # _cd\n"),
    ("looked up by a string", "self._at = x['_at']\n", "self._at = x['_at']\n"),
    ("asked for by others", "self.state = self.told = 0\n", "self.state = self.a = 0\n"),
    ("one that is short already", "b = since = 1\n", "a = b = 1\n"),
    ("none that a function has", "def a():\n    since = 1\n", "def a():\n    b = 1\n"),
    ("several lines", "(_one,\n _two, _one) = _two\n", "(a,\n b, a) = b\n"),
)


def test_shortened(row: tuple[str, str, str]) -> None:
    _, source, expected = row
    assert shorten({"it.py": source}, {"state"}) == {"it.py": expected}


def test_a_name_is_the_same_in_all_modules() -> None:
    short = shorten({"one.py": "self._pad_mc = 1\n", "two.py": "x = _more\ny = it._pad_mc\n"})
    assert short == {"one.py": "self.a = 1\n", "two.py": "b = _more\nc = it.a\n"}


ASKED_ROWS = (
    # name, source, names it asks for
    ("attributes", "controller.state", {"state"}),
    ("imports", "from massager.loop import run", {"run"}),
    ("keywords", "drive(ms=1)", {"ms"}),
    ("words in strings", "setattr(inputs, 'pad_a_uv', 1)", {"pad_a_uv"}),
)


def test_asked(row: tuple[str, str, set[str]]) -> None:
    _, source, names = row
    assert identifiers(source) == names


def test_offered() -> None:
    source = "class Pin:\n    def value(self, x):\n        self.y = it.z\n"
    assert offered(source) == {"Pin", "value", "self", "x"}


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
