"""Name of the chip, and the reason of its start."""

import sys

import machine

_CHIPS = ("esp32s3", "esp32c3", "esp32c6", "esp32")  # the plain name is part of the others


def was_ended() -> bool:
    """Return whether the watchdog, a crash or a command ended the last program.

    The chip does not say which of the latter two it was.
    """
    return machine.reset_cause() in (machine.WDT_RESET, machine.HARD_RESET)


def chip_name() -> "str | None":
    """Return the chip's name as in boards, or None where the interpreter does not report it."""
    name = getattr(sys.implementation, "_machine", "").lower().replace("-", "")
    for chip in _CHIPS:
        if chip in name:
            return chip
    return None
