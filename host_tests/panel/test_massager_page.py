"""The home page: what it shows of the values that come, and what it sends."""

import asyncio
from unittest import mock

from nicegui import ui
from nicegui.testing import User

from host_tests.panel.support import Remembering, in_window
from massager_tools.panel.panel import Panel
from massager_tools.panel.widgets import paced

SHOWS_ROWS: tuple[tuple[str, dict[str, int], tuple[str, ...]], ...] = (
    ("at rest", {}, ("Off", "evening · level 2 · heat off", "23.0 °C", "12.0 V")),
    (
        "a session",
        {"fw_state": 2, "fw_left_s": 754, "fw_heat_level": 2, "fw_rpm": 812, "chamber_2_pa": 2666},
        ("Running", "evening · level 2 · heat 42 °C · 12:34 left", "812 rpm", "20"),
    ),
    ("a reading just below zero", {"fw_pressure_pa": -40}, ("0 mmHg",)),
    ("a fault", {"fw_state": 6, "fw_fault": 13}, ("Fault", "E13 ")),
)


def test_shows(row: tuple[str, dict[str, int], tuple[str, ...]]) -> None:
    _, values, words = row

    async def look(user: User) -> None:
        for text in words:
            await user.should_see(text)

    in_window(look, Panel(Remembering(**values)))


def test_a_button_is_held_as_long_as_the_finger_is_on_it() -> None:
    virtual = Remembering()

    async def press(user: User) -> None:
        button = user.find(marker="button-power")
        button.trigger("pointerdown")
        assert virtual.sent == [{"do": "press", "button": "power"}]
        button.trigger("pointerup")
        button.trigger("pointerleave")
        assert virtual.sent[1:] == [{"do": "release", "button": "power"}]

    in_window(press, Panel(virtual))


def test_a_fault_is_broken_by_name_and_mended() -> None:
    virtual = Remembering()

    async def break_it(user: User) -> None:
        (choice,) = user.find(marker="break").elements
        assert isinstance(choice, ui.select)
        choice.value = "pump_dead"
        await user.should_see("pump_dead")
        assert virtual.sent == [{"do": "fault", "name": "pump_dead", "on": True}]
        (chip,) = user.find(kind=ui.chip).elements
        chip.value = False
        assert virtual.sent[1:] == [{"do": "fault", "name": "pump_dead", "on": False}]

    in_window(break_it, Panel(virtual))


def test_a_second_window_looks_on_until_it_takes_over() -> None:
    virtual = Remembering()
    panel = Panel(virtual)

    async def two(user: User) -> None:
        second = User(user.http_client)
        await second.open("/")
        await second.should_see("Another window drives")
        second.find(marker="button-power").trigger("pointerdown")
        assert not virtual.sent
        second.find("Drive here").click()
        second.find(marker="button-power").trigger("pointerdown")
        assert virtual.sent == [{"do": "press", "button": "power"}]
        await user.should_see("Another window drives", retries=60)

    in_window(two, panel)


def test_a_crash_is_shown_with_its_traceback_and_the_outputs() -> None:
    virtual = Remembering()
    virtual.status.crash = "The firmware ended (exception); every output is off.\nTraceback …"

    async def look(user: User) -> None:
        await user.should_see("every output is off")
        await user.should_see("Traceback")

    in_window(look, Panel(virtual))


def test_a_port_that_is_not_there_is_a_sentence() -> None:
    async def watch(user: User) -> None:
        user.find(marker="port").type("/dev/no-such-port")
        user.find(marker="watch").click()
        await user.should_see("is the board plugged in?")

    in_window(watch, Panel(Remembering()))


def test_a_slow_browser_is_not_sent_more_than_it_takes() -> None:
    async def watch() -> None:
        taken = asyncio.Event()

        async def answer(*_: object, **__: object) -> None:
            await taken.wait()

        with mock.patch.object(ui, "run_javascript", answer):
            await paced(lambda: False)()
            turn = asyncio.ensure_future(paced(lambda: True)())
            await asyncio.sleep(0)
            assert not turn.done()
            taken.set()
            await turn

    asyncio.run(watch())
