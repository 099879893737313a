"""State shared by all windows of the page: the device, and which of them drives it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from nicegui import Client

from massager_tools.panel.bringup import BringUp
from massager_tools.panel.device import Device
from massager_tools.panel.job import Job
from massager_tools.panel.port_device import PortDevice
from massager_tools.panel.virtual_device import VirtualDevice
from massager_tools.sim.serial.board import SerialBoard

LOOKING_ON = "Another window drives; this one looks on."


class Panel:
    """The device behind the page, and the window that drives it.

    `virtual` is the one that is there until a real one is watched.
    """

    def __init__(self, virtual: VirtualDevice) -> None:
        self.virtual = virtual
        self.device: Device = self.virtual
        self.driver = ""
        """The id of the client that drives; empty while none does."""
        self.dark: bool | None = None
        """The theme that was chosen; None: as the computer has it."""
        self.program_text = ""
        """The program of one's own as it was typed last."""
        self.job: Job | None = None
        """The installation that runs, or that ran last."""
        self.bringup: BringUp | None = None
        """The first power-up that runs, or that ran last."""
        self.installed_port = ""
        self._practice: ExitStack = ExitStack()
        self.kept: object = None
        """What was read of a device last, see `kept.py`."""

    def drives(self, client: Client) -> bool:
        """Return whether `client` is the one that drives; the first to ask becomes it."""
        if not self.driven_elsewhere(client) and client.has_socket_connection:
            self.driver = client.id
        return self.driver == client.id

    def driven_elsewhere(self, client: Client) -> bool:
        """Return whether another window is open that drives; a reloaded one is the same."""
        holder = Client.instances.get(self.driver)
        if holder is None or not holder.has_socket_connection:
            return False
        return holder.tab_id != client.tab_id

    def take_over(self, client: Client) -> None:
        """Let `client` drive from now on."""
        self.release_buttons()
        self.driver = client.id

    def leave(self, client: Client) -> None:
        """Release what a window held that has gone, and stop what it drove."""
        if self.driver == client.id:
            self.stop_bringup()
            self.release_buttons()
            self.driver = ""

    def stop_bringup(self) -> None:
        """Stop a first power-up that runs, from any window: everything goes off."""
        if self.bringup is not None:
            self.bringup.stop()

    def release_buttons(self) -> None:
        """Release every button that is held on the page."""
        for button in tuple(self.virtual.held):
            self.virtual.release(button)

    def watch_port(self, port: str) -> None:
        """Watch the massager on `port`. Failure where it cannot be opened."""
        device = PortDevice(port)
        self._leave_device()
        self.device = device

    def unwatch(self, port: str) -> None:
        """Let go of `port`, so that something else can open it."""
        if isinstance(self.device, PortDevice) and self.device.port == port:
            self.go_virtual()

    def practise(self, board: Mapping[str, Any]) -> str:
        """Put a new virtual board on a port, in the place of an older one; return the port."""
        self.unwatch(self.installed_port)
        self._practice.close()
        folder = tempfile.TemporaryDirectory(prefix="massager-panel-")
        flash = Path(self._practice.enter_context(folder))
        return self._practice.enter_context(SerialBoard(board, flash)).port

    def go_virtual(self) -> None:
        """Return to the virtual massager."""
        self._leave_device()
        self.device = self.virtual

    def _leave_device(self) -> None:
        if self.device is not self.virtual:
            self.device.close()

    def close(self) -> None:
        """End all of it."""
        self.stop_bringup()
        self._leave_device()
        self._practice.close()
        self.virtual.close()
