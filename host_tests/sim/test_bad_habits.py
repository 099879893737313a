"""What real chips and wires get wrong, each as a fault of the stand-in that a program sees."""

from pathlib import Path
from typing import Any

import pytest

from host_tests.sim.flashed import BOARD, PINS, run
from massager_tools.errors import UsageError
from massager_tools.sim.chip_facts import chip_facts
from massager_tools.sim.host import VirtualMassager

READ_200 = """
import time
from machine import ADC
time.sleep_ms(300)
adc = ADC({pin}, atten=ADC.ATTN_6DB)
seen = []
for _ in range(200):
    try:
        seen.append(adc.read_uv())
    except OSError as error:
        seen.append(error.args[0])
middle = sorted(seen)[100]
print(len([uv for uv in seen if abs(uv - middle) > 100_000]), min(seen), max(seen))
""".replace("{{", "{").replace("}}", "}")


def fault(name: str, at_ms: int = 0, **more: Any) -> dict[str, Any]:
    return {"at_ms": at_ms, "do": "fault", "name": name, "on": True, **more}


def readings(tmp_path: Path, role: str, name: str, **options: Any) -> tuple[int, int, int]:
    """How many of 200 readings are far off, the least and the greatest."""
    main = READ_200.format(pin=PINS[role])
    done = run(tmp_path, main, on_cpython=True, events=[fault(name)], **options)
    far, least, greatest = map(int, done.serial[0].split())
    return far, least, greatest


SPIKES_ROWS = [
    # fault, role, least and greatest count of 200 samples, the value of a spike in µV
    ("ntc_a_spikes_high", "pad_temp_a", 2_200_000),
    ("ntc_b_spikes_high", "pad_temp_b", 2_200_000),
    ("ntc_a_spikes_low", "pad_temp_a", 105_000),
    ("pressure_spikes_high", "pressure", 2_200_000),
    ("adc_failing", "pad_temp_a", 116),
]


@pytest.mark.parametrize(("name", "role", "spike"), SPIKES_ROWS)
def test_spikes_are_single_samples(tmp_path: Path, name: str, role: str, spike: int) -> None:
    far, least, greatest = readings(tmp_path, role, name)

    assert 1 <= far <= 30
    assert spike in (least, greatest)


def test_the_other_thermistor_has_no_spikes(tmp_path: Path) -> None:
    assert readings(tmp_path, "pad_temp_b", "ntc_a_spikes_high")[0] == 0


UNCALIBRATED_ROWS = [
    # version, how many of 200 reads raise -258
    ("1.23.0", 0),
    ("1.24.0", 200),
    ("1.29.0", 200),
]


@pytest.mark.parametrize(("version", "count"), UNCALIBRATED_ROWS)
def test_a_chip_without_fuses_refuses_to_calibrate(
    tmp_path: Path, version: str, count: int
) -> None:
    _, least, greatest = readings(tmp_path, "pad_temp_a", "adc_uncalibrated", version=version)

    assert [least, greatest].count(-258) == (2 if count else 0)


def test_failed_reads_are_0_in_older_versions(tmp_path: Path) -> None:
    assert readings(tmp_path, "pad_temp_a", "adc_failing", version="1.27.0")[1] == 0


def test_the_lowest_top_clips_an_open_wire(tmp_path: Path) -> None:
    events = [fault("ntc_a_open"), fault("adc_low_top")]
    main = READ_200.format(pin=PINS["pad_temp_a"])

    done = run(tmp_path, main, on_cpython=True, events=events)

    assert done.serial[0].split()[2] == "1750000"


NVS_ROWS = [
    # fault, what the program does with the store, what it says
    ("nvs_broken", "esp32.NVS('x')", "-4353"),
    ("nvs_full", "esp32.NVS('x').set_i32('a', 1)", "-4357"),
    ("flash_fails", "esp32.NVS('x').set_i32('a', 1)", "-259"),
]


@pytest.mark.parametrize(("name", "code", "says"), NVS_ROWS)
def test_the_flash_store_fails(
    tmp_path: Path, name: str, code: str, says: str, on_cpython: bool
) -> None:
    main = f"import esp32\ntry:\n    {code}\nexcept OSError as error:\n    print(error.args[0])"

    done = run(tmp_path, main, on_cpython=on_cpython, events=[fault(name)])

    assert done.serial == [says]


def test_a_slow_store_stalls_the_chip(tmp_path: Path) -> None:
    main = """
import esp32, time
store = esp32.NVS("x")
store.set_i32("a", 1)
start = time.ticks_ms()
store.commit()
print(time.ticks_diff(time.ticks_ms(), start))
"""

    done = run(tmp_path, main, on_cpython=True, events=[fault("nvs_slow")])

    assert done.serial == ["330"]


def test_a_wiped_store_finds_nothing(tmp_path: Path) -> None:
    main = """
import esp32, time
time.sleep(2)
try:
    print(esp32.NVS("x").get_i32("a"))
except OSError as error:
    print(error.args[0])
"""
    events = [{"at_ms": 1_000, "do": "nvs_wipe"}]

    done = run(tmp_path, main, on_cpython=True, events=events, nvs={"x": {"a": 7}})

    assert done.serial == ["-4354"]


def test_a_panic_reads_as_a_hard_reset(tmp_path: Path, on_cpython: bool) -> None:
    main = "import machine, time\nprint(machine.reset_cause())\ntime.sleep(2)"
    events = [{"at_ms": 1_000, "do": "panic"}]

    done = run(tmp_path, main, on_cpython=on_cpython, events=events)

    assert done.serial == ["1", "2"]


PIXELS = f"""
import time
from machine import Pin
from neopixel import NeoPixel
stick = NeoPixel(Pin({PINS["pixels"]}, Pin.OUT), 2)
for _ in range({{frames}}):
    stick.fill((1, 2, 3))
    stick.write()
    time.sleep_ms(100)
time.sleep_ms(1_000)
"""
SENT = "020103020103"


def test_noise_on_the_data_line_stays_on_the_stick(tmp_path: Path) -> None:
    events = [{"at_ms": 1_000, "do": "pixel_noise"}]

    done = run(tmp_path, PIXELS.format(frames=1), on_cpython=True, events=events)

    assert done.rows[9]["pixels"] == SENT
    assert done.rows[-1]["pixels"] not in (SENT, "")


def test_some_frames_are_garbled(tmp_path: Path) -> None:
    done = run(
        tmp_path, PIXELS.format(frames=40), on_cpython=True, events=[fault("pixels_spoilt")]
    )

    right = [row["pixels"] == SENT for row in done.rows if row["pixels"]]
    assert 0.5 < sum(right) / len(right) < 1.0


COUNT_EDGES = f"""
import time
from machine import Pin, PWM
falls = [0]
def on_fall(_pin):
    falls[0] += 1
Pin({PINS["tach"]}, Pin.IN).irq(on_fall, Pin.IRQ_FALLING)
PWM({PINS["motor"]}, freq=20_000, duty_u16={{duty}})
time.sleep(4)
before = falls[0]
time.sleep(1)
print(falls[0] - before)
"""


def falls(tmp_path: Path, duty: int, *events: dict[str, Any]) -> int:
    """Falling edges seen in a second."""
    done = run(tmp_path, COUNT_EDGES.format(duty=duty), on_cpython=True, events=events)
    return int(done.serial[0])


def test_slow_edges_count_twice(tmp_path: Path) -> None:
    true = falls(tmp_path, 30_000)

    assert falls(tmp_path, 30_000, fault("tach_slow_edges", value=1.0)) == pytest.approx(
        2 * true, abs=2
    )
    assert falls(tmp_path, 30_000, fault("tach_slow_edges")) == pytest.approx(1.5 * true, rel=0.35)


def test_noise_on_the_tach_needs_no_motor(tmp_path: Path) -> None:
    assert falls(tmp_path, 0) == 0
    assert falls(tmp_path, 0, fault("tach_noise")) == pytest.approx(500, abs=15)


def test_an_induced_press_lasts_one_look(tmp_path: Path) -> None:
    main = f"""
import time
from machine import Pin
pin = Pin({PINS["button_power"]}, Pin.IN, Pin.PULL_UP)
lows = doubles = 0
for _ in range(300):
    time.sleep_ms(10)
    if pin.value() == 0:
        lows += 1
        doubles += pin.value() == 0
print(lows, doubles)
"""

    done = run(tmp_path, main, on_cpython=True, events=[fault("button_power_induced")])

    assert done.serial == ["3 0"]


PWM_ROWS = [
    # chip, version, frequency, whether it is refused
    ("esp32s3", "1.24.1", 20_000, True),
    ("esp32s3", "1.25.0", 20_000, False),
    ("esp32", "1.24.1", 20_000, False),
    ("esp32c3", "1.24.0", 1_000, False),
]


@pytest.mark.parametrize(("chip", "version", "freq_hz", "refused"), PWM_ROWS)
def test_pwm_frequencies_by_version(
    tmp_path: Path, chip: str, version: str, freq_hz: int, refused: bool
) -> None:
    board = {**BOARD, "chip": chip, "roles": {"motor": {"pin": 4, "safe": 0}}}
    main = f"""
from machine import PWM
try:
    PWM(4, freq={freq_hz}, duty_u16=0)
    print("taken")
except ValueError as error:
    print("refused")
"""

    done = run(tmp_path, main, on_cpython=True, board=board, version=version, nvs={})

    assert done.serial == ["refused" if refused else "taken"]


NAME_ROWS = [
    ("esp32s3", "1.28.0", "Generic ESP32S3 module with ESP32S3"),
    ("esp32s3", "1.29.0", "Generic ESP32S3 module with ESP32-S3"),
    ("esp32", "1.29.0", "Generic ESP32 module with ESP32"),
]


@pytest.mark.parametrize(("chip", "version", "machine"), NAME_ROWS)
def test_the_name_of_the_chip_by_version(chip: str, version: str, machine: str) -> None:
    assert chip_facts(chip, version)["machine"] == machine


VERSION_ROWS = [
    ("1.22.0", "knows MicroPython 1.23 to 1.29"),
    ("1.30", "knows MicroPython 1.23 to 1.29"),
    ("newest", "is no version of MicroPython"),
]


@pytest.mark.parametrize(("version", "message"), VERSION_ROWS)
def test_a_version_that_makes_no_sense(version: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        VirtualMassager(BOARD, version=version)
