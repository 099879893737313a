"""Programs: checked as one types, and played on the virtual massager."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui
from nicegui.testing import User

from host_tests.panel.support import Remembering, in_window
from massager_tools.firmware_tables import programs
from massager_tools.panel.pages.programs import EXAMPLE, check_text
from massager_tools.panel.panel import Panel

CHECK_ROWS = (
    # text, the beginning of what is wrong
    (EXAMPLE, ""),
    (EXAMPLE.replace("10,", "100,", 1), "phase 1: minutes is 100; it takes"),
    (EXAMPLE.replace('"fades": True', '"fades": False'), "phase 3: the last one has to fade"),
    ("PROGRAM = {", "line 1: not Python"),
    ("", "needs one PROGRAM"),
)


def test_check(row: tuple[str, str]) -> None:
    text, wrong = row
    program, found = check_text(text)
    assert (program is None) is bool(wrong)
    assert found[0].startswith(wrong) if wrong else not found, found


class _Restarted(Remembering):
    def restart(
        self,
        board: Mapping[str, Any] | None = None,
        events: tuple[Mapping[str, Any], ...] = (),
        nvs: Mapping[str, Any] | None = None,
    ) -> None:
        self.flashed, self.sent = board, list(events)


def test_a_mistake_is_told_while_typing_and_cannot_be_played() -> None:
    virtual = _Restarted()

    async def edit(user: User) -> None:
        await user.should_see(marker="may-be-built-in")
        (text,) = user.find(kind=ui.codemirror).elements
        text.value = EXAMPLE.replace("10,", "100,", 1)
        await user.should_see("minutes is 100")
        (play,) = user.find(marker="play-own").elements
        assert isinstance(play, ui.button) and not play.enabled

    in_window(edit, Panel(virtual), "/programs")


def test_a_program_of_ones_own_is_built_in_and_chosen_and_started() -> None:
    virtual = _Restarted()

    async def play(user: User) -> None:
        user.find(marker="play-own").click()
        await user.should_see("Try it", retries=60)
        assert virtual.flashed is not None
        assert [program[0] for program in virtual.flashed["programs"]] == ["sunday"]
        buttons = [event["button"] for event in virtual.sent]
        assert buttons == ["program"] * len(programs()) + ["power"]

    in_window(play, Panel(virtual), "/programs")
