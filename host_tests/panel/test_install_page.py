"""Install: onto a virtual board on a port, and what is said where it cannot be."""

import pytest
from nicegui import ui
from nicegui.testing import User

from host_tests.panel.support import Remembering, in_window
from massager_tools.panel.panel import Panel


@pytest.mark.micropython
@pytest.mark.xdist_group("panel-virtual")
def test_a_virtual_board_is_flashed_and_watched() -> None:
    panel = Panel(Remembering())

    async def install(user: User) -> None:
        user.find(marker="install").click()
        await user.should_see("esp32_devkitc: massager", retries=1_500)
        await user.should_see("self-test: pad")
        user.find(marker="watch-installed").click()
        await user.should_see("A real massager: the page watches", retries=30)
        await user.should_see("Off", retries=100)
        user.find(marker="button-power").trigger("pointerdown")
        assert not panel.virtual.sent  # type: ignore[attr-defined]

    in_window(install, panel, "/install")


REFUSED_ROWS = (
    # board, port, what is said
    ("esp32_devkitc", "/dev/no-such-port", "is the board plugged in?"),
    ("esp32_devkitc", "/etc/hostname", "it is no serial port"),
)


def test_refused(row: tuple[str, str, str]) -> None:
    board, port, words = row

    async def install(user: User) -> None:
        (choice,) = user.find(marker="board").elements
        assert isinstance(choice, ui.select)
        choice.value = board
        user.find(marker="named-port").type(port)
        user.find(marker="install").click()
        await user.should_see(words, retries=200)

    in_window(install, Panel(Remembering()), "/install")
