"""Rules for the whole test suite: tables that feed tests, hypothesis, and MicroPython."""

import pytest
from hypothesis import settings

from host_tests.support import interpreter, rows
from massager_tools.panel import chromium

# the same examples in every run, and no deadline: a shared machine is slow at times
settings.register_profile("default", derandomize=True, deadline=None)
settings.register_profile("deep", deadline=None, max_examples=5_000)
settings.load_profile("default")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Feed `test_name(row)` from `NAME_ROWS` of the same file."""
    name = metafunc.function.__name__
    table = getattr(metafunc.module, rows.table_name(name), None)
    if "row" in metafunc.fixturenames and table is not None:
        ids = [rows.row_id(index, row) for index, row in enumerate(table)]
        metafunc.parametrize("row", table, ids=ids)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs MicroPython or a browser that is not here; the summary says so."""
    missing = set()
    if not (interpreter.is_installed() or interpreter.has_wheel()):
        missing.add("micropython")
    if not chromium.is_installed():
        missing.add("browser")
    left_out = [item for item in items if missing & {mark.name for mark in item.iter_markers()}]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Where MicroPython is published but not installed, what needs it fails."""
    if item.get_closest_marker("micropython") and not interpreter.is_installed():
        pytest.fail(interpreter.why_missing(), pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once what could not be tested here."""
    if not interpreter.is_installed():
        terminalreporter.section("NOT TESTED ON MICROPYTHON", yellow=True)
        terminalreporter.line(interpreter.why_missing())
    if not chromium.is_installed():
        terminalreporter.section("NOT TESTED IN A BROWSER", yellow=True)
        terminalreporter.line(f"{chromium.MISSING}; the page was tested by simulation only")
