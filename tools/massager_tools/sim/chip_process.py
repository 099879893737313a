"""One virtual chip in an interpreter of its own: the entry point of both virtual boards.

    micropython -X heapsize=2m chip_process.py CONFIG.json        (host.VirtualMassager)
    micropython -X heapsize=8m -i chip_process.py CONFIG.json      (serial.board.SerialBoard)

With "realtime" false the chip runs as fast as it can, through all its resets, and reports
rows and events on standard output (`fast_board.py`). With "realtime" true it runs one boot
at the pace of the clock, with the terminal as its serial line; boot.py and main.py run in
this namespace, and then the interpreter's own prompt (-i) takes over
(`serial/boot_environment.py`).
"""

import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _start(config_path: str, namespace: "dict[str, Any]") -> None:
    with open(config_path) as file:
        config = json.load(file)
    folder = __file__.replace("\\", "/").rsplit("/", 1)[0]
    tools = folder + "/../.."
    sys.path.insert(0, tools)
    if config["realtime"]:
        from massager_tools.sim.serial import boot_environment

        for name in ("json", "sys", "_start"):
            del namespace[name]
        boot_environment.run(config, namespace)
    else:
        from massager_tools.sim import fast_board

        sys.path.remove(tools)  # the flash comes first on the path, and alone
        fast_board.run(config, folder)


_start(sys.argv[1], globals())
