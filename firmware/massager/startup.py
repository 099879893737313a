"""Decide whether to start; on failure keep outputs off, store the error, blink.

It does not start where files are missing, where a tool asked for the prompt (SERVICE), or
where the watchdog or crashes keep resetting it. When it fails, it stays failed: outputs off,
the reason stored and a light that blinks, no further reset, and the reason printed again and
again, until a person comes: nobody may have had the port open when it failed.
"""

import sys
import time

import micropython

from massager.boot import integrity
from massager.hal.chip import was_ended
from massager.hal.nvs import BootFlags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from massager.hal.error_led import ErrorLed
    from massager.hal.esp32 import Hal

_RESETS_MAX = 3  # in a row: whatever hangs or crashes will do so again
_BLINKS = 4  # the code of PROGRAM_ERROR in the fault table
_AGAIN_MS = 2_000  # where no light blinks
_CTRL_C = 3
_NO_CTRL_C = -1


class Startup:
    """One start. `app.run` puts its `hal` here as soon as there is one."""

    SERVICE = "service: every output is off, no watchdog, the serial line is free"

    def __init__(self) -> None:
        self.hal: Hal | None = None
        self._notes: BootFlags | None = None  # where the flash store can be read

    def run(self) -> None:
        """Start the firmware, unless something keeps it from starting."""
        try:
            if self._may_start():
                # imported here: a broken file ends like any other failure, printed and stored
                from massager import app

                app.run(self)
        except KeyboardInterrupt:
            self.end_safely()
            print("\nstopped by Ctrl-C: every output is off")
            self._store("resets", 0)  # a person or a tool is there, who may reset the chip next
        except Exception as error:
            self.end_safely()
            failure = type(error).__name__ + ": " + str(error)
            self._store("failure", failure)
            sys.print_exception(error)
            self._halt("failed: " + failure)
        micropython.kbd_intr(_CTRL_C)

    def end_safely(self) -> None:
        """Make every output safe, relax the watchdog. A second Ctrl-C waits until that is done."""
        micropython.kbd_intr(_NO_CTRL_C)
        if self.hal is not None:
            self.hal.safe()
            self.hal.relax_watchdog()

    def _may_start(self) -> bool:
        notes = self._notes = BootFlags()
        if notes.get("service"):
            notes.set("service", 0)
            notes.set("resets", 0)
            print(self.SERVICE)
            return False
        wrong = integrity.first_wrong()
        if wrong:
            self._wait("firmware incomplete: " + wrong + "; run massager flash again", None)
            return False
        resets = notes.get("resets")
        if was_ended():
            resets += 1
            notes.set("resets", resets)
            if resets >= _RESETS_MAX:
                self._halt(
                    "halted: watchdog or crash has reset the chip %d times in a row; "
                    "outputs stay off until the power has been off. Last failure: %s"
                    % (resets, notes.text("failure") or "none was stored")
                )
                return False
        elif resets:
            notes.set("resets", 0)
        return True

    def _store(self, name: str, value: "int | str") -> None:
        """Store a note for the next start. Say so where that fails; nothing else depends on it."""
        try:
            if self._notes is not None:
                self._notes.set(name, value)
        except OSError as reason:
            print("not stored:", reason)

    def _halt(self, text: str) -> None:
        """Blink and print `text` until Ctrl-C or power-off."""
        light = None
        try:
            from board import BOARD

            from massager.hal.error_led import ErrorLed

            light = ErrorLed(BOARD["roles"])
        except Exception as error:  # without its board there is no light to be found
            print("no light:", error)
        self._wait(text, light)

    def _wait(self, text: str, light: "ErrorLed | None") -> None:
        micropython.kbd_intr(_CTRL_C)
        try:
            while True:
                print(text)
                if self.hal is not None:
                    self.hal.relax_watchdog()
                if light is None:
                    time.sleep_ms(_AGAIN_MS)
                else:
                    light.blink(_BLINKS)
        except KeyboardInterrupt:
            if light is not None:
                light.off()
