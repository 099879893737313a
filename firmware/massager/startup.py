"""Whether the firmware starts at all, and what is left of it when it ends.

It does not start where files are missing, where a tool asked for the prompt (SERVICE), or
where the watchdog keeps resetting it. When it fails, it stays failed: outputs off, the
reason printed and stored, a light that blinks, and no further reset until a person comes.
"""

import sys

import micropython

from massager.boot import integrity
from massager.hal.chip import was_watchdog
from massager.hal.nvs import BootFlags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from massager.hal.esp32 import Hal

_WATCHDOG_RESETS_MAX = 3  # in a row: whatever hangs will hang again
_BLINKS = 4  # the code of PROGRAM_ERROR in the fault table
_CTRL_C = 3
_NO_CTRL_C = -1


class Startup:
    """One start. `app.run` puts its `hal` here as soon as there is one."""

    SERVICE = "service: every output is off, no watchdog, the serial line is free"

    def __init__(self) -> None:
        self.hal: Hal | None = None
        self._notes = BootFlags()

    def run(self) -> None:
        """Start the firmware, unless something keeps it from starting."""
        if self._may_start():
            try:
                # imported here: a broken file ends like any other failure, printed and stored
                from massager import app

                app.run(self)
            except KeyboardInterrupt:
                self.end_safely()
                print("stopped by Ctrl-C: every output is off")
                if self.hal is not None:
                    self.hal.relax_watchdog()
            except Exception as error:
                self.end_safely()
                self._fail(error)
        micropython.kbd_intr(_CTRL_C)

    def end_safely(self) -> None:
        """Every output off. A second Ctrl-C waits until that is done."""
        micropython.kbd_intr(_NO_CTRL_C)
        if self.hal is not None:
            self.hal.safe()

    def _may_start(self) -> bool:
        wrong = integrity.first_wrong()
        if wrong:
            if wrong != integrity.MISSING:  # that, boot.py has printed
                print("firmware incomplete:", wrong + "; run massager flash again")
            return False
        notes = self._notes
        if notes.get("service"):
            notes.set("service", 0)
            notes.set("resets", 0)
            print(self.SERVICE)
            return False
        resets = notes.get("resets")
        if was_watchdog():
            resets += 1
            notes.set("resets", resets)
            if resets >= _WATCHDOG_RESETS_MAX:
                print("halted: the watchdog has reset the chip", resets, "times in a row;")
                print("outputs stay off until the power has been off. Last failure:")
                print(notes.text("failure") or "none was stored")
                self._show()
                return False
        elif resets:
            notes.set("resets", 0)
        return True

    def _fail(self, error: Exception) -> None:
        """Tell, keep and show; ends by Ctrl-C or power-off only."""
        failure = type(error).__name__ + ": " + str(error)
        self._notes.set_text("failure", failure)
        print("failed:", failure)
        sys.print_exception(error)
        self._show()

    def _show(self) -> None:
        """Blink until Ctrl-C, with the watchdog held off where it is armed."""
        from massager.hal.error_led import ErrorLed

        try:
            from board import BOARD

            beacon = ErrorLed(BOARD["roles"])
        except Exception as error:  # without its board there is no light to be found
            print("no light:", error)
            return
        micropython.kbd_intr(_CTRL_C)
        try:
            while True:
                if self.hal is not None:
                    self.hal.relax_watchdog()
                beacon.blink(_BLINKS)
        except KeyboardInterrupt:
            beacon.off()
