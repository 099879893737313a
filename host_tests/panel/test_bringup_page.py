"""The first power-up as a wizard: passed with help, a swapped wire named, Stop at any moment."""

import pytest
from nicegui import ui
from nicegui.testing import User

from host_tests.panel.support import BOARD, Remembering, in_window
from host_tests.panel.test_device import wait_for
from massager_tools.bringup.steps import STEPS
from massager_tools.panel.bringup import STOPPED, BringUp, swapped
from massager_tools.panel.pages.bringup import roles_of
from massager_tools.panel.panel import Panel

pytestmark = [pytest.mark.micropython, pytest.mark.xdist_group("panel-virtual")]

PATIENCE_RETRIES = 600


def test_every_step_is_about_some_role_of_the_board() -> None:
    assert all(roles_of(number, BOARD) for number in range(len(STEPS)))


def test_a_whole_one_passes_and_a_swapped_wire_is_named() -> None:
    run = BringUp(BOARD, wiring=swapped(BOARD, "pump", "motor"), helped=True)
    wait_for(lambda: run.done, "it never ended", 120.0)
    troubles = [str(trouble) for one in run.outcomes for trouble in one.troubles]
    assert any("pump on pin 18: moves the motor" in text for text in troubles), troubles
    assert not run.kept and not run.error


def test_the_builder_is_asked_and_stop_ends_it() -> None:
    panel = Panel(Remembering())

    async def walk(user: User) -> None:
        user.find(marker="begin").click()
        await user.should_see("Take the wrap off the leg", retries=PATIENCE_RETRIES)
        user.find("Done").click()
        assert panel.bringup is not None
        await user.should_see(marker="question", retries=PATIENCE_RETRIES)
        (stop,) = user.find(marker="stop").elements
        assert isinstance(stop, ui.button) and stop.enabled
        user.find(marker="stop").click()
        await user.should_see(STOPPED, retries=PATIENCE_RETRIES)
        await user.should_see("the heat stays locked. Mend, then again.")

    in_window(walk, panel, "/bringup")


def test_stop_in_the_middle_of_a_drive_switches_the_output_off() -> None:
    """The pump is left running by nothing: the row after the stop has it off."""
    run = BringUp(BOARD, speed=20.0)
    wait_for(lambda: run.question, "nothing was asked", 60.0)
    while not (run.question and run.question.text.startswith("pump: ")):
        if run.question:
            answers = run.question.answers
            run.answer(_right(answers))
        wait_for(lambda: run.question or run.done, "no more questions", 60.0)
        assert not run.done, run.error
    run.answer("Go")
    wait_for(lambda: run.status.values.get("pump_duty_permille"), "it did not run", 60.0)
    run.stop()
    wait_for(lambda: run.done, "it went on", 60.0)
    assert run.error == STOPPED and not run.kept
    assert run.status.values["pump_duty_permille"] == 0
    assert run.status.values["valves"] == 0


def _right(answers: tuple[str, ...]) -> str:
    return answers[0] if answers else ""


def test_closing_the_window_stops_it() -> None:
    panel = Panel(Remembering())

    async def close(user: User) -> None:
        user.find(marker="begin").click()
        await user.should_see("Take the wrap off the leg", retries=PATIENCE_RETRIES)
        assert user.client is not None
        panel.leave(user.client)
        await user.should_see(STOPPED, retries=PATIENCE_RETRIES)

    in_window(close, panel, "/bringup")
