"""Calls that the real port refuses are refused here, and those it takes do the same."""

from pathlib import Path

import pytest

from host_tests.sim.flashed import PINS, run
from massager_tools.sim.chip_facts import chip_facts

IMPORTS = "import esp32, machine, time\nfrom machine import ADC, PWM, Pin, Timer, WDT\n"

REFUSED = [
    # an input-only pin, a flash pin, one that does not exist
    ("Pin(34, Pin.OUT)", "ValueError"),
    ("Pin(34, Pin.OUT, value=0)", "ValueError"),
    ("PWM(34, freq=1000, duty_u16=0)", "ValueError"),
    ("Pin(6)", "ValueError"),
    ("Pin(24)", "ValueError"),
    ("Pin('pump')", "ValueError"),
    # arguments that the port does not know
    ("Pin(18, Pin.OUT, level=0)", "TypeError"),
    ("Pin(18, Pin.OUT, None, 0)", "TypeError"),
    ("Pin(18).high()", "AttributeError"),
    ("Pin(18).mode()", "AttributeError"),
    ("PWM(18, frequency=1000)", "TypeError"),
    ("PWM(18, 1000, 0)", "TypeError"),
    ("PWM(18, freq=0, duty_u16=0)", "ValueError"),
    ("PWM(18, freq=1000, duty_u16=65_536)", "ValueError"),
    ("PWM(18, freq=1000, duty_u16=0).duty_u16(-1)", "ValueError"),
    ("PWM(18, freq=1000, duty=1024)", "ValueError"),
    ("PWM(18, freq=1000, duty_u16=0).duty_percent(3)", "AttributeError"),
    ("p = PWM(18, freq=1000, duty_u16=0); p.deinit(); p.duty_u16(9)", "RuntimeError"),
    (
        "[PWM(n, freq=1000 + n, duty_u16=0) for n in (4, 5, 12, 13, 14, 15, 16, 17, 18)]",
        "RuntimeError",
    ),
    # an ADC where there is none
    ("ADC(18)", "ValueError"),
    ("ADC(Pin(5))", "ValueError"),
    ("ADC(36, ADC.ATTN_6DB)", "TypeError"),
    ("ADC(36, attenuation=2)", "TypeError"),
    ("ADC(36).read_mv()", "AttributeError"),
    # timers and the watchdog
    ("Timer()", "TypeError"),
    ("Timer(4)", "ValueError"),
    ("Timer(0, period=10, hard=True)", "ValueError"),
    ("Timer(0).init(10)", "TypeError"),
    ("WDT(timeout=0)", "ValueError"),
    ("WDT(1)", "ValueError"),
    ("WDT().deinit()", "AttributeError"),
    ("WDT().stop()", "AttributeError"),
    ("machine.freq(100)", "ValueError"),
    # the flash store
    ("esp32.NVS('a').get_i32('missing')", "OSError"),
    ("esp32.NVS('a').get_blob('missing', bytearray(4))", "OSError"),
    ("esp32.NVS('a').erase_key('missing')", "OSError"),
    ("esp32.NVS('a').set_i32('sixteen_letters_', 1)", "OSError"),
    ("esp32.NVS('sixteen_letters_')", "OSError"),
    ("esp32.NVS('a').set_i32('k', 1 << 31)", "OverflowError"),
    ("esp32.NVS('a').set_i32('k', 1.5)", "TypeError"),
    ("esp32.NVS('a').set_u8('k', 1)", "AttributeError"),
    ("esp32.NVS('a').get_str('k')", "AttributeError"),
    ("n = esp32.NVS('a'); n.set_blob('k', b'12'); n.get_i32('k')", "OSError"),
    ("n = esp32.NVS('a'); n.set_blob('k', b'123'); n.get_blob('k', bytearray(2))", "OSError"),
    # pulse counters
    ("esp32.PCNT(8)", "ValueError"),
    ("esp32.PCNT(0, rising=esp32.PCNT.INCREMENT)", "ValueError"),
    ("esp32.PCNT(0, pin=16, edge=1)", "TypeError"),
    ("esp32.PCNT(0, pin=16, filter=2000)", "ValueError"),
    ("esp32.PCNT(0, pin=16, value=5)", "ValueError"),
    ("esp32.PCNT(0, mode_pin=16)", "ValueError"),
    ("esp32.PCNT(0, pin=16, mode_low=3)", "ValueError"),
    # the clock
    ("time.sleep(-1)", "ValueError"),
    ("time.ticks_add(0, 1 << 29)", "OverflowError"),
    ("time.monotonic()", "AttributeError"),
]


def test_what_the_port_refuses(tmp_path: Path, on_cpython: bool) -> None:
    lines = [f"check({text!r})" for text, _ in REFUSED]
    main = IMPORTS + (
        "def check(text):\n"
        "    try:\n"
        "        exec(text, globals())\n"
        "    except Exception as error:\n"
        "        print(type(error).__name__, '|', text)\n"
        "    else:\n"
        "        print('nothing |', text)\n"
    )

    done = run(tmp_path, main + "\n".join(lines), on_cpython=on_cpython)

    assert done.serial == [f"{error} | {text}" for text, error in REFUSED]


ANSWERS = [
    ("Pin(18, Pin.OUT, value=1).value()", "1"),
    ("Pin(18, Pin.OUT, value=1)()", "1"),
    ("Pin(Pin(18)).value()", "1"),
    ("Pin(4, Pin.IN, Pin.PULL_UP).value()", "0"),  # heater_sense drives it
    ("Pin(5, Pin.IN, Pin.PULL_UP).value()", "1"),
    ("Pin(5, Pin.IN, Pin.PULL_DOWN).value()", "0"),
    ("PWM(5, freq=1000, duty_u16=16_384).duty()", "256"),
    ("PWM(5, freq=1000, duty_ns=250_000).duty_u16()", "16384"),
    ("PWM(5, 2000).freq()", "2000"),
    ("len(machine.unique_id())", "6"),
    ("machine.freq(240_000_000)", "None"),
    ("machine.freq()", "240000000"),
    ("time.ticks_diff(5, (1 << 30) - 5)", "10"),
    ("time.ticks_add((1 << 30) - 5, 10)", "5"),
    ("esp32.NVS('a').set_i32('k', -5)", "None"),
    ("esp32.NVS('a').get_i32('k')", "-5"),
]


def test_what_the_port_answers(tmp_path: Path, on_cpython: bool) -> None:
    main = IMPORTS + "\n".join(f"print({text})" for text, _ in ANSWERS)

    done = run(tmp_path, main, on_cpython=on_cpython)

    assert done.serial == [answer for _, answer in ANSWERS]


def test_an_input_without_pull_reads_anything(tmp_path: Path, on_cpython: bool) -> None:
    button = PINS["button_up"]
    main = (
        f"from machine import Pin\npin = Pin({button}, Pin.IN)\n"
        "print(len(set([pin.value() for _ in range(40)])))\n"
        "pin = Pin(34, Pin.IN, Pin.PULL_UP)\n"  # no pulls there: the call is ignored
        "print(len(set([pin.value() for _ in range(40)])))\n"
        f"pin = Pin({button}, Pin.IN, Pin.PULL_UP)\n"
        "print(set([pin.value() for _ in range(40)]))"
    )

    assert run(tmp_path, main, on_cpython=on_cpython).serial == ["2", "2", "{1}"]


CHIPS = [
    # chip, ADC pin, not an ADC pin, timers, has PCNT
    ("esp32", 36, 18, 4, True),
    ("esp32s3", 1, 21, 4, True),
    ("esp32c3", 0, 6, 2, False),
    ("esp32c6", 0, 7, 2, True),
]


@pytest.mark.parametrize(("chip", "adc", "no_adc", "timers", "pcnt"), CHIPS)
def test_each_chip_has_its_own_pins(
    tmp_path: Path, chip: str, adc: int, no_adc: int, timers: int, pcnt: bool
) -> None:
    board = {"chip": chip, "roles": {}, "ntc": {"ohm_at_25c": 10_000, "beta_k": 3_950}}
    main = f"""
import esp32
from machine import ADC, Timer
ADC({adc})
Timer({timers - 1})
for call in (lambda: ADC({no_adc}), lambda: Timer({timers})):
    try:
        call()
    except ValueError:
        print("refused")
print(hasattr(esp32, "PCNT"))
"""

    done = run(tmp_path, main, board=board, on_cpython=True)

    assert done.serial == ["refused", "refused", str(pcnt)]


@pytest.mark.parametrize("chip", ["esp32", "esp32s3", "esp32c3", "esp32c6"])
def test_adc_ranges_are_in_order(chip: str) -> None:
    for floor_mv, top_mv, full_mv, error_mv in chip_facts(chip)["adc_ranges"]:
        assert 0 <= floor_mv < top_mv <= full_mv
        assert 0 < error_mv < 100
