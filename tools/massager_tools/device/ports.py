"""Find and open serial ports; every form of address that mpremote takes is accepted."""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from pathlib import Path

import serial
from serial.tools import list_ports

from massager_tools.errors import Failure, UsageError

BAUD = 115_200
_SILICON_LABS = 0x10C4  # USB vendor of the CP210x
_SHORTCUTS = {"a": "/dev/ttyACM", "u": "/dev/ttyUSB", "c": "COM"}  # as in mpremote
_NONE = (
    "no serial port with a board on it: plug the board in, with a USB cable that carries "
    "data; on Linux see that you are in the group `dialout`, on Windows that the driver of "
    "the USB chip (CP210x, CH340) is there; or name it with --port"
)


def usb_ports() -> list[str]:
    """Return the ports with a USB device, each with its description."""
    return [
        f"{port.device} ({port.description})"
        for port in sorted(list_ports.comports())
        if port.vid is not None
    ]


def find_port(asked: str | None, instead: str = "") -> str:
    """Return the port in the form that both pyserial and mpremote understand.

    Raise UsageError with the candidates if there are several, and with what to try if there is
    none; `instead` names an alternative that needs no board.
    """
    if asked is None or asked == "auto":
        found = usb_ports()
        if not found:
            raise UsageError(_NONE + (f"; or give {instead}" if instead else ""))
        if len(found) > 1:
            raise UsageError(f"several boards: choose with --port one of {', '.join(found)}")
        return found[0].split(" ")[0]
    if asked.startswith("id:"):
        for port in list_ports.comports():
            if port.serial_number == asked[3:]:
                return str(port.device)
        raise UsageError(f"no device with serial number {asked[3:]}; see mpremote connect list")
    shortcut = re.fullmatch(r"([auc])([0-3])", asked)
    if shortcut:
        return _SHORTCUTS[shortcut[1]] + shortcut[2]
    return asked.removeprefix("port:")


def open_port(port: str, timeout_s: float = 0.2) -> serial.Serial:
    """Open a port for reading with a time-out. Raise Failure if that is not possible.

    Opening must not reset the chip: on its boards RTS pulls EN and DTR pulls GPIO 0. The
    CP210x driver of Windows sets the two at different times, so there both are cleared before
    and set after opening, as mpremote does. Elsewhere pyserial sets them together.
    """
    try:
        line = serial.serial_for_url(port, do_not_open=True, baudrate=BAUD, timeout=timeout_s)
        if _sets_lines_apart(port):
            line.dtr = False
            line.rts = False
            line.open()
            line.dtr = True
            line.rts = True
        else:
            line.open()
        return line
    except (serial.SerialException, OSError, ValueError) as error:
        raise Failure(f"cannot open {port}: {_reason(port, error)}") from None


def close_port(line: serial.Serial) -> None:
    """Close a port; RTS first, because Windows would clear DTR first, which is a reset."""
    with suppress(serial.SerialException, OSError, ValueError):
        line.rts = False
        line.dtr = False
    line.close()


def _sets_lines_apart(port: str) -> bool:
    """Return whether the port has a CP210x under Windows."""
    return os.name == "nt" and any(
        found.device == port and found.vid == _SILICON_LABS for found in list_ports.comports()
    )


def _reason(port: str, error: Exception) -> str:
    if "://" in port:
        return f"{_cause(error)}; is the far end on, and the address right?"
    if getattr(error, "errno", None) == errno.ENOENT or "FileNotFound" in str(error):
        return "it is not there; is the board plugged in?"
    if (Path(port).exists() and not Path(port).is_char_device()) or "ioctl" in str(error):
        return "it is no serial port; leave --port out, and the board is found"
    if "exclusively" in str(error) or "busy" in str(error).lower():
        return "another program has it open; close monitors and terminals"
    if "Permission" in str(error) or "denied" in str(error):
        return "no permission; on Linux join the group `dialout`, or another program has it open"
    return str(error).splitlines()[0]


def _cause(error: Exception) -> str:
    """Return the end of a library's message: the cause, without place and number."""
    return str(error).splitlines()[0].rpartition("] ")[2]
