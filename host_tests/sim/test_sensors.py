"""What the pins read of the plant: thermistors, pressure, supply, sense, and the ADC's errors."""

from pathlib import Path
from typing import Any

import pytest

from host_tests.sim.flashed import BOARD, PINS, Run, at, run
from massager_tools.boards import ntc_table
from massager_tools.sim.model import parameters

READ = """
import time
from machine import ADC, PWM, Pin
{setup}
adc = ADC({pin}, atten={attenuation})
time.sleep_ms({wait_ms})
readings = [adc.read_uv() for _ in range(200)]
print(sum(readings) // 200, min(readings), max(readings))
"""


def read(
    tmp_path: Path,
    role: str,
    attenuation: int,
    *,
    setup: str = "",
    wait_ms: int = 300,
    board: dict[str, Any] = BOARD,
    **options: Any,
) -> tuple[int, int, int]:
    """Mean, least and greatest reading at the role's pin, in microvolts."""
    pin = board["roles"][role]["pin"]
    main = READ.format(pin=pin, attenuation=attenuation, setup=setup, wait_ms=wait_ms)
    done = run(tmp_path, main, on_cpython=True, board=board, **options)
    mean, least, greatest = map(int, done.serial[0].split())
    return mean, least, greatest


def test_a_thermistor_reads_the_temperature_of_its_bead(tmp_path: Path) -> None:
    mean_uv, least_uv, greatest_uv = read(tmp_path, "pad_temp_a", 2)

    expected_uv = ntc_table.pin_uv(BOARD["ntc"], parameters.nominal()["heat"]["ambient_c"])
    assert mean_uv == pytest.approx(expected_uv, abs=2_000)
    assert 3_000 < greatest_uv - least_uv < 30_000  # noise


def test_a_thermistor_of_table_points(tmp_path: Path) -> None:
    points = ((0, 32_650), (25, 10_000), (40, 5_325), (60, 2_488), (100, 680))
    ntc = {"points": points, "pull_up_ohm": 24_000, "rail_mv": 3_300}

    mean_uv, _, _ = read(tmp_path, "pad_temp_a", 2, board={**BOARD, "ntc": ntc})

    assert mean_uv == pytest.approx(ntc_table.pin_uv(ntc, 23.0), abs=2_000)


def one_error(section: str, name: str, value: Any) -> parameters.Parameters:
    plant = parameters.nominal()
    plant[section][name] = value
    return plant


ERRORS = [
    # what is off, and by how many millivolts the mean reading of thermistor A moves
    ("adc", "offset_error", 0.5, 20.0),  # half of the calibrated ± 40 mV
    ("adc", "gain_error", 0.5, 11.2),  # the other half, at 982 of 1750 mV
    ("adc", "rail_error", 0.02, 20.2),
    ("heat", "ntc_ohm_error", [0.01, 0.0], 6.6),
    ("heat", "ntc_beta_error", [0.01, 0.0], 0.6),
]


@pytest.mark.parametrize(("section", "name", "value", "moved_mv"), ERRORS)
def test_errors_of_the_measuring_chain(
    tmp_path: Path, section: str, name: str, value: Any, moved_mv: float
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    right_uv, _, _ = read(tmp_path / "a", "pad_temp_a", 2)
    off_uv, _, _ = read(tmp_path / "b", "pad_temp_a", 2, plant=one_error(section, name, value))

    assert (off_uv - right_uv) / 1000 == pytest.approx(moved_mv, abs=1.5)


FAULTS = [
    # fault, role, attenuation, least and greatest reading in mV
    ("ntc_a_open", "pad_temp_a", 2, 2_200, 2_200),  # the converter is full
    ("ntc_a_short", "pad_temp_a", 2, 105, 105),  # and an ESP32 sees nothing below this
    ("ntc_b_open", "pad_temp_a", 2, 900, 1_100),
    ("ntc_b_open", "pad_temp_b", 2, 2_200, 2_200),
    ("pressure_open", "pressure", 3, 142, 142),
    ("pressure_short", "pressure", 3, 3_150, 3_150),
    ("brown_out", "supply", 3, 1_200, 1_260),
]


@pytest.mark.parametrize(("fault", "role", "attenuation", "low_mv", "high_mv"), FAULTS)
def test_a_broken_sensor_reads_out_of_range(
    tmp_path: Path, fault: str, role: str, attenuation: int, low_mv: int, high_mv: int
) -> None:
    events = [{"at_ms": 0, "do": "fault", "name": fault, "on": True}]

    _, least_uv, greatest_uv = read(tmp_path, role, attenuation, events=events)

    assert low_mv * 1000 <= least_uv <= greatest_uv <= high_mv * 1000


def test_a_fault_that_ends_leaves_no_trace(tmp_path: Path) -> None:
    events = [
        {"at_ms": 0, "do": "fault", "name": "ntc_a_open", "on": True},
        {"at_ms": 400, "do": "fault", "name": "ntc_a_open", "on": False},
    ]

    mean_uv, _, _ = read(tmp_path, "pad_temp_a", 2, wait_ms=500, events=events)

    assert mean_uv == pytest.approx(ntc_table.pin_uv(BOARD["ntc"], 23.0), abs=2_000)


def test_pressure_and_supply(tmp_path: Path) -> None:
    setup = f"Pin({PINS['chamber_1']}, Pin.OUT, value=1); Pin({PINS['pump']}, Pin.OUT, value=1)"
    for folder in "ab":
        (tmp_path / folder).mkdir()

    mean_uv, _, _ = read(tmp_path / "a", "pressure", 3, setup=setup, wait_ms=14_000)
    supply_uv, _, _ = read(tmp_path / "b", "supply", 3)

    # by then the chamber is full and stretched: some 18 mmHg on top of the zero of 250 mV
    assert 250_000 + 150_000 < mean_uv < 250_000 + 350_000
    assert supply_uv == pytest.approx(12_100 * 130, abs=3_000)


SENSE = [
    # heater_enable, heater_pwm (duty), faults, what heater_sense reads
    (0, 0.0, (), 0),
    (1, 0.0, (), 1),
    (1, 1.0, (), 0),
    (0, 1.0, (), 0),
    (0, 0.0, ("high_side_welded",), 1),
    (0, 1.0, ("high_side_welded",), 0),
    (1, 0.0, ("low_side_welded",), 0),
    (1, 0.0, ("pad_open",), 0),
]


@pytest.mark.parametrize(("enable", "duty", "faults", "level"), SENSE)
def test_heater_sense(
    tmp_path: Path, enable: int, duty: float, faults: tuple[str, ...], level: int
) -> None:
    main = f"""
import time
from machine import PWM, Pin
Pin({PINS["heater_enable"]}, Pin.OUT, value={enable})
PWM({PINS["heater_pwm"]}, freq=100, duty_u16={round(65_535 * duty)})
time.sleep_ms(50)
print(Pin({PINS["heater_sense"]}, Pin.IN).value())
"""
    events = [{"at_ms": 0, "do": "fault", "name": name, "on": True} for name in faults]

    assert run(tmp_path, main, on_cpython=True, events=events).serial == [str(level)]


def test_heater_sense_follows_the_pulses_of_pwm(tmp_path: Path) -> None:
    main = f"""
import time
from machine import PWM, Pin
Pin({PINS["heater_enable"]}, Pin.OUT, value=1)
PWM({PINS["heater_pwm"]}, freq=100, duty_u16=16_384)
sense = Pin({PINS["heater_sense"]}, Pin.IN)
live = 0
for _ in range(1000):
    time.sleep_us(170)
    live += sense.value()
print(live)
"""

    done = run(tmp_path, main, on_cpython=True)

    assert int(done.serial[0]) == pytest.approx(750, abs=20)


def test_pixels(tmp_path: Path, on_cpython: bool) -> None:
    main = f"""
import time
from machine import Pin
from neopixel import NeoPixel
stick = NeoPixel(Pin({PINS["pixels"]}), 3)
stick[0] = (1, 2, 3)
stick[2] = (255, 0, 16)
start = time.ticks_us()
stick.write()
print(stick[2], len(stick), stick.buf[0], time.ticks_us() - start)
time.sleep_ms(200)
"""

    done = run(tmp_path, main, on_cpython=on_cpython)

    assert done.serial == ["(255, 0, 16) 3 2 90"]
    assert done.rows[-1]["pixels"] == "02010300000000ff10"


# --- wiring -----------------------------------------------------------------------------


def drive(tmp_path: Path, pin: int, board: dict[str, Any], **options: Any) -> Run:
    main = f"import time\nfrom machine import Pin\nPin({pin}, Pin.OUT, value=1)\ntime.sleep(1)"
    return run(tmp_path, main, on_cpython=True, board=board, **options)


def test_a_wrong_pin_map_moves_the_wrong_thing(tmp_path: Path) -> None:
    roles = {**BOARD["roles"]}
    roles["pump"], roles["motor"] = roles["motor"], roles["pump"]
    soldered = {**BOARD, "roles": roles}

    done = drive(tmp_path, PINS["pump"], BOARD, wiring=soldered)

    assert done.rows[-1]["pump_duty_permille"] == 0
    assert done.rows[-1]["motor_duty_permille"] == 1000


def test_an_active_low_output_is_energised_by_a_low_level(tmp_path: Path) -> None:
    roles = {**BOARD["roles"], "chamber_2": {"pin": PINS["chamber_2"], "safe": 1}}
    main = f"""
import time
from machine import Pin
time.sleep_ms(200)
pin = Pin({PINS["chamber_2"]}, Pin.OUT, value=1)
time.sleep_ms(200)
pin.value(0)
time.sleep_ms(200)
"""

    done = run(tmp_path, main, on_cpython=True, board={**BOARD, "roles": roles})

    assert [at(done.rows, t_ms)["valves"] for t_ms in (500, 700, 900)] == [0, 0, 2]
    assert not done.result.outputs_safe


def test_a_pulse_between_two_rows_is_seen(tmp_path: Path) -> None:
    main = f"""
import time
from machine import Pin
time.sleep_ms(20)
pin = Pin({PINS["motor"]}, Pin.OUT, value=1)
time.sleep_ms(5)
pin.value(0)
time.sleep_ms(300)
"""

    done = run(tmp_path, main, on_cpython=True)

    assert [row["energised"] for row in done.rows] == [0, 0, 0, 0, 8, 0, 0]
    assert done.rows[4]["motor_duty_permille"] == 0 < done.rows[4]["motor_max_rpm"]


POWER_ROWS: tuple = (
    # name, fault, the column that shows what it draws
    ("a pump whose switch conducts", "pump_stuck_on", "pump_mw"),
    ("a motor whose switch conducts", "motor_switch_shorted", "motor_mw"),
)


def test_power(row: tuple, tmp_path: Path) -> None:
    """What is drawn shows, whatever the outputs ask for."""
    _, fault, column = row
    events = [{"at_ms": 1_000, "do": "fault", "name": fault, "on": True}]

    done = run(tmp_path, "import time\ntime.sleep(2)\n", on_cpython=True, events=events)

    assert at(done.rows, 900)[column] == 0 < at(done.rows, 2_000)[column]
    assert not any(row["energised"] for row in done.rows)


def test_a_pad_is_as_warm_as_an_event_makes_it(tmp_path: Path) -> None:
    events = [{"at_ms": 0, "do": "warm", "pad_mc": 43_000}]

    done = run(tmp_path, "import time\ntime.sleep(1)\n", on_cpython=True, events=events)

    assert at(done.rows, 100)["pad_mc"] == pytest.approx(43_000, abs=100)


def test_a_write_that_the_flash_did_not_take_is_counted(tmp_path: Path) -> None:
    main = """
import time
import esp32
time.sleep_ms(300)
store = esp32.NVS("massager")
for write in (lambda: store.set_i32("a", 1), lambda: open("b", "w")):
    try:
        write()
    except OSError:
        pass
time.sleep_ms(300)
"""
    events = [{"at_ms": 100, "do": "fault", "name": "flash_fails", "on": True}]

    done = run(tmp_path, main, on_cpython=True, events=events)

    assert done.rows[0]["failed_writes"] == 0 and done.rows[-1]["failed_writes"] == 2


def test_peaks_start_anew_with_every_row(tmp_path: Path) -> None:
    main = f"""
import time
from machine import Pin
outputs = [Pin(n, Pin.OUT, value=1) for n in ({PINS["motor"]}, {PINS["pump"]})]
time.sleep(2)
for pin in outputs:
    pin.value(0)
time.sleep(20)
"""

    done = run(tmp_path, main, on_cpython=True)

    running, resting = at(done.rows, 2_300), done.rows[-1]
    assert running["motor_max_rpm"] > 2_000 and running["manifold_max_pa"] > 7_000
    assert resting["motor_max_rpm"] == 0 and resting["manifold_max_pa"] < 100
    for row in done.rows:
        assert row["motor_max_rpm"] >= row["motor_rpm"]
        assert row["manifold_max_pa"] >= row["manifold_pa"]
        assert row["pad_max_mc"] >= row["pad_mc"]


def test_heartbeat_gates_the_high_side_switch(tmp_path: Path) -> None:
    roles = {**BOARD["roles"], "heartbeat": {"pin": 5, "safe": 0}}
    main = f"""
import time
from machine import Pin
Pin({PINS["heater_enable"]}, Pin.OUT, value=1)
beat = Pin(5, Pin.OUT, value=0)
for _ in range(50):
    beat.toggle()
    time.sleep_ms(10)
time.sleep_ms(500)
"""

    done = run(tmp_path, main, on_cpython=True, board={**BOARD, "roles": roles})

    assert at(done.rows, 800)["heater_enable"] == 1
    assert done.rows[-1]["heater_enable"] == 0
