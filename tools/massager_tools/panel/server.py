"""Serve the page on this computer, on a free port, behind a token."""

from __future__ import annotations

import asyncio
import errno
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI
from nicegui import ui

from massager_tools.errors import UsageError
from massager_tools.panel.frame import build
from massager_tools.panel.guard import Guard
from massager_tools.panel.panel import Panel

HOST = "127.0.0.1"


def listen(port: int | None) -> socket.socket:
    """Return a socket on `port` of this computer, or on a free one. UsageError where taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port or 0))
        listener.listen()
    except OSError as error:
        listener.close()
        raise UsageError(f"--port {port}: {_why(error)}; leave it out for a free one") from None
    return listener


def _why(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "another program has it"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "no permission, as for each below 1024"
    return error.strerror or str(error)


class PanelServer:
    """The server of one `Panel`; `address` opens it."""

    def __init__(self, panel: Panel, port: int | None = None) -> None:
        self._listener = listen(port)
        number = self._listener.getsockname()[1]
        token = secrets.token_urlsafe(16)
        self._site = f"http://{HOST}:{number}"
        self.address = f"{self._site}/{token}/"
        app = FastAPI(openapi_url=None)
        ui.run_with(
            app,
            root=lambda: build(panel),
            mount_path=f"/{token}",
            title="Massager",
            favicon="🦵",
            language="en-GB",
            tailwind=False,  # its compiler in the browser costs half a second a page
            binding_refresh_interval=None,
            reconnect_timeout=30.0,
            message_history_length=200,
            show_welcome_message=False,
            gzip_middleware_factory=None,  # nothing leaves this computer
        )
        self._guard = Guard(app, token, number)
        config = uvicorn.Config(
            self._guard,
            log_level="warning",
            access_log=False,
            ws_per_message_deflate=False,  # to this computer, bytes are cheaper than time
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)

    def run(self, ready: Callable[[str], None] = lambda address: None) -> None:
        """Serve until Ctrl-C or `stop`; `ready` gets the address once the page answers."""

        async def serve() -> None:
            telling = asyncio.create_task(self._tell(ready))
            await self._server.serve(sockets=[self._listener])
            telling.cancel()

        try:
            asyncio.run(serve())
        finally:
            self._listener.close()

    def address_once(self) -> str:
        """Return an address that opens the page once, for a command line that others may read."""
        return self._site + self._guard.ticket()

    def stop(self) -> None:
        """End `run`, from any thread."""
        self._server.should_exit = True

    async def _tell(self, ready: Callable[[str], None]) -> None:
        while not self._server.started:
            await asyncio.sleep(0.01)
        ready(self.address)


def open_browser(address: str) -> None:
    """Show the page, without waiting for the browser."""
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
