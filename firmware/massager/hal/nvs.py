"""The chip's non-volatile store: flags that one start leaves for the next, and stored blocks.

`service`: 1 when the next start shall leave the serial line free; the flashing tool sets
it. `resets`: by the watchdog, in a row. `failure`: what ended the firmware last.
"""

import esp32
from micropython import const

FLAGS_NAMESPACE = "startup"
_STORE_NAMESPACE = "massager"
_NOT_FOUND = const(-0x1102)
_TEXT_BYTES = const(200)


class BootFlags:
    """Integers and texts under names of up to 15 characters; written at once."""

    def __init__(self) -> None:
        self._nvs = esp32.NVS(FLAGS_NAMESPACE)

    def get(self, name: str) -> int:
        """Return the integer, 0 where there is none."""
        try:
            return self._nvs.get_i32(name)
        except OSError:
            return 0

    def set(self, name: str, value: "int | str") -> None:
        """Store an integer, or the start of a text. Stalls the chip for tens of milliseconds."""
        if isinstance(value, str):
            self._nvs.set_blob(name, value.encode()[: _TEXT_BYTES // 2])
        else:
            self._nvs.set_i32(name, value)
        self._nvs.commit()

    def text(self, name: str) -> str:
        """Return the text, "" where there is none."""
        buffer = bytearray(_TEXT_BYTES)
        try:
            length = self._nvs.get_blob(name, buffer)
        except OSError:
            return ""
        return bytes(buffer[:length]).decode()


class NvsStore:
    """The chip's non-volatile store: blocks of bytes under keys of up to 15 characters."""

    def __init__(self) -> None:
        self._nvs = esp32.NVS(_STORE_NAMESPACE)

    def read(self, key: str, buffer: bytearray) -> int:
        """Fill `buffer`; return the length of what is stored under `key`.

        0 where there is nothing, -1 where it cannot be read or is longer than `buffer`.
        """
        try:
            return self._nvs.get_blob(key, buffer)
        except OSError as error:
            return 0 if error.args[0] == _NOT_FOUND else -1

    def write(self, key: str, data: bytearray) -> None:
        """Store `data` under `key`, from the next `commit` on."""
        self._nvs.set_blob(key, data)

    def commit(self) -> None:
        """Write to flash: tens of milliseconds in which nothing else runs."""
        self._nvs.commit()
