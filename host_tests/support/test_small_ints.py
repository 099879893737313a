"""The proof of small integers sees what it has to see, and names the place."""

import sys
from pathlib import Path

import pytest

from host_tests.support.small_ints import (
    SMALL_MAX,
    SMALL_MIN,
    CheckedPackage,
    SmallIntError,
    load_checked_core,
)


def checked(folder: Path, **sources: str) -> CheckedPackage:
    """A checked package `snippet` made of the given modules."""
    package = folder / "snippet"
    package.mkdir()
    for name, source in sources.items():
        (package / f"{name}.py").write_text(source, encoding="utf-8")
    return CheckedPackage(folder, "snippet")


SEEN_ROWS = (
    # name, statement on x and y, x, y, the expression that must be named
    ("too large", "return x + y", SMALL_MAX, 1, "x + y"),
    ("too small", "return x - y", SMALL_MIN, 1, "x - y"),
    ("masked afterwards", "return (x << y) & 255", 1, 30, "x << y"),
    ("inner product", "return x * y // 1000", 1 << 20, 1 << 10, "x * y"),
    ("float by division", "return x / y", 4, 2, "x / y"),
    ("float in, float out", "return x * y", 2, 0.5, "x * y"),
    ("float literal", "return 0.5", 0, 0, "0.5"),
    ("large literal", "return x if y else 1073741824", 0, 0, "1073741824"),
    ("folded literal", "return 1 << 30", 0, 0, "1 << 30"),
    ("negation", "return -x", SMALL_MIN, 0, "-x"),
    ("abs", "return abs(x)", SMALL_MIN, 0, "abs(x)"),
    ("sum", "return sum((x, y))", SMALL_MAX, 1, "sum((x, y))"),
    ("int of a float", "return int(x)", 1e10, 0, "int(x)"),
    ("augmented name", "x += y", SMALL_MAX, 1, "x += y"),
    ("augmented item", "z = [x]; z[0] <<= y", 1, 30, "z[0] <<= y"),
    ("in a comparison", "return x * x > y", 1 << 16, 0, "x * x"),
    ("in an index", "return (0, 1)[x * x & 1]", 1 << 16, 0, "x * x"),
    ("in a comprehension", "return [n << y for n in (x,)]", 1, 30, "n << y"),
)


def test_seen(row: tuple[str, str, object, object, str], tmp_path: Path) -> None:
    _, statement, x, y, named = row
    core = checked(tmp_path, a=f"def f(x, y):\n    {statement}\n")
    with pytest.raises(SmallIntError) as caught:
        core.module("a").f(x, y)
    assert str(caught.value).startswith(f"a.py:2: {named} = ")


PASSED_ROWS = (
    # name, expression on x and y, x, y, value
    ("largest", "x + y", SMALL_MAX - 1, 1, SMALL_MAX),
    ("smallest", "x - y", SMALL_MIN + 1, 1, SMALL_MIN),
    ("smallest literal", "-1073741824", 0, 0, SMALL_MIN),
    ("folded literal", "x & (1 << 30) - 1", -1, 0, SMALL_MAX),
    ("truth", "not x", 0, 0, True),
    ("text", "'%d' % x", 7, 0, "7"),
    ("list", "[x] * y", 7, 2, [7, 7]),
)


def test_passed(row: tuple[str, str, object, object, object], tmp_path: Path) -> None:
    _, expression, x, y, value = row
    core = checked(tmp_path, a=f"def f(x, y):\n    return {expression}\n")
    assert core.module("a").f(x, y) == value


def test_construction_may_use_floats_and_the_tick_may_not(tmp_path: Path) -> None:
    source = """
SCALE = 2.5 * 4

def table():
    return [round(n / 2 * 2**33 / 2**33) for n in range(4)]

class Law:
    def __init__(self, gain):
        self.gain = gain * 0.5
        self.table = table()

    def step(self, x):
        return x * self.gain
"""
    module = checked(tmp_path, a=source).module("a")
    assert module.Law(2).table == [0, 0, 1, 2]
    with pytest.raises(SmallIntError, match=r"a\.py:13: x \* self\.gain = 3\.0"):
        module.Law(2).step(3)
    with pytest.raises(SmallIntError, match=r"a\.py:5: "):
        module.table()


def test_a_failed_construction_does_not_switch_the_check_off(tmp_path: Path) -> None:
    source = (
        "class A:\n    def __init__(self, x):\n        1 // x\n\ndef f(x):\n    return x / 2\n"
    )
    module = checked(tmp_path, a=source).module("a")
    with pytest.raises(ZeroDivisionError):
        module.A(0)
    with pytest.raises(SmallIntError):
        module.f(1)


def test_augmented_call_is_refused(tmp_path: Path) -> None:
    core = checked(tmp_path, a="def f(x):\n    x()[0] += 1\n")
    with pytest.raises(SyntaxError, match=r"a\.py:2"):
        core.module("a")


IMPORT_ROWS = (
    ("from snippet.b import double", "double(1 << 29)"),
    ("from snippet import b", "b.double(1 << 29)"),
    ("import snippet.b", "snippet.b.double(1 << 29)"),
    ("from .b import double", "double(1 << 29)"),
    ("from . import b", "b.double(1 << 29)"),
)


@pytest.mark.parametrize(("statement", "call"), IMPORT_ROWS)
def test_imports_stay_inside_the_copy(statement: str, call: str, tmp_path: Path) -> None:
    source = f"{statement}\n\ndef f():\n    return {call}\n"
    core = checked(tmp_path, a=source, b="def double(x):\n    return x * 2\n")
    with pytest.raises(SmallIntError, match=r"b\.py:2: x \* 2"):
        core.module("a").f()
    assert "snippet" not in sys.modules


def test_missing_module_is_named(tmp_path: Path) -> None:
    core = checked(tmp_path, a="from snippet import nothing\n")
    with pytest.raises(ModuleNotFoundError, match=r"snippet\.nothing"):
        core.module("a")


def test_checked_core_lives_beside_the_plain_one() -> None:
    from massager.core import units as plain

    checked_units = load_checked_core().module("units")
    assert plain.approach(SMALL_MAX, SMALL_MAX + 9, 9) == SMALL_MAX + 9
    with pytest.raises(SmallIntError, match=r"firmware/massager/core/units\.py:\d+: value \+= "):
        checked_units.approach(SMALL_MAX, SMALL_MAX + 9, 9)
    assert load_checked_core().module("units") is not checked_units
