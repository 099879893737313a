"""Whether there is a Chromium here, and one without a window for a test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_S = 120.0  # a busy computer is no fault of the page
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--hide-scrollbars",
)


def program() -> str | None:
    """Return the path of Chromium, None where there is none."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def is_installed() -> bool:
    """Return whether Chromium and its driver are here."""
    return program() is not None and shutil.which("chromedriver") is not None


def why_missing() -> str:
    """Return one line that says what is not tested, and what to install."""
    return (
        "no Chromium with chromedriver is installed, so the page was tested by simulation only; "
        "on Debian: apt-get install chromium chromium-driver"
    )


@contextmanager
def chromium(profile: Path, width: int = 1360, height: int = 950) -> Iterator[Chrome]:
    """Yield a browser without a window, with a profile of its own."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = program() or ""
    for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_script_timeout(_PATIENCE_S)
    driver.set_page_load_timeout(_PATIENCE_S)
    try:
        yield driver
    finally:
        driver.quit()
