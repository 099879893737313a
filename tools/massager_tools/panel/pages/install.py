"""Install: a board, a port, one button; what is done and what it found."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from nicegui import ui
from nicegui.events import UploadEventArguments

from massager_tools.boards import board_names, load_board
from massager_tools.device import interpreter
from massager_tools.device.flash import flash
from massager_tools.device.ports import find_port, usb_ports
from massager_tools.errors import UsageError
from massager_tools.panel.job import Job, Progress
from massager_tools.panel.panel import Panel
from massager_tools.panel.pin_map import pin_map
from massager_tools.panel.widgets import button, card, file_button, guarded, title

REFRESH_S = 0.1
PRACTICE = "practice"


def build(panel: Panel) -> None:
    """Build the page."""
    _Install(panel)


class _Install:
    """The choices, and the progress of the installation."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._image: tuple[str, bytes] | None = None
        with ui.element("div").classes("two"):
            with card("What and where"):
                title("Install the firmware")
                self._choices()
                self._go = button("Install", guarded(panel, self._install), "bolt", "main")
                self._go.mark("install")
                self._watch = button("Watch it", guarded(panel, self._on_watch), "visibility")
                self._watch.mark("watch-installed")
                with ui.element("div").props('role="status" aria-live="polite"'):
                    self._bar = ui.linear_progress(0.0, show_value=False).mark("progress")
                    self._detail = ui.label().classes("note").mark("detail")
                    self._error = ui.label().classes("fault").mark("install-error")
                    self._lines = ui.label().classes("log").mark("lines")
            with card("Board"):
                title("The board")
                self._picture = ui.html("", sanitize=False)
        self._show_board(self._board.value)
        ui.timer(REFRESH_S, self._refresh)
        self._refresh()

    def _choices(self) -> None:
        names = {name: load_board(name)["title"] for name in board_names()}
        here = self._panel.virtual.board["name"]
        self._board = ui.select(names, value=here if here in names else next(iter(names)))
        self._board.props('label="Board"').classes("wide").mark("board")
        self._board.on_value_change(lambda event: self._show_board(event.value))
        ports = {port.split(" ")[0]: port for port in usb_ports()}
        ports |= {"": "found by itself", PRACTICE: "a virtual board on a port, to practise"}
        self._port = ui.select(ports, value="" if len(ports) > 2 else PRACTICE)
        self._port.props('label="Port"').classes("wide").mark("port")
        self._named = ui.input("or a port by name", placeholder="/dev/ttyUSB0, COM3, socket://…")
        self._named.props("dense").classes("wide").mark("named-port")
        with ui.expansion("MicroPython: what is on the chip").classes("wide") as self._micropython:
            ui.label(
                "A new chip needs MicroPython first: a .bin for its kind from micropython.org."
            ).classes("note")
            file_button("a .bin file", ".bin", self._take_image).mark("image")
            self._sha256 = ui.input("SHA-256, to check it").props("dense").classes("wide")
            self._erase = ui.switch("erase the chip before: faults and settings, too")

    def _show_board(self, name: str) -> None:
        self._picture.content = pin_map(load_board(name))

    async def _take_image(self, event: UploadEventArguments) -> None:
        self._image = (event.file.name, await event.file.read())
        self._micropython.text = f"MicroPython: {event.file.name}"

    def _install(self, _: Any) -> None:
        if self._panel.job is not None and not self._panel.job.done:
            raise UsageError("an installation is under way; wait for its end")
        board = load_board(self._board.value)
        named = self._named.value.strip()
        asked = named or self._port.value
        port = self._panel.practise(board) if asked == PRACTICE else find_port(asked or None)
        image, erase = self._image, self._erase.value
        sha256 = self._sha256.value.strip() or None
        if image is None and (erase or sha256):
            raise UsageError("erasing and SHA-256 go with a MicroPython file: choose one")
        self._panel.unwatch(port)
        self._panel.installed_port = port

        def work(report: Progress) -> list[str]:
            with tempfile.TemporaryDirectory(prefix="massager-panel-") as folder:
                path = None
                if image is not None:
                    path = Path(folder) / Path(image[0]).name
                    path.write_bytes(image[1])
                    interpreter.check_image(path, board["chip"], sha256)
                build_dir = Path(folder) / "build"
                build_dir.mkdir()
                return flash(board, port, build_dir, report, image=path, erase=erase).lines()

        self._panel.job = Job(work)

    def _on_watch(self, _: Any) -> None:
        self._panel.watch_port(self._panel.installed_port)
        ui.navigate.to("/")

    def _refresh(self) -> None:
        job = self._panel.job
        self._bar.set_visibility(job is not None)
        self._watch.set_visibility(job is not None and job.done and not job.error)
        if job is None:
            return
        self._go.set_enabled(job.done)
        self._bar.value = round(job.share, 3)
        self._detail.text = "" if job.error else job.detail
        self._error.text = job.error
        self._lines.text = "\n".join(job.lines)
