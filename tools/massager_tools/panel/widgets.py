"""Small parts that more than one page has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Literal

from nicegui import ui
from nicegui.events import UploadEventArguments

from massager_tools.errors import Failure, UsageError
from massager_tools.panel.panel import LOOKING_ON, Panel

ERROR_SHOWN_MS = 10_000
ANSWER = "return 1"
"""What the browser is asked to do once it has taken all that was sent before."""
_ANSWERS_WITHIN_S = 10.0

Kind = Literal["plain", "main", "stop", "flat"]


def button(
    words: str, on_click: Callable[..., Any], icon: str | None = None, kind: Kind = "plain"
) -> ui.button:
    """Return a button in the colours of the page; `main` is the one thing to do there."""
    made = ui.button(words, on_click=on_click, icon=icon, color=None)
    return made.props("unelevated").classes(f"button {kind}")


def file_button(
    words: str, accept: str, on_upload: Callable[[UploadEventArguments], Awaitable[None]]
) -> ui.upload:
    """Return what takes a file; a button with these words opens the browser's own choice."""
    upload = ui.upload(on_upload=on_upload, auto_upload=True).props(f'accept="{accept}"')
    upload.classes("hidden")
    made = ui.button(words, icon="upload_file", color=None).props("unelevated")
    # in the browser: a way over the server is no click of a person any more
    made.classes("button plain").on(
        "click", js_handler=f"() => getElement({upload.id}).pickFiles()"
    )
    return upload


def complain(error: Exception) -> None:
    """Show what went wrong: one sentence, the command's own."""
    ui.notify(str(error), type="negative", multi_line=True, timeout=ERROR_SHOWN_MS)


def guarded(panel: Panel, do: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return `do` for the window that drives, and a sentence for any other.

    What goes wrong in it is a sentence on the page.
    """
    client = ui.context.client

    def for_driver(event: Any) -> None:
        if not panel.drives(client):
            ui.notify(LOOKING_ON)
            return
        try:
            do(event)
        except (UsageError, Failure) as error:
            complain(error)

    return for_driver


def guarded_async(
    panel: Panel, do: Callable[[Any], Awaitable[None]]
) -> Callable[[Any], Awaitable[None]]:
    """Return the same for what takes a while."""
    client = ui.context.client

    async def for_driver(event: Any) -> None:
        if not panel.drives(client):
            ui.notify(LOOKING_ON)
            return
        try:
            await do(event)
        except (UsageError, Failure) as error:
            complain(error)

    return for_driver


def paced(refresh: Callable[[], bool]) -> Callable[[], Awaitable[None]]:
    """Return `refresh`, which says whether it has sent something, for a timer.

    It is not called again before the browser has taken that: one that is slower than the
    massager leaves pictures out, in place of showing older and older ones.
    """

    async def refresh_and_wait() -> None:
        if refresh():
            with suppress(TimeoutError):  # it has gone, or the computer is very busy
                await ui.run_javascript(ANSWER, timeout=_ANSWERS_WITHIN_S)

    return refresh_and_wait


def title(words: str) -> ui.label:
    """Return the heading of a card."""
    return ui.label(words).classes("title").props("role=heading aria-level=2")


def card(label: str, classes: str = "") -> ui.element:
    """Return a card, to be filled in a `with` block."""
    section = ui.element("section").classes(f"card {classes}".strip())
    return section.props(f'aria-label="{label}"')
