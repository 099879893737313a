"""One boot of a virtual chip, from reset to MicroPython's own prompt.

    micropython -X heapsize=8m -i process.py CONFIG.json

The terminal is the serial line; descriptors 3 and 4 lead to and from the host, see
`paced.Host`. boot.py and main.py run as on the chip, then the interpreter's own prompt
(-i) takes the line, in the same namespace. The file system is a folder; `machine`,
`esp32`, `neopixel`, `time`, and the chip's side of `os`, `sys` and `micropython`, are
stand-ins. The host ends the process when the chip resets or loses power.
"""

import json
import sys


def _boot(config_path):
    """Build the machine, run boot.py, and main.py unless the line was left in raw mode."""
    with open(config_path) as file:
        config = json.load(file)
    sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/../../..")
    from massager_tools.sim.serial import boot_environment

    chip = boot_environment.start(config)
    namespace = globals()
    for name in ("json", "sys", "_boot"):
        del namespace[name]
    for name in ("boot.py",) if config["raw"] else ("boot.py", "main.py"):
        boot_environment.run(name, chip, namespace)
    chip.reach_prompt()


try:
    _boot(sys.argv[1])
except BaseException as error:  # ours, not the firmware's: the host has to know
    import io
    import json
    import sys

    text = io.StringIO()
    sys.print_exception(error, text)
    with open(3, "wb") as host:
        host.write(json.dumps(["broken", text.getvalue()]).encode() + b"\n")
    raise
