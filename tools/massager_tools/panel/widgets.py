"""Small parts that more than one page has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from nicegui import ui

from massager_tools.errors import Failure, UsageError
from massager_tools.panel.panel import LOOKING_ON, Panel

ERROR_SHOWN_MS = 10_000

Kind = Literal["plain", "main", "stop", "flat"]


def button(
    words: str, on_click: Callable[..., Any], icon: str | None = None, kind: Kind = "plain"
) -> ui.button:
    """Return a button in the colours of the page; `main` is the one thing to do there."""
    made = ui.button(words, on_click=on_click, icon=icon, color=None)
    return made.props("unelevated").classes(f"button {kind}")


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


def title(words: str) -> ui.label:
    """Return the heading of a card."""
    return ui.label(words).classes("title").props("role=heading aria-level=2")


def card(label: str, classes: str = "") -> ui.element:
    """Return a card, to be filled in a `with` block."""
    section = ui.element("section").classes(f"card {classes}".strip())
    return section.props(f'aria-label="{label}"')
