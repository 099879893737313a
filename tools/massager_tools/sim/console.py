"""The chip's console: how long a write takes, what of it is lost, and what has been typed.

A UART empties its FIFO at 115,200 baud whoever reads. TinyUSB (S3) waits up to 500 ms a write
while its buffer is full and the port is open, with callbacks served, and drops what nobody has
the port open for. USB-Serial/JTAG (C3, C6) waits up to 200 ms without callbacks, once; then it
drops until somebody reads. Sources: MicroPython's shared/tinyusb/mp_usbd_cdc.c and
ports/esp32/usb_serial_jtag.c, uart.c, mphalport.c. Runs on MicroPython and CPython.
"""

from massager_tools.sim.model import console as reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from massager_tools.sim.chip import Chip

UART = "uart"
TINYUSB = "tinyusb"
USB_JTAG = "usb_jtag"

STDIN_BYTES = 259
"""What waits for a program to read it: a ring buffer of 260 bytes holds one less."""

CTRL_C = 3
_UART_FIFO_BYTES = 128
_UART_BYTE_US = 87
_USB_FIFO_BYTES = 256
_USB_PACKET_BYTES = 64
_USB_WAIT_US = 500_000
_JTAG_WAIT_US = 200_000
_POLL_US = 1_000
_FOREVER_US = 3_600_000_000
_JTAG_WRITABLE = 2  # SERIAL_IN_EP_DATA_FREE of EP1_CONF
_USB_PACKET_PENDING = 1 << 19  # the packet count of DIEPTSIZ2
_REGISTERS = {0x60043004: USB_JTAG, 0x6000F004: USB_JTAG, 0x60080950: TINYUSB}


class Console:
    """The console of `chip`; `send` takes the bytes that reach the other end."""

    def __init__(self, chip: "Chip", send: "Callable[[bytes], None]") -> None:
        self._chip = chip
        self._send = send
        self._kind = chip.facts["console"]
        self._waiting = b""  # in a USB FIFO, not yet read by the other end
        self._uart_empty_us = 0  # when the UART's FIFO will be empty
        self._terminal_connected = False  # what USB-Serial/JTAG believes
        self._typed = bytearray()  # stdin's ring
        self._held_back = bytearray()  # by USB, while the ring is full
        self.usb_up = True  # from 1.27 on, TinyUSB starts after boot.py
        self.interrupt_character = CTRL_C

    def start(self) -> None:
        """Start anew, as a reset does."""
        self._waiting = b""
        self._typed = bytearray()
        self._held_back = bytearray()
        self._terminal_connected = False
        self.interrupt_character = CTRL_C
        self.usb_up = self._kind != TINYUSB or self._chip.version < (1, 27)

    # --- output -------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Write as `sys.stdout.buffer` does: it takes as long as it takes, and may lose some."""
        if self._kind == UART:
            self._write_uart(data)
        elif self._kind == TINYUSB:
            for start in range(0, len(data), _USB_PACKET_BYTES):
                self._write_usb(data[start : start + _USB_PACKET_BYTES])
        else:
            for start in range(0, len(data), _USB_PACKET_BYTES):
                if not self._write_jtag(data[start : start + _USB_PACKET_BYTES]):
                    break

    def register(self, address: int) -> int:
        """Return the console's registers as `machine.mem32` reads them; 0 for all others."""
        kind = _REGISTERS.get(address)
        if kind != self._kind:
            return 0
        self._drain()
        if kind == USB_JTAG:
            return 0 if self._waiting else _JTAG_WRITABLE
        return _USB_PACKET_PENDING if self._waiting else 0

    def _state(self) -> int:
        return self._chip.plant.console.state(self._chip.now_us)

    def _drain(self) -> None:
        """Let the other end read what waits, if it reads."""
        if self._waiting and self._state() == reader.READS:
            self._send(self._waiting)
            self._waiting = b""

    def _write_uart(self, data: bytes) -> None:
        chip = self._chip
        backlog_us = max(0, self._uart_empty_us - chip.now_us)
        excess_us = backlog_us + (len(data) - _UART_FIFO_BYTES) * _UART_BYTE_US
        if excess_us > 0:
            chip.advance(excess_us, True)
        self._uart_empty_us = max(self._uart_empty_us, chip.now_us) + len(data) * _UART_BYTE_US
        if self._state() == reader.READS:
            self._send(data)

    def _write_usb(self, data: bytes) -> None:
        if not self.usb_up:
            return
        self._drain()
        chip = self._chip
        if self._state() == reader.READS:
            self._send(data)
            return
        if self._state() == reader.CLOSED:
            if chip.version == (1, 26, 0) and len(self._waiting) >= _USB_FIFO_BYTES:
                chip.advance(_FOREVER_US)  # never returns in this version
            self._waiting = (self._waiting + data)[-_USB_FIFO_BYTES:]
            return
        until_us = chip.now_us + _USB_WAIT_US
        while len(self._waiting) + len(data) > _USB_FIFO_BYTES and chip.now_us < until_us:
            chip.advance(_POLL_US)
            self._drain()
        self._waiting = (self._waiting + data)[:_USB_FIFO_BYTES]
        self._drain()

    def _write_jtag(self, data: bytes) -> bool:
        """Write one packet; return whether it was taken."""
        self._drain()
        chip = self._chip
        if self._waiting and self._terminal_connected:
            until_us = chip.now_us + _JTAG_WAIT_US
            chip.busy = True
            while self._waiting and chip.now_us < until_us:
                chip.advance(_POLL_US, True)
                self._drain()
            chip.end_busy()
        self._terminal_connected = not self._waiting
        if self._waiting:
            return False
        self._waiting = data
        self._drain()
        return True

    # --- input --------------------------------------------------------------------------

    def type(self, data: bytes) -> None:
        """Type `data`; a Ctrl-C interrupts the program as soon as the chip sees it."""
        self._held_back += data
        self._take_typed()

    def readable(self) -> bool:
        """Return whether a read would not wait."""
        self._take_typed()
        return len(self._typed) > 0

    def read(self, count: int) -> bytes:
        """Return up to `count` bytes that were typed; wait for the first."""
        while not self.readable():
            self._chip.advance(_POLL_US)
        data = bytes(self._typed[:count])
        self._typed = bytearray(self._typed[count:])
        return data

    def _take_typed(self) -> None:
        """Move what was typed into the ring, as far as there is room.

        A UART looks at every byte and drops what finds no room; USB holds it back, and a Ctrl-C
        in it is seen late.
        """
        while self._held_back:
            byte = self._held_back[0]
            full = len(self._typed) >= STDIN_BYTES
            if full and self._kind != UART:
                return
            self._held_back = bytearray(self._held_back[1:])
            if byte == self.interrupt_character:
                self._chip.interrupt()
            elif not full:
                self._typed.append(byte)
