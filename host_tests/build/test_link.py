"""Joining at deployment: one file for each entry computes what the modules computed."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from massager_tools.build.deploy import source_lines
from massager_tools.build.link import link
from massager_tools.build.tracebacks import with_source_lines
from massager_tools.errors import Failure
from massager_tools.paths import FIRMWARE_DIR

OTHER = "LIMIT = 5\ndef clamp(x):\n    return min(x, LIMIT)\nclass Box:\n    LIMIT = 3\n"

# name, source of p/app.py beside p/other.py, what X is afterwards
JOINED_ROWS = (
    ("an imported name", "from p.other import clamp\nX = clamp(9)\n", 5),
    ("under another name", "from p.other import clamp as c\nX = c(9)\n", 5),
    ("through the module", "from p import other\nX = other.clamp(other.LIMIT + 1)\n", 5),
    (
        "a name that both define",
        "from p.other import clamp\nLIMIT = 7\nX = clamp(9), LIMIT\n",
        (5, 7),
    ),
    (
        "a function that both define",
        "from p import other\ndef clamp(x):\n    return x\nX = clamp(9), other.clamp(9)\n",
        (9, 5),
    ),
    (
        "a local of the same name",
        "from p import other\ndef f(clamp):\n    return other.clamp(clamp)\nX = f(9)\n",
        5,
    ),
    (
        "a local that hides the module",
        "from p import other\ndef f(other):\n    return other.real\nX = f(9), other.LIMIT\n",
        (9, 5),
    ),
    ("a name of a class", "from p.other import Box\nLIMIT = 7\nX = Box.LIMIT, LIMIT\n", (3, 7)),
    (
        "a class's name inside it",
        "from p.other import LIMIT\nclass C:\n    LIMIT = 8\n    x = LIMIT\n"
        "    def f(self):\n        return LIMIT\nX = C.x, C().f()\n",
        (8, 5),
    ),
    (
        "comprehension, lambda, default",
        "from p.other import LIMIT\ndef f(x=LIMIT):\n    return x\n"
        "X = [LIMIT for LIMIT in (1, 2)], (lambda LIMIT: LIMIT)(4), f()\n",
        ([1, 2], 4, 5),
    ),
    (
        "imported by a function",
        "def f():\n    from p.other import clamp\n    return clamp(9)\nX = f()\n",
        5,
    ),
    (
        "a module of nobody's",
        "import sys\nfrom os import path as p\nX = p is sys and sys\n",
        False,
    ),
    (
        "assigned in a loop",
        "from p import other\nfor LIMIT in (1, 2):\n    pass\nX = LIMIT, other.LIMIT\n",
        (2, 5),
    ),
    (
        "a builtin's name",
        "from p import other\ndef len(x):\n    return 1\nX = len(()), other.clamp(2)\n",
        (1, 2),
    ),
)


def run(sources: dict[str, str], name: str) -> dict[str, object]:
    """What module p.`name` defines once all are executed in order."""
    package = sys.modules["p"] = ModuleType("p")
    try:
        space: dict[str, object] = {}
        for path, source in sources.items():
            module = sys.modules[path[:-3].replace("/", ".")] = ModuleType(path)
            space = module.__dict__
            exec(compile(source, path, "exec"), space)
            setattr(package, path[2:-3], module)
            if path == f"p/{name}.py":
                break
        return space
    finally:
        for known in [known for known in sys.modules if known.split(".")[0] == "p"]:
            del sys.modules[known]


def test_joined(row: tuple[str, str, object]) -> None:
    _, source, expected = row
    modules = {"p/app.py": source, "p/other.py": OTHER}
    plain = {"p/other.py": OTHER, "p/app.py": source}
    assert run(plain, "app")["X"] == expected
    joined = link(modules, ["p/app.py"])
    assert "import other" not in joined["p/app.py"].source
    assert run({name: one.source for name, one in joined.items()}, "app")["X"] == expected


def test_a_later_entry_uses_what_an_earlier_one_has() -> None:
    modules = {
        "p/start.py": "from p.other import Box\nSTART = 1\n",
        "p/app.py": "from p.other import clamp, Box\nfrom p import start\n"
        "X = clamp(9), Box, start.START\n",
        "p/other.py": OTHER,
    }
    joined = link(modules, ["p/start.py", "p/app.py"])
    assert "def clamp" in joined["p/start.py"].source
    assert "def clamp" not in joined["p/app.py"].source
    found = run({name: one.source for name, one in joined.items()}, "app")["X"]
    assert isinstance(found, tuple) and found[0::2] == (5, 1)


def test_an_entry_that_a_function_imports_stays_for_later() -> None:
    modules = {"p/start.py": "def f():\n    from p import app\n    return app\n", "p/app.py": ""}
    assert "from p import app" in link(modules, ["p/start.py", "p/app.py"])["p/start.py"].source


REFUSED_ROWS = (
    (
        "a circle",
        {"p/app.py": "from p import a\na.x\n", "p/a.py": "from p import app\napp.X\n"},
        "circle",
    ),
    ("a module as a value", {"p/app.py": "from p import a\nX = a\n", "p/a.py": ""}, "line 2"),
    ("global", {"p/app.py": "def f():\n    global X\n    X = 1\n"}, "line 2"),
)


def test_refused(row: tuple[str, dict[str, str], str]) -> None:
    _, modules, words = row
    with pytest.raises(Failure, match=words):
        link(modules, ["p/app.py"])


def test_every_line_is_known_by_its_source() -> None:
    path = "massager/core/heat/guard.py"
    source = (FIRMWARE_DIR / path).read_text(encoding="utf-8").splitlines()
    wanted = next(n for n, line in enumerate(source, 1) if line.startswith("class "))
    joined = source_lines()["massager/app.py"]
    lines = joined.source.splitlines()
    there = lines.index(source[wanted - 1]) + 1
    assert joined.origin(there) == (path, wanted)
    text = f'  File "massager/app", line {there}, in step'
    assert with_source_lines(text) == f'  File "{path}", line {wanted}, in step'
    assert with_source_lines('File "main.py", line 1') == 'File "main.py", line 1'


def test_the_start_needs_the_first_file_only(tmp_path: Path) -> None:
    started = source_lines()["massager/startup.py"]
    assert "import app" in started.source and "class Controller" not in started.source
