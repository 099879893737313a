"""What the device does by itself: short drives, one output at a time, safe at every end."""

import pytest

from massager_tools.boards import load_board
from massager_tools.bringup.bench import IMPORT, Bench
from massager_tools.bringup.virtual import VirtualBench
from massager_tools.errors import Failure
from massager_tools.sim.model import parameters

pytestmark = pytest.mark.micropython

HEAT = {"heater_enable": True, "heater_permille": 600}
SLICE_MS = 2_000
LOOKS_MS = 1_000  # before and after the drive
WATCHDOG_MS = 1_200
BOOT_MS = 500  # PWM outlives a reset until boot.py takes the pads

REFUSED_ROWS = (
    # what is asked, what the device says
    ("ms=2001, heater_enable=True", "too long"),
    ("ms=2001, motor_permille=100", "too long"),
    ("ms=6001, chambers=1", "too long"),
    ("ms=100, heater_enable=True, heater_permille=601", "too much heat"),
    ("ms=100, motor_permille=401", "too fast"),
    ("ms=100, motor_permille=100, pump_permille=1000", "one kind of output"),
    ("ms=100, heater_permille=100, chambers=1", "one kind of output"),
    ("ms=100, light=True, exhaust=True", "one kind of output"),
)


def test_refused(row: tuple[str, str]) -> None:
    asked, said = row
    with VirtualBench(load_board("esp32s3_devkitc1")) as device:
        with Bench(device), pytest.raises(Failure, match=said):
            device.execute(f"{IMPORT}bringup.drive({asked})")
        assert not any(row["energised"] for row in device.history)


END_ROWS: tuple[tuple[str, dict[str, object] | None, int | None], ...] = (
    # what happens in the middle of a drive, how long something may be on after it
    ("nothing more comes from the tool", None, None),
    ("Ctrl-C", {"do": "ctrl_c"}, 100),
    ("power is cut", {"do": "power_cut", "for_ms": 200}, 100),
    ("the reset button is pressed", {"do": "reset_pin"}, BOOT_MS),
    ("the chip hangs", {"do": "fault", "name": "chip_hangs", "on": True}, WATCHDOG_MS + BOOT_MS),
)
MENDED = {"do": "fault", "name": "chip_hangs", "on": False}
DRIVES = (
    "ms=2000, heater_enable=True, heater_permille=600",
    "ms=2000, motor_permille=400",
    "ms=6000, chambers=1, pump_permille=1000",
)


@pytest.mark.parametrize("drive", DRIVES)
def test_end(row: tuple[str, dict[str, object] | None, int | None], drive: str) -> None:
    _, event, after_ms = row
    with VirtualBench(load_board("esp32_devkitc")) as device, Bench(device):
        massager = device.massager
        begun_ms = device.history[-1]["t_ms"]
        code = f"{IMPORT}bringup.drive({drive})"
        happens = [] if event is None else [{**event, "at_ms": begun_ms + LOOKS_MS}]
        massager.send(
            {"do": "exec", "code": code},
            *happens,
            # a chip that has been reset is sound again
            {**MENDED, "at_ms": begun_ms + LOOKS_MS + 500},
            {"do": "stop", "at_ms": begun_ms + 12_000},
        )
        rows = list(massager.rows())
    driven = [row["t_ms"] - begun_ms for row in rows if row["energised"]]
    assert driven  # or it would prove nothing
    if after_ms is None:
        after_ms = 6_000 if "chambers" in drive else SLICE_MS
    assert max(driven) <= LOOKS_MS + after_ms
    assert massager.result is not None and massager.result.outputs_safe


def test_a_drive_ends_on_a_pad_that_is_warm() -> None:
    plant = parameters.nominal()
    plant["heat"]["ambient_c"] = 36.0
    with VirtualBench(load_board("esp32_devkitc"), plant=plant) as device, Bench(device) as bench:
        for _ in range(30):
            seen = bench.drive(SLICE_MS, **HEAT)
        assert seen.ended == "warm"
        assert max(row["pad_max_mc"] for row in device.history) < 40_000


def test_a_drive_ends_without_a_thermistor() -> None:
    with (
        VirtualBench(load_board("esp32_devkitc"), faults=("ntc_a_open",)) as device,
        Bench(device) as bench,
    ):
        seen = bench.drive(SLICE_MS, **HEAT)
        assert seen.ended == "no thermistor" and seen.driven_ms == 0


def test_a_device_without_this_firmware_is_named() -> None:
    class Stranger:
        def execute(self, code: str) -> str:
            return "hello"

    with pytest.raises(Failure, match="massager flash"):
        Bench(Stranger()).describe()
