"""Builds chip, plant and wiring for one boot, and makes this interpreter look like the chip's.

Runs on MicroPython.
"""

import io
import os
import sys
from collections import namedtuple

import micropython
import vfs

from massager_tools.sim import chip as chip_module
from massager_tools.sim import wiring as wiring_module
from massager_tools.sim.model import plant as plant_module
from massager_tools.sim.serial import snapshot
from massager_tools.sim.serial.flash_files import FlashFiles
from massager_tools.sim.serial.realtime_chip import Host, PacedChip

_TO_HOST = 3
_FROM_HOST = 4
_VIRTUAL = __file__.rsplit("/", 2)[0]
_OWN = "massager_tools/sim/"
_CHIP_NAMES = {"esp32": "ESP32", "esp32s3": "ESP32S3", "esp32c3": "ESP32C3", "esp32c6": "ESP32C6"}
_ARCHITECTURES = {"esp32": 10, "esp32s3": 10}  # xtensawin; the others are …
_RISC_V = 11
_OS_NAMES = ("VfsFat", "VfsLfs2", "mount", "umount", "statvfs", "urandom", "chdir", "getcwd") + (
    "ilistdir",
    "listdir",
    "mkdir",
    "remove",
    "rename",
    "rmdir",
    "stat",
    "unlink",
)


class _Names:
    """A stand-in for a built-in module: some names of its own, the rest from the real one."""

    def __init__(self, real, allowed=None):
        self._real = real
        self._allowed = allowed

    def __getattr__(self, name):
        if self._allowed is not None and name not in self._allowed:
            raise AttributeError(name)
        return getattr(self._real, name)


def start(config):
    """The chip, powered, its boot ROM done: boot.py is next. `config` is what board.py wrote."""
    board = config["board"]
    parameters = config["plant"]
    host = Host(_TO_HOST, _FROM_HOST)
    plant = plant_module.Plant(
        parameters,
        wiring_module.chamber_count(board),
        "exhaust" in board["roles"],
        board.get("tach_pulses_per_turn", 1),
    )
    chip = PacedChip(config["chip"], plant, parameters["adc"], config["seed"])
    chip_module.install(chip)
    do = _doer(chip, plant)
    chip.connect(host, config["speed"], do)
    wiring = wiring_module.Wiring(
        board, plant, chip, config["ntc_line"], parameters["adc"]["rail_error"]
    )
    chip.attach(wiring, _NoRecorder())
    for pad in chip.pads.values():
        if pad.sink is not None:
            pad.sink = _told(pad.sink, chip)
    if config["kept"] is not None:
        snapshot.restore(chip, config["kept"])
        chip.restart_pace()
    for event in config["events"]:
        if event["at_ms"] * 1000 > chip.now_us:
            chip.add_alarm(event["at_ms"] * 1000, _once(do, event))
    _become_the_chip(config, chip)
    _power(chip, config["cause"], config["off_ms"])
    host.tell("booted", chip.reset_cause)
    return chip


def run(name, chip, namespace):
    """Run a file as the chip runs boot.py and main.py."""
    try:
        with open(name) as file:
            source = file.read()
    except OSError:
        return
    chip.tell_energised()
    try:
        exec(compile(source, name, "exec"), namespace)
    except SystemExit:
        chip.tell_state()
        chip.tell_unread()
        chip.end("soft_reset")
    except BaseException as error:
        chip.takes_ctrl_c = True
        text = io.StringIO()
        sys.print_exception(error, text)
        lines = [line for line in text.getvalue().split("\n") if line and _OWN not in line]
        print("\n".join(lines))


class _NoRecorder:
    def observe(self):
        """Nobody takes down what happens."""


def _told(sink, chip):
    def tell(drive):
        sink(drive)
        chip.tell_energised()

    return tell


def _once(do, event):
    def happen():
        do(event)

    return happen


def _doer(chip, plant):
    """What the host can ask for: see `board.SerialBoard.send`."""

    def do(event):
        what = event["do"]
        if what == "press":
            plant.buttons.press(event["button"])
        elif what == "release":
            plant.buttons.release(event["button"])
        elif what == "fault":
            plant.set_fault(event["name"], event["on"], event.get("value"))
        elif what == "leg":
            plant.set_leg(event["on"])
        elif what == "motor_load":
            plant.motor.extra_load_nm = event["nm"]
        chip.tell_state()

    return do


def _power(chip, cause, off_ms):
    """Whatever it was that started this boot."""
    if cause == chip_module.SOFT_RESET:
        chip.soft_start()
        return
    if off_ms:
        chip.plant.supply.connected = False
        chip.advance(off_ms * 1000)
        chip.plant.supply.connected = True
    chip.reset_cause = cause
    chip.start()


def _become_the_chip(config, chip):
    """From here on imports, files and names are the chip's."""
    sys.path.insert(0, _VIRTUAL + "/fake_modules")
    import time  # noqa: F401

    import esp32
    import machine  # noqa: F401
    import neopixel  # noqa: F401

    _tell_after_commit(esp32.NVS, chip)
    sys.modules["os"] = _os(config["chip_name"])
    sys.modules["micropython"] = _micropython(chip)
    sys.atexit(chip.leave)  # Ctrl-D at the prompt ends the interpreter
    vfs.umount("/")
    vfs.mount(FlashFiles(config["flash"]), "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib"]
    sys.modules["sys"] = _sys(config["chip_name"])


def _tell_after_commit(nvs, chip):
    commit = nvs.commit

    def told_commit(self):
        commit(self)
        chip.tell_state()

    nvs.commit = told_commit


def _machine_name(chip_name):
    return "Generic %s module with %s" % (_CHIP_NAMES[chip_name], _CHIP_NAMES[chip_name])


def _os(chip_name):
    names = _Names(os, _OS_NAMES)
    uname = namedtuple("uname", ("sysname", "nodename", "release", "version", "machine"))
    release = "%d.%d.%d" % sys.implementation.version[:3]
    names.uname = lambda: uname("esp32", "esp32", release, "v" + release, _machine_name(chip_name))
    return names


def _sys(chip_name):
    names = _Names(sys)
    real = sys.implementation
    fields = namedtuple("implementation", ("name", "version", "_machine", "_mpy", "_build"))
    mpy = real._mpy & 0x3FF | _ARCHITECTURES.get(chip_name, _RISC_V) << 10
    names.platform = "esp32"
    names.implementation = fields(
        real.name, real.version, _machine_name(chip_name), mpy, _CHIP_NAMES[chip_name]
    )
    return names


def _micropython(chip):
    names = _Names(micropython)

    def kbd_intr(character):
        chip.takes_ctrl_c = character == 3

    names.kbd_intr = kbd_intr
    return names
