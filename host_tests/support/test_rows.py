"""Tables feed tests: the same cases on both interpreters, and no table is forgotten."""

from pathlib import Path
from typing import Any

import pytest

from host_tests.support import rows
from host_tests.support.interpreter import SCRIPTS, run_script

ROW_ID_ROWS: tuple[tuple[int, object, str], ...] = (
    (0, (3, 4), "0"),
    (1, ("too hot", 4), "1-too_hot"),
    (2, 17, "2"),
    (3, ("45 °C", 1), "3-45__C"),
    (4, (), "4"),
)


def test_row_id(row: tuple[int, object, str]) -> None:
    index, item, expected = row
    assert rows.row_id(index, item) == expected


def test_cases() -> None:
    def test_a() -> None: ...

    def test_b(row: Any) -> None: ...

    namespace = {"test_b": test_b, "test_a": test_a, "B_ROWS": (("x", 1), 2), "OTHER": ()}
    assert rows.cases(namespace) == [
        ("test_a", test_a, ()),
        ("test_b[0-x]", test_b, (("x", 1),)),
        ("test_b[1]", test_b, (2,)),
    ]


def test_table_without_test() -> None:
    with pytest.raises(ValueError, match="no test reads B_ROWS"):
        rows.cases({"B_ROWS": (1,)})


def test_table_without_rows() -> None:
    with pytest.raises(ValueError, match="B_ROWS has no rows"):
        rows.cases({"B_ROWS": (), "test_b": test_cases})


@pytest.mark.micropython
def test_failure_shows_its_traceback(tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(
        "def test_good():\n    pass\n\nBAD_ROWS = (1, 2)\n\n"
        "def test_bad(row):\n    assert row == 1, 'not one'\n"
    )
    done = run_script(SCRIPTS / "run_tests.py", "sample", paths=(tmp_path,))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[:3] == ["ok test_bad[0]", "FAIL test_bad[1]", lines[2]]
    assert 'sample.py", line 7, in test_bad' in done.stdout
    assert "AssertionError: not one" in lines
    assert lines[-2:] == ["ok test_good", "ran 3"]
