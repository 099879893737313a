"""A chip that cannot measure says so at its start, in words."""

from pathlib import Path

from host_tests.sim.flashed import run
from host_tests.support.interpreter import FIRMWARE
from massager_tools.boards import load_board

MAIN = """
import sys, machine
sys.path.insert(0, {firmware!r})
def read_uv(adc):
    raise OSError({number})
real, machine.ADC.read_uv = machine.ADC.read_uv, read_uv
from massager.hal.esp32 import Hal
try:
    Hal({board!r})
    print("measures")
except RuntimeError as error:
    print(error)
"""

MEASURES_ROWS = (
    ("no fuses", -258, "no ADC calibration in the fuses of this chip"),
    ("one read that fails", -263, "measures"),
)


def test_measures(row: tuple[str, int, str], tmp_path: Path) -> None:
    _, number, expected = row
    main = MAIN.format(firmware=str(FIRMWARE), board=load_board("esp32_devkitc"), number=number)
    done = run(tmp_path, main, on_cpython=True, until_ms=2_000)
    assert [line for line in done.serial if line.startswith(expected)], done.serial
