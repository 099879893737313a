"""The frame of every page: the head with the device, the list of pages, the theme."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from nicegui import ui

from massager_tools.panel.pages import boards, bringup, faults, install, massager, nights, programs
from massager_tools.panel.panel import LOOKING_ON, Panel
from massager_tools.panel.widgets import button

STYLE = Path(__file__).with_name("panel.css")
REFRESH_S = 0.5

_LEAVING = """<script>
addEventListener("pagehide", () => window.socket?.disconnect());
addEventListener("pageshow", (event) => event.persisted && location.reload());
</script>"""
"""A page that is left says so at once: what it drove has to stop, also where the browser keeps
the page for its back button."""

Page = Callable[[Panel], None]
PAGES: dict[str, tuple[str, str, Page]] = {
    "/": ("Massager", "airline_seat_legroom_extra", massager.build),
    "/install": ("Install", "bolt", install.build),
    "/bringup": ("First power-up", "checklist", bringup.build),
    "/nights": ("Nights", "bedtime", nights.build),
    "/faults": ("Faults", "healing", faults.build),
    "/programs": ("Programs", "timeline", programs.build),
    "/boards": ("Boards", "memory", boards.build),
}
"""Path → name, icon, and what builds it."""

_THEMES = {
    None: ("brightness_auto", "as the computer"),
    True: ("dark_mode", "dark"),
    False: ("light_mode", "light"),
}


def build(panel: Panel) -> None:
    """Build one window: head, pages, and the page that its address names."""
    client = ui.context.client
    client.on_connect(lambda: panel.drives(client))
    client.on_disconnect(lambda: panel.leave(client))
    ui.add_body_html(_LEAVING)
    ui.add_css(STYLE.read_text(encoding="utf-8"))
    with ui.element("a").props("href=#page").classes("skip"):
        ui.label("Skip to the page")
    with ui.left_drawer(value=False, bordered=True) as drawer:
        drawer.props("show-if-above breakpoint=860 width=208 role=navigation")
        drawer.classes("pages").props('aria-label="Pages"')
        links = {path: _page_link(path) for path in PAGES}
    with ui.header(elevated=False).classes("head"):
        ui.button(icon="menu", on_click=drawer.toggle, color=None).props(
            'flat round dense aria-label="List of pages"'
        ).classes("only-narrow")
        ui.label("Massager").classes("brand")
        device = ui.label().classes("device").mark("device")
        ui.space()
        stop = button("Stop", panel.stop_bringup, "front_hand", "stop")
        stop.mark("stop-anywhere")
        _theme_button(panel)
    with ui.element("div").classes("notice").props('role="status"') as notice:
        ui.icon("visibility")
        ui.label(LOOKING_ON)
        button("Drive here", lambda: panel.take_over(client))

    def mark(path: str) -> None:
        here = path.partition("?")[0].rstrip("/") or "/"
        for at, link in links.items():
            link.classes(add="here" if at == here else "", remove="" if at == here else "here")
            link.props("aria-current=page" if at == here else "", remove="aria-current")

    def refresh() -> None:
        device.text = panel.device.title
        stop.set_visibility(panel.bringup is not None and not panel.bringup.done)
        notice.set_visibility(panel.driven_elsewhere(client))

    ui.timer(REFRESH_S, refresh)
    refresh()
    client.sub_pages_router.on_path_changed(mark)
    mark(client.sub_pages_router.current_path)
    with ui.element("main").props("id=page tabindex=-1"):
        ui.sub_pages({path: partial(page, panel) for path, (_, _, page) in PAGES.items()})


def _page_link(path: str) -> ui.link:
    name, icon, _ = PAGES[path]
    with ui.link(target=path).classes("page-link") as link:
        ui.icon(icon).props("aria-hidden=true")
        ui.label(name)
    return link


def _theme_button(panel: Panel) -> None:
    dark = ui.dark_mode(panel.dark)

    def show() -> None:
        icon, words = _THEMES[panel.dark]
        theme.props(f'icon={icon} aria-label="Theme: {words}"')
        tip.text = f"Theme: {words}"

    def turn() -> None:
        order = list(_THEMES)
        panel.dark = order[(order.index(panel.dark) + 1) % len(order)]
        dark.value = panel.dark
        show()

    with ui.button(on_click=turn, color=None).props("flat round dense") as theme:
        tip = ui.tooltip("")
    show()
