"""One boot of the board on a port: makes this interpreter look like the chip's, and runs on it.

The terminal is the serial line; descriptors 3 and 4 lead to and from the host. The file
system is a folder; `machine`, `esp32`, `neopixel`, `time`, and the chip's side of `os`,
`sys` and `micropython`, are stand-ins. Runs on MicroPython.
"""

import io
import os
import sys
from collections import namedtuple

import micropython
import vfs

from massager_tools.sim import assembly, snapshot
from massager_tools.sim import chip as chip_module
from massager_tools.sim import console as console_module
from massager_tools.sim.serial.flash_files import FlashFiles
from massager_tools.sim.serial.realtime_chip import HostLink, RealtimeChip
from massager_tools.sim.streams import Output, Overlay

_TO_HOST = 3
_FROM_HOST = 4
_SIM = __file__.rsplit("/", 2)[0]
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


def run(config: dict, namespace: dict) -> None:
    """Boot, run boot.py, and main.py unless the line was left in raw mode; then the prompt.

    `config` is what `board.SerialBoard` wrote. The host ends the process when the chip
    resets or loses power.
    """
    host = HostLink(_TO_HOST, _FROM_HOST)
    try:
        board = PortBoard(config, host)
        for name in ("boot.py",) if config["raw"] else ("boot.py", "main.py"):
            board.run_file(name, namespace)
        board.chip.reach_prompt()
    except BaseException as error:  # of the simulator, not the firmware: the host has to know
        text = io.StringIO()
        sys.print_exception(error, text)
        host.send("broken", text.getvalue())
        raise


class PortBoard(assembly.Assembly):
    """The board of `config`, powered, its boot ROM done: boot.py is next."""

    def __init__(self, config: dict, host: HostLink) -> None:
        super().__init__(config, RealtimeChip)
        chip = self.chip
        chip.connect(host, config["speed"], self)
        chip.attach(self.wiring, _NoRecorder())
        chip.console = console_module.Console(chip, sys.stdout.buffer.write)
        for pad in chip.pads.values():
            if pad.sink is not None:
                pad.sink = _reported(pad.sink, chip)
        if config["state"] is not None:
            snapshot.restore(self, config["state"])
            chip.restart_pace()
        self.schedule_events()
        _become_the_chip(config, chip)
        self._power_on(config["cause"], config["off_ms"])
        host.send("booted", chip.reset_cause)

    def _power_on(self, cause: int, off_ms: int) -> None:
        """Pass through whatever started this boot."""
        chip = self.chip
        if cause == chip_module.SOFT_RESET:
            chip.soft_start()
            return
        if off_ms:
            self.plant.supply.connected = False
            chip.advance(off_ms * 1000)
            self.plant.supply.connected = True
        chip.reset_cause = cause
        chip.start()

    def do(self, event: dict) -> None:
        super().do(event)
        self.chip.report_state()

    def run_file(self, name: str, namespace: dict) -> None:
        """Run a file as the chip runs boot.py and main.py."""
        chip = self.chip
        chip.report_energised()
        try:
            if assembly.run_file(name, namespace):
                chip.takes_ctrl_c = True
        except SystemExit:
            chip.report_state()
            chip.report_unread()
            chip.end("soft_reset")


class _NoRecorder:
    def observe(self) -> None:
        """Do nothing: a board on a port records no rows."""


def _reported(sink, chip: RealtimeChip):
    """Return `sink` such that the host learns of every change."""

    def reporting_sink(drive):
        sink(drive)
        chip.report_energised()

    return reporting_sink


def _become_the_chip(config: dict, chip: RealtimeChip) -> None:
    """Make imports, files and names those of the chip from here on."""
    sys.path.insert(0, _SIM + "/fake_modules")
    import time  # noqa: F401

    import esp32
    import machine  # noqa: F401
    import neopixel  # noqa: F401

    _report_commits(esp32.NVS, chip)
    sys.modules["os"] = _os(chip)
    sys.modules["micropython"] = _micropython(chip)
    sys.atexit(chip.leave)  # Ctrl-D at the prompt ends the interpreter
    vfs.umount("/")
    vfs.mount(FlashFiles(config["flash"]), "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib"]
    sys.modules["sys"] = _sys(chip, config["chip_name"])


def _report_commits(nvs, chip: RealtimeChip) -> None:
    commit = nvs.commit

    def reported_commit(self):
        commit(self)
        chip.report_state()

    nvs.commit = reported_commit


def _os(chip: RealtimeChip) -> Overlay:
    names = Overlay(os, _OS_NAMES)
    uname = namedtuple("uname", ("sysname", "nodename", "release", "version", "machine"))
    release = "%d.%d.%d" % chip.version
    machine = chip.facts["machine"]
    names.uname = lambda: uname("esp32", "esp32", release, "v" + release, machine)
    return names


def _sys(chip: RealtimeChip, chip_name: str) -> Overlay:
    names = Overlay(sys)
    names.stdout = Output(chip.console)
    real = sys.implementation
    fields = namedtuple("implementation", ("name", "version", "_machine", "_mpy", "_build"))
    mpy = real._mpy & 0x3FF | _ARCHITECTURES.get(chip_name, _RISC_V) << 10
    names.platform = "esp32"
    names.implementation = fields(
        real.name, chip.version + ("",), chip.facts["machine"], mpy, chip.facts["build"]
    )
    return names


def _micropython(chip: RealtimeChip) -> Overlay:
    names = Overlay(micropython)

    def kbd_intr(character):
        chip.takes_ctrl_c = character == 3

    names.kbd_intr = kbd_intr
    return names
