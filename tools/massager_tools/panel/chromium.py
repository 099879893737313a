"""A Chromium without a window: for the pictures, the browser tests and `massager measure page`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from massager_tools.errors import Failure

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_DRIVER = "chromedriver"
_PATIENCE_S = 120.0  # a busy computer is no fault of the page
MISSING = (
    "no Chromium with chromedriver is installed; on Debian: apt-get install chromium "
    "chromium-driver"
)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--hide-scrollbars",
)


def program() -> str | None:
    """Return the path of Chromium, None where there is none."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def is_installed() -> bool:
    """Return whether Chromium and its driver are here."""
    return program() is not None and shutil.which(_DRIVER) is not None


@contextmanager
def chromium(profile: Path, width: int = 1360, height: int = 950) -> Iterator[Chrome]:
    """Yield a browser without a window, with a profile of its own. Failure where there is none."""
    if not is_installed():
        raise Failure(MISSING)
    try:
        from selenium import webdriver
    except ModuleNotFoundError:
        raise Failure(
            "a browser is driven by Selenium; get it with  pip install selenium"
        ) from None
    options = webdriver.ChromeOptions()
    options.binary_location = program() or ""
    for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(
        options=options, service=webdriver.ChromeService(shutil.which(_DRIVER))
    )
    driver.set_script_timeout(_PATIENCE_S)
    driver.set_page_load_timeout(_PATIENCE_S)
    try:
        yield driver
    finally:
        driver.quit()
