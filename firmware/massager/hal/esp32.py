"""The ESP32 behind the core: read pins into `Inputs`, put `Outputs` onto pins.

On this chip PWM keeps running through exceptions, hangs and resets, so every output is a
lease: what `apply` has not renewed for LEASE_TICKS goes safe by a timer of its own.
"""

import time

import machine
from machine import ADC, PWM, WDT, Pin, Timer
from micropython import const
from neopixel import NeoPixel

from massager.core import limits, schedule, signals
from massager.core.signals import Inputs, Outputs
from massager.hal.tach import Tach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SWITCH_ROLES = ("heater_enable", "exhaust", "lamp", "heartbeat")
_CHAMBER_ROLES = ("chamber_1", "chamber_2", "chamber_3", "chamber_4")
_PWM_ROLES = ("heater_pwm", "pump", "motor")
_BUTTON_ROLES = (
    ("button_power", signals.BUTTON_POWER),
    ("button_up", signals.BUTTON_UP),
    ("button_down", signals.BUTTON_DOWN),
    ("button_program", signals.BUTTON_PROGRAM),
    ("button_heat", signals.BUTTON_HEAT),
)
_ATTENUATIONS = {0: ADC.ATTN_0DB, 2.5: ADC.ATTN_2_5DB, 6: ADC.ATTN_6DB, 11: ADC.ATTN_11DB}
_DUTY_FULL = const(65_535)
_FULL_SPEED_HZ = {"esp32": 240_000_000, "esp32s3": 240_000_000}  # generic builds start slower
_SLOWER_FULL_SPEED_HZ = const(160_000_000)  # C3 and C6
_NOT_CALIBRATED = const(-258)  # ESP_ERR_INVALID_ARG: an early ESP32 without these fuses
_NO_FUSES = (
    "no ADC calibration in the fuses of this chip, it cannot measure;"
    " take a module made since 2018"
)
_REFRESH = const(10)  # looks at the stick between two writes of what it shows already: a second
_LEASE_MS = limits.TICK_MS * limits.LEASE_TICKS
_PROMPT_MS = const(600_000)  # at the prompt after Ctrl-C, outputs off; then the chip restarts
_RESET_NAMES = {
    machine.PWRON_RESET: "power_on",
    machine.HARD_RESET: "reset",
    machine.WDT_RESET: "watchdog",
    machine.DEEPSLEEP_RESET: "deep_sleep",
    machine.SOFT_RESET: "soft_reset",
}


class Hal:
    """The pins of one board. ValueError where the chip refuses a pin."""

    def __init__(self, board: "dict[str, Any]") -> None:
        machine.freq(_FULL_SPEED_HZ.get(board["chip"], _SLOWER_FULL_SPEED_HZ))
        roles = board["roles"]
        self._roles = roles
        self._switches = {role: self._output(role) for role in _SWITCH_ROLES if role in roles}
        self._chambers = [self._output(role) for role in _CHAMBER_ROLES if role in roles]
        self._pwms = {role: self._pwm(role) for role in _PWM_ROLES if role in roles}
        self._pad_a = self._adc("pad_temp_a")
        self._pad_b = self._adc("pad_temp_b")
        self._pressure = self._adc("pressure")
        self._supply = self._adc("supply") if "supply" in roles else None
        self._rail = self._adc("rail") if "rail" in roles else None
        self._sense = None
        if "heater_sense" in roles:
            self._sense = Pin(roles["heater_sense"]["pin"], Pin.IN)
        self._tach = None
        if "tach" in roles:
            pin = Pin(roles["tach"]["pin"], Pin.IN, Pin.PULL_UP)
            self._tach = Tach(pin, board["tach_pulses_per_turn"])
        self._buttons: list[tuple[Pin, int, int]] = [
            (Pin(roles[role]["pin"], Pin.IN, Pin.PULL_UP), roles[role]["active"], bit)
            for role, bit in _BUTTON_ROLES
            if role in roles
        ]
        self._stick = None
        if "pixels" in roles:
            self._stick = NeoPixel(self._output("pixels")[0], roles["pixels"]["count"])
        self._shown = bytearray(24)
        self._unsent = 0  # looks at the stick since it was last written
        self._watchdog: WDT | None = None
        self._beat = 0
        self._leased = False
        self._renewed_ms = time.ticks_ms()
        self._lease_timer = Timer(0)
        self._lease_timer.init(
            mode=Timer.PERIODIC, period=limits.TICK_MS, callback=self._check_lease
        )

    def read(self, inputs: Inputs) -> None:
        """Fill `inputs` (all but `late_ms`, which the loop fills).

        A button is pressed where both its looks say so, before and after the converter's
        reads: noise that closes a contact for one of them is none.
        """
        buttons = self._pressed()
        inputs.pad_a_uv = _read_uv(self._pad_a)
        inputs.pad_b_uv = _read_uv(self._pad_b)
        inputs.pressure_uv = _read_uv(self._pressure)
        if self._supply is not None:
            inputs.supply_uv = _read_uv(self._supply)
        if self._rail is not None:
            inputs.rail_uv = _read_uv(self._rail)
        if self._sense is not None:
            inputs.heater_sense = self._sense.value()
        if self._tach is not None:
            self._tach.read(inputs)
        inputs.buttons = buttons & self._pressed()

    def _pressed(self) -> int:
        """Return the BUTTON_* bits of the contacts that are closed at this moment."""
        pressed = 0
        for pin, active, bit in self._buttons:
            if pin.value() == active:
                pressed |= bit
        return pressed

    def apply(self, outputs: Outputs, tick: int) -> None:
        """Put `outputs` onto the pins and renew every lease; `tick` is one of schedule.py."""
        self._renewed_ms = time.ticks_ms()
        self._leased = True
        self._switch("heater_enable", outputs.heater_enable)
        self._duty("heater_pwm", outputs.heater_permille)
        self._duty("pump", outputs.pump_permille)
        self._duty("motor", outputs.motor_permille)
        chambers = outputs.chambers
        for pin, safe in self._chambers:
            pin.value(safe ^ (chambers & 1))
            chambers >>= 1
        self._switch("exhaust", outputs.exhaust)
        self._switch("lamp", outputs.lamp)
        if tick == schedule.PIXELS:
            self._show(outputs.pixels)

    def feed(self) -> None:
        """Feed the watchdog and toggle the heartbeat pin, after a complete tick."""
        if self._watchdog is not None:
            self._watchdog.feed()
        self._beat ^= 1
        self._switch("heartbeat", bool(self._beat))

    def arm_watchdog(self) -> None:
        """Arm the watchdog, for good: from here on a loop that hangs resets the chip."""
        self._watchdog = WDT(timeout=limits.WATCHDOG_MS)

    def relax_watchdog(self) -> None:
        """Give a person at the prompt time. It cannot be stopped, but its time-out can change."""
        if self._watchdog is not None:
            self._watchdog = WDT(timeout=_PROMPT_MS)

    def safe(self) -> None:
        """Take every output to its safe level at the pad itself, away from PWM, for good.

        Twice, because giving a PWM channel back may let go of its pad again.
        """
        self._lease_timer.deinit()
        self._drive_safe()
        for pwm, _ in self._pwms.values():
            pwm.deinit()
        self._drive_safe()

    def _drive_safe(self) -> None:
        for role in self._roles:
            if "safe" in self._roles[role]:
                Pin(self._roles[role]["pin"], Pin.OUT, value=self._roles[role]["safe"])

    def order_chambers(self, order: int) -> None:
        """Put the valves into the order, ankle first, that bring-up found (see Settings)."""
        digits: list[int] = []
        while order:
            digits.insert(0, order % 10 - 1)
            order //= 10
        if sorted(digits) == list(range(len(self._chambers))):
            self._chambers = [self._chambers[digit] for digit in digits]

    def is_held(self, button: int) -> bool:
        """Return whether a button (BUTTON_* bit) is down at this moment, not debounced."""
        for pin, active, bit in self._buttons:
            if bit == button:
                return pin.value() == active
        return False

    def _check_lease(self, _timer: Timer) -> None:
        if self._leased and time.ticks_diff(time.ticks_ms(), self._renewed_ms) > _LEASE_MS:
            self._leased = False
            self._switch("heater_enable", False)
            for role in _PWM_ROLES:
                self._duty(role, 0)
            for pin, safe in self._chambers:
                pin.value(safe)
            self._switch("exhaust", False)

    def _output(self, role: str) -> "tuple[Pin, int]":
        data = self._roles[role]
        return Pin(data["pin"], Pin.OUT, value=data["safe"]), data["safe"]

    def _pwm(self, role: str) -> "tuple[PWM, int]":
        pin, safe = self._output(role)
        duty = _DUTY_FULL if safe else 0
        return PWM(pin, freq=self._roles[role]["pwm_hz"], duty_u16=duty), safe

    def _adc(self, role: str) -> ADC:
        data = self._roles[role]
        adc = ADC(Pin(data["pin"]), atten=_ATTENUATIONS[data["attenuation_db"]])
        try:
            adc.read_uv()
        except OSError as error:
            if error.args[0] == _NOT_CALIBRATED:
                raise RuntimeError(_NO_FUSES) from error
        return adc

    def _switch(self, role: str, on: bool) -> None:
        if role in self._switches:
            pin, safe = self._switches[role]
            pin.value(safe ^ 1 if on else safe)

    def _duty(self, role: str, permille: int) -> None:
        if role in self._pwms:
            pwm, safe = self._pwms[role]
            duty = permille * _DUTY_FULL // 1000
            pwm.duty_u16(_DUTY_FULL - duty if safe else duty)

    def _show(self, pixels: bytearray) -> None:
        """Write the stick where it changes, and once a second: noise may have got into it."""
        self._unsent += 1
        if self._stick is not None and (pixels != self._shown or self._unsent >= _REFRESH):
            self._unsent = 0
            shown = self._shown
            buffer = self._stick.buf
            for index in range(len(shown)):
                shown[index] = pixels[index]
                buffer[index] = pixels[index]
            self._stick.write()


def _read_uv(adc: ADC) -> int:
    """Return a reading; 0, which no sensor gives, where the converter failed."""
    try:
        return adc.read_uv()
    except OSError:
        return 0


def reset_name() -> str:
    """Return why the chip started, in a word; power-on and brown-out read the same."""
    return _RESET_NAMES.get(machine.reset_cause(), "unknown")
