"""Where a device's kept blocks come from: a `Transport` gives the bytes under a key.

A file that a virtual massager keeps is one, a device on a port the other.
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
        """The bytes under `key`, empty where nothing is kept."""
        ...


class NvsFile:
    """The flash of a virtual device, in the file that `massager run --memory` keeps."""

    def __init__(self, path: Path) -> None:
        self._blocks = load_nvs(path).get(NAMESPACE, {})

    def read(self, key: str) -> bytes:
        """The bytes under `key`, empty where nothing is kept."""
        value = self._blocks.get(key)
        return bytes(value) if isinstance(value, list) else b""


class NvsDevice:
    """`keys` of the flash of a device on a port, whose firmware must not run meanwhile."""

    def __init__(self, device: Device, keys: Sequence[str]) -> None:
        self._blocks = device.read_store(NAMESPACE, keys)

    def read(self, key: str) -> bytes:
        """The bytes under `key`, one of `keys`; empty where nothing is kept."""
        return self._blocks[key]


@contextmanager
def at_rest(port: str | None, instead: str = "") -> Iterator[Device]:
    """The device on `port`, found when there is just one, stopped and at its prompt.
    `instead`, see `find_port`.

    Afterwards it starts again. What it was doing ends as by *power*: every output goes off,
    and faults that are not kept yet are kept.
    """
    device = Device(find_port(port, instead))
    with progress("reading the device") as tell:
        device.enter_service()
        tell(_STOPPED, "")
        try:
            yield device
            tell(_READ, "")
        finally:
            device.restart()


def load_nvs(path: Path) -> Nvs:
    """The store in a file; UsageError where the file is none."""
    try:
        nvs = json.loads(path.read_text(encoding="utf-8"))
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
    """The store in a file; None, for a device as it is delivered, where there is none yet."""
    return load_nvs(path) if path is not None and path.exists() else None


def save_nvs(path: Path, nvs: Nvs) -> None:
    """Write the store; whole, or not at all. Failure where it cannot be written."""
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
