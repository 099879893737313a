"""Access to a device's stored blocks: a `Transport` returns the bytes under a key.

One reads the file of a virtual massager, the other a device on a port.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from massager_tools.device.mpremote import Device
from massager_tools.device.ports import find_port
from massager_tools.errors import Failure, UsageError
from massager_tools.ui.progress import progress

NAMESPACE = "massager"

_STOPPED, _READ = 0.5, 0.7  # of the time that reading a device takes

Nvs = dict[str, dict[str, Any]]
"""namespace → key → a number or a list of bytes, as the virtual chip hands it out."""


class Transport(Protocol):
    """Access to the non-volatile store of a device."""

    def read(self, key: str) -> bytes:
        """Return the bytes under `key`, empty if there are none."""
        ...


class NvsFile:
    """The flash store of a virtual device, in the file that `massager run --memory` writes."""

    def __init__(self, path: Path) -> None:
        self._blocks = load_nvs(path).get(NAMESPACE, {})

    def read(self, key: str) -> bytes:
        """Return the bytes under `key`, empty if there are none."""
        value = self._blocks.get(key)
        return bytes(value) if isinstance(value, list) else b""


class NvsDevice:
    """`keys` of the flash store of a device on a port; its firmware must not run meanwhile."""

    def __init__(self, device: Device, keys: Sequence[str]) -> None:
        self._blocks = device.read_store(NAMESPACE, keys)

    def read(self, key: str) -> bytes:
        """Return the bytes under `key`, one of `keys`; empty if there are none."""
        return self._blocks[key]


@contextmanager
def at_rest(port: str | None, instead: str = "") -> Iterator[Device]:
    """Yield the device on `port` in service mode; restart it afterwards.

    `instead`: see `find_port`.

    A running session ends as by *power*: every output goes off, and new faults are stored.
    """
    device = Device(find_port(port, instead))
    with progress("reading the device") as on_progress:
        device.enter_service()
        on_progress(_STOPPED, "")
        try:
            yield device
            on_progress(_READ, "")
        finally:
            device.restart()


def load_nvs(path: Path) -> Nvs:
    """Return the store in a file. Raise UsageError if the file is none."""
    try:
        nvs: Nvs = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise UsageError(f"{path}: is not the memory of a virtual massager") from None
    blocks = nvs.get(NAMESPACE, {}) if isinstance(nvs, dict) else None
    if not isinstance(blocks, dict) or not all(
        isinstance(value, int) or _is_bytes(value) for value in blocks.values()
    ):
        raise UsageError(f"{path}: is not the memory of a virtual massager")
    return nvs


def kept_in(path: Path | None) -> Nvs | None:
    """Return the store in a file; None, a device as delivered, if there is no file yet."""
    return load_nvs(path) if path is not None and path.exists() else None


def save_nvs(path: Path, nvs: Nvs) -> None:
    """Write the store, atomically. Raise Failure if it cannot be written."""
    beside = path.with_name(path.name + ".new")
    try:
        beside.write_text(json.dumps(nvs), encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise Failure(f"{path}: cannot be written: {error.strerror or error}") from None


def _is_bytes(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(byte, int) and 0 <= byte <= 255 for byte in value
    )
