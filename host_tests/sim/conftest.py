"""Programs of the chip's tests run on both interpreters."""

from typing import Any

import pytest


@pytest.fixture(
    params=[pytest.param(False, marks=pytest.mark.micropython, id="micropython"), True],
    ids=["micropython", "cpython"],
)
def on_cpython(request: pytest.FixtureRequest) -> Any:
    """Which interpreter the virtual chip runs on."""
    return request.param
