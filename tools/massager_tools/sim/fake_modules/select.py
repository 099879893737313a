"""MicroPython's `select` on the virtual chip: only `sys.stdin` and `sys.stdout` can be polled."""

from massager_tools.sim import chip as _chip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_the_chip = _chip.current()

POLLIN = 1
POLLOUT = 4
POLLERR = 8
POLLHUP = 16


class _Poll:
    def __init__(self) -> None:
        self._streams: list[Any] = []  # [stream, event mask]

    def register(self, stream: object, eventmask: int = POLLIN | POLLOUT) -> None:
        """Watch `stream`."""
        self._streams.append([stream, eventmask])

    def poll(self, timeout: int = -1) -> "list[Any]":
        """Return (stream, events) of those that are ready; wait up to `timeout` ms."""
        waited_ms = 0
        while True:
            ready = list(self.ipoll(0))
            if ready or (timeout >= 0 and waited_ms >= timeout):
                return ready
            _the_chip.advance(1_000)
            waited_ms += 1

    def ipoll(self, timeout: int = -1, flags: int = 0) -> "Iterator[tuple[Any, ...]]":
        """Yield (stream, events) of those that are ready now. The chip's console always takes."""
        console = _the_chip.console
        for stream, mask in self._streams:
            events = mask & POLLOUT
            if mask & POLLIN and console is not None and console.readable():
                events |= POLLIN
            if events:
                yield stream, events


def poll() -> _Poll:
    """Return an object that polls streams."""
    return _Poll()
