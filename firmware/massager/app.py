"""Wires the board to the hal, the hal to the core, and starts the loop."""

import sys

from board import BOARD

from massager import VERSION, board_rules, calibration, loop
from massager.blackbox import BlackBox
from massager.core.controller import Controller
from massager.core.safety.faults import PROGRAM_ERROR
from massager.core.safety.supervisor import FAULT
from massager.core.signals import BUTTON_DOWN, Inputs, Outputs, Settings
from massager.hal.esp32 import Hal, Store, reset_name
from massager.hal.reset import chip_name
from massager.journal import Journal
from massager.memory import Memory
from massager.telemetry import Telemetry


def run(start):
    """Run until something ends it; every output is safe then, whatever it was."""
    board_rules.require(BOARD, chip_name())
    hal = start.hal = Hal(BOARD)
    try:
        if hal.is_held(BUTTON_DOWN):
            print(start.SERVICE)
            return
        settings = Settings()
        store = Store()
        memory = Memory(store, settings, Journal(store))
        calibration.recall(settings, BOARD["wiring_id"])
        hal.order_chambers(settings.chamber_order)
        controller = Controller(BOARD, settings)
        blackbox = BlackBox()
        print("ready massager", VERSION, "board", BOARD["name"], "reset", reset_name())
        for note in memory.notes:
            print(note)
        hal.arm_watchdog()
        try:
            telemetry = Telemetry(sys.stdout.buffer)
            loop.run(hal, controller, telemetry, memory, blackbox, Inputs(), Outputs())
        except BaseException as error:
            start.end_safely()
            faults = controller.faults
            state = controller.state
            if isinstance(error, Exception):  # a mistake, not Ctrl-C
                faults.system.latch(PROGRAM_ERROR)
                state = FAULT
            controller.dialogue.end(state, 0, faults.system.code)
            memory.keep(controller)
            blackbox.keep(faults.system.code)
            raise
    finally:
        start.end_safely()
