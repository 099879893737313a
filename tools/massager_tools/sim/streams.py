"""`sys.stdin` and `sys.stdout` of a program on the virtual chip, over its console."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from massager_tools.sim.console import Console


class Output:
    """Take what MicroPython's standard output takes: text, or bytes and a length."""

    def __init__(self, console: "Console") -> None:
        self._console = console
        self.buffer = self

    def write(self, data: "str | bytes | bytearray | memoryview", length: int = -1) -> int:
        """Write; return how many bytes were offered."""
        raw = data.encode() if isinstance(data, str) else bytes(data)
        if length >= 0:
            raw = raw[:length]
        self._console.write(raw)
        return len(raw)

    def flush(self) -> None:
        """Do nothing: what waits, waits in the console."""


class Input:
    """Standard input: what has been typed."""

    def __init__(self, console: "Console") -> None:
        self._console = console
        self.buffer = self

    def read(self, count: int = 1) -> bytes:
        """Return up to `count` bytes; wait for the first."""
        return self._console.read(count)

    def readinto(self, buffer: bytearray) -> int:
        """Fill `buffer` as far as something was typed; wait for the first byte."""
        data = self._console.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class Overlay:
    """A stand-in for a built-in module: some names of its own, the rest from the real one."""

    def __init__(self, real: "Any", allowed: "tuple[Any, ...] | None" = None) -> None:
        self._real = real
        self._allowed = allowed

    def __getattr__(self, name: str) -> "Any":
        if self._allowed is not None and name not in self._allowed:
            raise AttributeError(name)
        return getattr(self._real, name)
