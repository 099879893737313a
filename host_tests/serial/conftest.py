"""A virtual board on a port, with a firmware that is real in how it starts and small else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from host_tests.support.interpreter import FIRMWARE
from massager_tools.boards import load_board
from massager_tools.build import deploy
from massager_tools.sim.serial.board import SerialBoard

BOARD = "esp32_devkitc"
STARTING = (
    "boot.py",
    "main.py",
    "massager/__init__.py",
    "massager/startup.py",
    "massager/boot/integrity.py",
    "massager/boot/board_rules.py",
    "massager/hal/__init__.py",
    "massager/hal/nvs.py",
    "massager/hal/chip.py",
    "massager/hal/error_led.py",
)
APP = '''"""Heats, so that a cut shows, and prints that it runs."""

import time

from machine import PWM, WDT, Pin

from board import BOARD
from massager.boot import board_rules
from massager.hal.chip import chip_name


class Hal:
    def __init__(self):
        self.enable = Pin(BOARD["roles"]["heater_enable"]["pin"], Pin.OUT, value=1)
        self.pwm = PWM(Pin(BOARD["roles"]["heater_pwm"]["pin"]), freq=100, duty_u16=30_000)
        self.watchdog = WDT(timeout=3_000)

    def safe(self):
        self.enable.value(0)
        Pin(BOARD["roles"]["heater_pwm"]["pin"], Pin.OUT, value=0)

    def relax_watchdog(self):
        self.watchdog = WDT(timeout=600_000)


def run(start):
    board_rules.require(BOARD, chip_name())
    hal = start.hal = Hal()
    print("ready massager", "1.0", "board", BOARD["name"], "reset", "any")
    count = 0
    while True:
        time.sleep_ms(100)
        hal.watchdog.feed()
        count += 1
        print("t_ms:" + str(count * 100) + ",pad_a_mc:30000,pad_b_mc:30100,pressure_pa:0,fault:0")
'''


def small_firmware(folder: Path, app: str = APP, ahead: str = "") -> Path:
    """Firmware below `folder` that starts as the real one does and then runs `app`.

    With `ahead` before each source, every file becomes another one.
    """
    for name in STARTING:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(ahead + (FIRMWARE / name).read_text("utf-8"), encoding="utf-8")
    (folder / "massager" / "app.py").write_text(app, encoding="utf-8")
    return folder


def build(folder: Path, app: str = APP, ahead: str = "") -> Path:
    """The tree of the small firmware, in a folder of its own."""
    tree = folder / "tree"
    deploy.build(
        load_board(BOARD), tree, small_firmware(folder / "firmware", app, ahead), linked=True
    )
    return tree


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[SerialBoard]:
    """A board with nothing but the interpreter on it, at its prompt."""
    flash = tmp_path / "chip"
    flash.mkdir()
    with SerialBoard(load_board(BOARD), flash) as board:
        board.wait_for(">>> ")
        yield board


@pytest.fixture
def running(tmp_path: Path) -> Iterator[SerialBoard]:
    """A board on which the small firmware heats."""
    with SerialBoard(load_board(BOARD), build(tmp_path)) as board:
        board.wait_for("ready")
        yield board
