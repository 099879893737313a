"""The main ways through the page in a real browser, on the running command."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from host_tests.panel.support import BOARD
from host_tests.panel.test_device import wait_for
from massager_tools.panel.chromium import chromium
from massager_tools.panel.example import example_nvs

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

pytestmark = [
    pytest.mark.browser,
    pytest.mark.micropython,
    pytest.mark.xdist_group("panel-browser"),
]

PATIENCE_S = 60.0
NIGHTS = 9
OWN_PROGRAM = (
    'PROGRAM = {"name": "late", "phases": ({"minutes": 9, "motor": "swell"}, '
    '{"minutes": 4, "motor": "fade", "fades": True})}'
)


class Page:
    """The page in a browser, found by what a person reads."""

    def __init__(self, driver: "Chrome", address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self, path: str = "") -> None:
        self.driver.get(self.address + path)
        script = "return Boolean(window.did_handshake)"  # what is clicked before that is lost
        wait_for(lambda: self.driver.execute_script(script), "no connection", PATIENCE_S)

    def text(self) -> str:
        return str(self.driver.execute_script("return document.body.innerText"))

    def sees(self, words: str) -> None:
        wait_for(lambda: words in self.text(), f"{words!r} is not on\n{self.text()}", PATIENCE_S)

    def one(self, css: str) -> "WebElement":
        found = self.driver.find_elements("css selector", css)
        wait_for(lambda: self.driver.find_elements("css selector", css), css, PATIENCE_S)
        return (found or self.driver.find_elements("css selector", css))[0]

    def click(self, words: str) -> None:
        def there() -> "list[WebElement]":
            buttons = self.driver.find_elements("css selector", "button")
            return [one for one in buttons if words in one.text and one.is_enabled()]

        wait_for(there, f"no button {words!r}", PATIENCE_S)
        self.driver.execute_script("arguments[0].click()", there()[0])

    def hold(self, words: str, seconds: float) -> None:
        from selenium.webdriver import ActionChains

        button = self.one(f'[aria-label^="{words}:"]')
        ActionChains(self.driver).click_and_hold(button).pause(seconds).release().perform()

    def property(self, name: str) -> float:
        """A custom property that moves the picture."""
        script = "return getComputedStyle(document.querySelector('.home')).getPropertyValue"
        return float(self.driver.execute_script(f"{script}('{name}')") or 0)

    def choose(self, label: str, words: str) -> None:
        from selenium.webdriver.common.keys import Keys

        field = self.one(f'input[aria-label="{label}"]')
        field.send_keys(words)
        self.sees(f"{words}:")
        field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)

    def complaints(self) -> list[str]:
        """What the browser itself complained about: errors, refused addresses."""
        log = self.driver.get_log("browser")
        return [entry["message"] for entry in log if entry["level"] == "SEVERE"]


@contextmanager
def _served(*options: str) -> Iterator[str]:
    command = [sys.executable, "-m", "massager_tools.cli.main", "panel", "--no-browser", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().split()[-1]
        yield address
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page over a virtual massager that was used for some nights."""
    with tempfile.TemporaryDirectory() as folder:
        memory = Path(folder) / "memory.json"
        memory.write_text(json.dumps(example_nvs(BOARD, NIGHTS)), encoding="utf-8")
        with (
            _served("--memory", str(memory)) as address,
            chromium(Path(folder) / "profile") as driver,
        ):
            yield Page(driver, address)


@pytest.fixture(autouse=True)
def _no_complaints(page: Page) -> Iterator[None]:
    yield
    assert page.complaints() == []


def test_nights(page: Page) -> None:
    # the first test: a session of another one would be one more
    page.open("nights")
    page.click("Read the device")
    page.sees(f"{NIGHTS} sessions of virtual massager")
    assert len(page.driver.find_elements("css selector", ".day.used")) == NIGHTS


def test_power_fills_chambers_and_a_fault_is_told_in_words(page: Page) -> None:
    page.open()
    page.sees("Off")
    for _ in range(5):  # a computer that is busy makes a press too short, or too long
        page.hold("power", 0.7)
        with suppress(AssertionError):
            wait_for(lambda: "Running" in page.text(), "not yet", 5.0)
            break
    page.sees("Running")
    wait_for(lambda: page.property("--c1") > 0.1, "no chamber fills", PATIENCE_S)
    page.choose("Break something", "ntc_a_open")
    page.sees("Fault")
    page.sees("its wire is broken")


def test_without_the_token_nothing_is_shown(page: Page) -> None:
    page.driver.get(page.address.rsplit("/", 2)[0] + "/nights")
    page.sees("opens only by the address")
    page.complaints()  # the refusal itself is one


def test_install_onto_a_virtual_board(page: Page) -> None:
    page.open("install")
    page.click("Install")
    page.sees("self-test: pad")


def test_a_whole_bring_up(page: Page) -> None:
    page.open("bringup")
    page.sees("somebody answers for me")
    page.driver.execute_script(
        "[...document.querySelectorAll('.q-toggle')].find("
        "one => one.innerText.includes('somebody answers')).click()"
    )
    page.click("Begin")
    page.sees("calibration stored, heat unlocked")


def test_closing_the_page_stops_a_bring_up(page: Page) -> None:
    page.open("bringup")
    page.click("Begin")
    page.sees("Done")
    page.driver.get("about:blank")
    page.open("bringup")
    page.sees("Stopped: every output is off")


def test_a_program_is_edited_and_played(page: Page) -> None:
    page.open("programs")
    page.sees("May be built in.")
    editor = page.one(".cm-content")
    _type(page, editor, "1")
    page.sees("needs one PROGRAM")
    _type(page, editor, OWN_PROGRAM)
    page.sees("May be built in.")
    page.click("Play it")
    page.sees("Running")
    page.sees("late · level 1")


def _type(page: Page, editor: "WebElement", text: str) -> None:
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    editor.click()
    chain = ActionChains(page.driver).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL)
    chain.send_keys(Keys.DELETE).perform()
    # at once, as a paste: the editor would close each bracket by itself
    page.driver.execute_cdp_cmd("Input.insertText", {"text": text})
