"""Make the flash store of a virtual device as delivered: bring-up has passed on its board."""

from collections.abc import Mapping
from typing import Any

from massager_tools.build import deploy
from massager_tools.firmware_tables import core, firmware


class _Blocks:
    """A store as the firmware's `SettingsStore` needs it, in a dict."""

    def __init__(self) -> None:
        self.blocks: dict[str, bytes] = {}

    def read(self, key: str, buffer: bytearray) -> int:
        """Return 0: nothing is stored on a new device."""
        return 0

    def write(self, key: str, data: bytearray) -> None:
        """Store a block."""
        self.blocks[key] = bytes(data)

    def commit(self) -> None:
        """Do nothing: blocks are stored at once."""


def brought_up(board: Mapping[str, Any], **stored: Any) -> dict[str, dict[str, Any]]:
    """Return what bring-up leaves in the flash of a device, for `VirtualMassager(nvs=…)`.

    `stored` are those of the core's `Settings` that are not a new device's: without any the device
    is perfect, its sensors need no calibration.
    """
    store = _Blocks()
    settings = core("signals").Settings()
    storage = firmware("storage.settings_store").SettingsStore(store, settings, None)
    settings.proven_wiring = deploy.wiring_id(dict(board))
    for name, value in stored.items():
        setattr(settings, name, value)
    storage.replace(settings)
    return {"massager": {key: list(block) for key, block in store.blocks.items()}}
