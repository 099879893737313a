"""The port that a program on this computer opens to reach the virtual board: PTY or TCP.

What the board sends while nobody reads is lost, as on a wire.
"""

from __future__ import annotations

import os
import select
import socket
import sys
from abc import ABC, abstractmethod
from pathlib import Path

_WAITING_MAX = 65_536  # bytes for a reader that is slow; beyond, the oldest are lost
_READ_BYTES = 4_096


class Cable(ABC):
    """One end of a line; the other end is whoever opened `url`."""

    def __init__(self) -> None:
        self._waiting = b""

    @property
    @abstractmethod
    def url(self) -> str:
        """Return what to give as --port."""

    @abstractmethod
    def descriptors(self) -> list[int]:
        """Return the descriptors on which something may happen."""

    @abstractmethod
    def take(self) -> bytes:
        """Return what has come in, without waiting."""

    def send(self, data: bytes) -> None:
        """Send `data` as soon as the reader takes it."""
        self._waiting = (self._waiting + data)[-_WAITING_MAX:]
        self.flush()

    def flush(self) -> None:
        """Send what waits, without waiting."""
        descriptor = self._descriptor()
        if descriptor is None:
            self._waiting = b""
        elif self._waiting:
            try:
                sent = os.write(descriptor, self._waiting)
            except BlockingIOError:
                sent = 0
            except OSError:
                sent = len(self._waiting)
            self._waiting = self._waiting[sent:]

    @abstractmethod
    def pull(self) -> None:
        """Pull the cable: whoever has it open is cut off, nobody can open it."""

    @abstractmethod
    def plug(self) -> None:
        """Plug it in again, at the same `url`."""

    @abstractmethod
    def _descriptor(self) -> int | None:
        """Return the descriptor to write to, or None while nobody has the port open."""


class PtyCable(Cable):
    """A pseudo-terminal; `link` is a path that stays the same when it is plugged in again."""

    def __init__(self, link: Path) -> None:
        super().__init__()
        self._link = link
        self._master: int | None = None
        self._path = ""
        self.plug()

    @property
    def url(self) -> str:
        return str(self._link)

    def descriptors(self) -> list[int]:
        descriptor = self._descriptor()
        return [] if descriptor is None else [descriptor]

    def take(self) -> bytes:
        descriptor = self._descriptor()
        if descriptor is None:
            return b""
        try:
            return os.read(descriptor, _READ_BYTES)
        except OSError:  # nothing there, or the reader has just closed it
            return b""

    def pull(self) -> None:
        if self._master is not None:
            self._link.unlink(missing_ok=True)
            os.close(self._master)
            self._master = None

    def plug(self) -> None:
        if self._master is not None:
            return
        import pty
        import tty

        self._master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        self._path = os.ttyname(slave)
        os.close(slave)  # so that the master sees when nobody has it open
        self._link.symlink_to(self._path)

    def _descriptor(self) -> int | None:
        """Return the master while somebody has the other side open."""
        if self._master is None:
            return None
        poll = select.poll()
        poll.register(self._master, select.POLLIN)
        closed = any(event & select.POLLHUP for _, event in poll.poll(0))
        return None if closed else self._master


class TcpCable(Cable):
    """A TCP port of this computer for one reader at a time, as pyserial's socket:// opens."""

    def __init__(self) -> None:
        super().__init__()
        self._port = 0
        self._server: socket.socket | None = None
        self._client: socket.socket | None = None
        self.plug()

    @property
    def url(self) -> str:
        return f"socket://127.0.0.1:{self._port}"

    def descriptors(self) -> list[int]:
        return [end.fileno() for end in (self._server, self._client) if end is not None]

    def take(self) -> bytes:
        if self._server is not None:
            try:
                newcomer, _ = self._server.accept()
            except BlockingIOError:
                pass
            else:
                if self._client is not None:
                    self._client.close()
                newcomer.setblocking(False)
                self._client = newcomer
        if self._client is None:
            return b""
        try:
            data = self._client.recv(_READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._client.close()
            self._client = None
        return data

    def pull(self) -> None:
        for end in (self._server, self._client):
            if end is not None:
                end.close()
        self._server = self._client = None

    def plug(self) -> None:
        if self._server is None:
            self._server = socket.socket()
            self._server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._server.bind(("127.0.0.1", self._port))
            self._server.listen()
            self._server.setblocking(False)
            self._port = self._server.getsockname()[1]

    def _descriptor(self) -> int | None:
        return None if self._client is None else self._client.fileno()


HAS_PTY = sys.platform != "win32"
