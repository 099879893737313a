"""Python is parsed in one place, by one thread at a time."""

import ast
from typing import Any

import pytest

from host_tests.support.interpreter import FIRMWARE
from massager_tools import syntax_tree

TOOLS = FIRMWARE.parent / "tools" / "massager_tools"
ALONE = ("syntax_tree.py", "verification")  # a measure's processes have one thread


def test_a_second_thread_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def watched(*arguments: Any, **options: Any) -> None:
        assert syntax_tree._LOCK.locked()

    monkeypatch.setattr(ast, "parse", watched)
    monkeypatch.setattr(ast, "literal_eval", watched)
    syntax_tree.parse("A = 1")
    syntax_tree.literal("1")
    assert not syntax_tree._LOCK.locked()


def test_an_error_leaves_the_lock_open() -> None:
    for read in (syntax_tree.parse, syntax_tree.literal):
        with pytest.raises(SyntaxError):
            read("A = (")
    assert syntax_tree.literal("(1, 2)") == (1, 2)


def test_nothing_else_parses() -> None:
    files = [one for one in TOOLS.rglob("*.py") if one.relative_to(TOOLS).parts[0] not in ALONE]
    found = [str(one) for one in files if "ast.parse(" in one.read_text(encoding="utf-8")]
    assert found == []
