"""What one start leaves for the next, in a namespace of the non-volatile store of its own.

`service`: 1 when the next start shall leave the serial line free; the flashing tool sets
it. `resets`: by the watchdog, in a row. `failure`: what ended the firmware last.
"""

import esp32
from micropython import const

NAMESPACE = "startup"
_TEXT_BYTES = const(200)


class Notes:
    """Integers and texts under names of up to 15 characters; written at once."""

    def __init__(self):
        self._nvs = esp32.NVS(NAMESPACE)

    def get(self, name):
        """The integer, 0 where there is none."""
        try:
            return self._nvs.get_i32(name)
        except OSError:
            return 0

    def set(self, name, value):
        """Keep an integer. Stalls the chip for tens of milliseconds."""
        self._nvs.set_i32(name, value)
        self._nvs.commit()

    def text(self, name):
        """The text, "" where there is none."""
        buffer = bytearray(_TEXT_BYTES)
        try:
            length = self._nvs.get_blob(name, buffer)
        except OSError:
            return ""
        return bytes(buffer[:length]).decode()

    def set_text(self, name, text):
        """Keep a text, the start of it where it is long."""
        self._nvs.set_blob(name, text.encode()[: _TEXT_BYTES // 2])
        self._nvs.commit()
