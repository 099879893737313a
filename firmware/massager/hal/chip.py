"""Which chip this is, and why it started."""

import sys

import machine

_CHIPS = ("esp32s3", "esp32c3", "esp32c6", "esp32")  # the plain name is part of the others


def was_watchdog() -> bool:
    """Whether the watchdog bit."""
    return machine.reset_cause() == machine.WDT_RESET


def chip_name() -> "str | None":
    """As boards call it, or None where the interpreter does not say."""
    name = getattr(sys.implementation, "_machine", "").lower().replace("-", "")
    for chip in _CHIPS:
        if chip in name.replace("-", ""):  # from 1.29 on, "ESP32-S3"
            return chip
    return None
