"""Connect the board to the hal, the hal to the core, and start the loop."""

from board import BOARD

from massager import VERSION, loop
from massager.boot import board_rules
from massager.core.controller import Controller
from massager.core.signals import BUTTON_DOWN, Inputs, Outputs, Settings
from massager.hal.chip import chip_name
from massager.hal.console import Console
from massager.hal.esp32 import Hal, reset_name
from massager.hal.nvs import NvsStore
from massager.storage import settings_store
from massager.storage.blackbox import BlackBox
from massager.storage.session_log import SessionLog
from massager.storage.settings_store import SettingsStore
from massager.telemetry import Telemetry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from massager.startup import Startup


def run(start: "Startup") -> None:
    """Run until something ends it; every output is safe then, whatever the reason."""
    board_rules.require(BOARD, chip_name())
    hal = start.hal = Hal(BOARD)
    try:
        if hal.is_held(BUTTON_DOWN):
            print(start.SERVICE)
            return
        settings = Settings()
        store = NvsStore()
        storage = SettingsStore(store, settings, SessionLog(store), settings_store.USED)
        settings_store.forget_unless_wired(settings, BOARD["wiring_id"])
        hal.order_chambers(settings.chamber_order)
        controller = Controller(BOARD, settings)
        blackbox = BlackBox()
        ready = "ready massager %s board %s reset %s" % (VERSION, BOARD["name"], reset_name())
        print(ready)
        for note in storage.notes:
            print(note)
        hal.arm_watchdog()
        try:
            console = Console(BOARD["chip"])
            telemetry = Telemetry(console, ready.encode() + b"\n")
            loop.run(hal, controller, console, telemetry, storage, blackbox, Inputs(), Outputs())
        except BaseException as error:
            start.end_safely()
            code = controller.end(isinstance(error, Exception))  # not by Ctrl-C
            storage.keep(controller.status)
            blackbox.keep(code)
            raise
    finally:
        start.end_safely()
