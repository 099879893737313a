"""MicroPython's `machine` of ports/esp32, on the virtual chip.

What is here takes the arguments and raises the errors of the real port (1.29). Left out,
because the firmware has no use for them: buses, UART, RTC, sleep modes, Signal, touch.
"""

from massager_tools.sim import chip as _chip
from massager_tools.sim.adc import Converter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_the_chip = _chip.current()

PWRON_RESET = _chip.PWRON_RESET
HARD_RESET = _chip.HARD_RESET
WDT_RESET = _chip.WDT_RESET
DEEPSLEEP_RESET = _chip.DEEPSLEEP_RESET
SOFT_RESET = _chip.SOFT_RESET

_UNSET: "Any" = object()
_OUTPUT = 2  # bit of a mode
_OPEN_DRAIN = 4


def _pad_of(pin: "Pin | int") -> _chip.Pad:
    """Return the pad of a Pin or a number. ValueError when there is none."""
    if isinstance(pin, Pin):
        return pin._pad
    pad = _the_chip.pads.get(pin) if isinstance(pin, int) else None
    if pad is None:
        raise ValueError("invalid pin")
    return pad


def _check_output(pad: _chip.Pad, message: str) -> None:
    if pad.number in _the_chip.facts["input_only"]:
        raise ValueError(message)


def _check_alive() -> None:
    """Raise what froze the chip, if it is frozen: it runs no program then."""
    frozen = _the_chip.frozen
    if frozen is not None:
        raise frozen


class Pin:
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = _chip.PULL_DOWN
    PULL_UP = _chip.PULL_UP
    IRQ_RISING = 1
    IRQ_FALLING = 2
    WAKE_LOW = 4
    WAKE_HIGH = 5
    DRIVE_0 = 0
    DRIVE_1 = 1
    DRIVE_2 = 2
    DRIVE_3 = 3

    def __init__(
        self,
        id: "Pin | int",
        mode: "int | None" = None,
        pull: "int | None" = -1,
        *,
        value: "Any" = _UNSET,
        drive: "Any" = _UNSET,
        hold: "Any" = _UNSET,
    ) -> None:
        self._pad = _pad_of(id)
        self._number = self._pad.number
        self._handler = None
        if not (mode is None and pull == -1 and value is _UNSET):
            self.init(mode, pull, value=value, drive=drive, hold=hold)

    def __repr__(self) -> str:
        return "Pin(%d)" % self._number

    def init(
        self,
        mode: "int | None" = None,
        pull: "int | None" = -1,
        *,
        value: "Any" = _UNSET,
        drive: "Any" = _UNSET,
        hold: "Any" = _UNSET,
    ) -> None:
        """Set up the pad. A mode takes it away from PWM; a value alone does not."""
        _check_alive()
        pad = self._pad
        if value is not _UNSET:
            pad.level = 1 if value else 0
        if mode is not None:
            if mode & _OUTPUT:
                _check_output(pad, "pin can only be input")
                pad.route = _chip.GPIO
                pad.open_drain = bool(mode & _OPEN_DRAIN)
            else:
                pad.route = _chip.INPUT
        if pull != -1 and self._number not in _the_chip.facts["input_only"]:
            pad.pull = 0 if pull is None else pull
        pad.update_sink()

    def value(self, x: "Any" = _UNSET) -> "Any":
        """Return the level; or set the output's, which a pad that PWM drives ignores."""
        pad = self._pad
        if x is _UNSET:
            return _the_chip.read(pad)
        level = 1 if x else 0
        if level != pad.level:
            _check_alive()
            pad.level = level
            if pad.route == _chip.GPIO:
                pad.update_sink()
        return None

    __call__ = value

    def on(self) -> None:
        """Set high."""
        self.value(1)

    def off(self) -> None:
        """Set low."""
        self.value(0)

    def toggle(self) -> None:
        """Set the other level."""
        self.value(1 - self._pad.level)

    def irq(
        self,
        handler: "Callable[[Pin], object] | None" = None,
        trigger: int = IRQ_RISING | IRQ_FALLING,
        wake: "int | None" = None,
    ) -> None:
        """Call `handler(pin)` softly on edges."""
        if handler is None:
            self._pad.irq = None
            return
        chip = _the_chip

        def on_edge(rising: bool) -> None:
            if trigger & (self.IRQ_RISING if rising else self.IRQ_FALLING):
                chip.call(handler, self)

        self._pad.irq = on_edge
        chip.watch(self._pad)


class PWM:
    """Left alone it runs at 5 kHz and 50 %, and it outlives the program."""

    def __init__(
        self,
        dest: Pin,
        freq: int = -1,
        *,
        duty: int = -1,
        duty_u16: int = -1,
        duty_ns: int = -1,
        invert: bool = False,
        lightsleep: bool = False,
    ) -> None:
        self._pad = _pad_of(dest)
        self._bits = 0  # resolution; 0: inactive
        self._freq_hz = 0
        self._duty = -1  # of 65536
        self._is_inverted = False
        _check_output(self._pad, "PWM not supported on Pin(%d)" % self._pad.number)
        self.init(freq, duty=duty, duty_u16=duty_u16, duty_ns=duty_ns, invert=invert)

    def init(
        self,
        freq: int = -1,
        *,
        duty: int = -1,
        duty_u16: int = -1,
        duty_ns: int = -1,
        invert: "Any" = _UNSET,
        lightsleep: bool = False,
    ) -> None:
        """Change what is given. Only a new channel or polarity routes the pad to PWM."""
        _check_alive()
        chip = _the_chip
        pad = self._pad
        number = pad.number
        if freq != -1:
            _check_frequency(freq)
        inverted = self._is_inverted if invert is _UNSET else bool(invert)
        if duty_u16 >= 0:
            self._duty = _duty(duty_u16, 65_535, "duty_u16 must be from 0 to 65536")
        elif duty_ns >= 0:
            known_hz = freq if freq != -1 else chip.pwm_freqs.get(number, 5_000)
            self._duty = min(65_536, duty_ns * known_hz * 65_536 // 1_000_000_000)
        elif duty >= 0:
            self._duty = _duty(duty, 1023, "duty must be from 0 to 1023") << 6
            self._duty = min(self._duty, 65_536)
        elif self._duty < 0:
            self._duty = 32_768
        if freq == -1:
            freq = chip.pwm_freqs.get(number, 5_000)
        _claim_channel(chip, number, freq)
        new = self._bits == 0 or inverted != self._is_inverted
        self._is_inverted = inverted
        self._freq_hz = freq
        self._bits = _resolution(freq, chip.facts["pwm_bits"])
        pad.freq_hz = freq
        if new:
            pad.route = _chip.LEDC
            pad.inverted = inverted
            pad.phase_us = chip.now_us
        self._apply()

    def _apply(self) -> None:
        _check_alive()
        bits = self._bits
        pad = self._pad
        pad.duty = (self._duty >> (16 - bits)) / (1 << bits)
        if pad.route == _chip.LEDC:
            pad.update_sink()

    def _check_active(self) -> None:
        if not self._bits:
            raise RuntimeError("PWM is inactive")

    def deinit(self) -> None:
        """Stop; the pad idles low, or high where inverted."""
        _check_alive()
        if self._bits:
            self._bits = 0
            self._duty = -1
            _the_chip.pwm_freqs.pop(self._pad.number, None)
            self._pad.duty = 0.0
            self._pad.update_sink()

    def freq(self, value: "int | None" = None) -> "Any":
        """Return the frequency in hertz; or set it."""
        self._check_active()
        if value is None:
            return self._freq_hz
        self.init(value)
        return None

    def duty_u16(self, value: "int | None" = None) -> "Any":
        """Return the duty, 0 … 65535; or set it."""
        if value is None:
            self._check_active()
            return min(65_535, self._duty)
        if not 0 <= value <= 65_535:
            raise ValueError("duty_u16 must be from 0 to 65536")
        if value == 65_535:
            value = 65_536
        if value != self._duty:
            self._check_active()
            self._duty = value
            self._apply()
        elif not self._bits:
            self._check_active()
        return None

    def duty(self, value: "int | None" = None) -> "Any":
        """Return the duty, 0 … 1023; or set it."""
        if value is None:
            return self.duty_u16() >> 6
        self._check_active()
        self._duty = min(65_536, _duty(value, 1023, "duty must be from 0 to 1023") << 6)
        self._apply()
        return None

    def duty_ns(self, value: "int | None" = None) -> "Any":
        """Return the pulse length in nanoseconds; or set it."""
        self._check_active()
        if value is None:
            return self._duty * 1_000_000_000 // (65_536 * self._freq_hz)
        if not 0 <= value <= 1_000_000_000 // self._freq_hz:
            raise ValueError("duty_ns must be from 0 to %d ns" % (1_000_000_000 // self._freq_hz))
        self._duty = min(65_536, value * self._freq_hz * 65_536 // 1_000_000_000)
        self._apply()
        return None


def _duty(value: int, highest: int, message: str) -> int:
    """Return `value`; the highest stands for one more: always on."""
    if not 0 <= value <= highest:
        raise ValueError(message)
    return highest + 1 if value == highest else value


def _check_frequency(freq_hz: int) -> None:
    max_hz = _the_chip.facts["pwm_max_hz"]
    if not 0 < freq_hz <= max_hz:
        raise ValueError("frequency must be from 1Hz to %dHz" % max_hz)


def _resolution(freq_hz: int, timer_bits: int) -> int:
    """Return the bits of duty that 80 MHz leave at a frequency."""
    bits = 0
    while bits < 16 and freq_hz << (bits + 1) <= 80_000_000:
        bits += 1
    return bits - 1 if bits >= timer_bits else bits


def _claim_channel(chip: _chip.Chip, number: int, freq_hz: int) -> None:
    others = {pin: freq for pin, freq in chip.pwm_freqs.items() if pin != number}
    facts = chip.facts
    if len(others) >= facts["pwm_channels"]:
        raise RuntimeError("out of PWM channels:%d" % facts["pwm_channels"])
    if len(set(others.values()) | {freq_hz}) > facts["pwm_frequencies"]:
        raise RuntimeError("out of PWM timers:%d" % facts["pwm_frequencies"])
    chip.pwm_freqs[number] = freq_hz


class ADC:
    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3
    WIDTH_9BIT = 9
    WIDTH_10BIT = 10
    WIDTH_11BIT = 11
    WIDTH_12BIT = 12

    def __init__(self, pin: "Pin | int", *, atten: int = ATTN_0DB) -> None:
        self._pad = _pad_of(pin)
        chip = _the_chip
        if self._pad.number not in chip.facts["adc_pins"]:
            raise ValueError("invalid pin")
        _check_alive()
        self._pad.route = _chip.ANALOG
        self._pad.update_sink()
        self._chip = chip
        self.atten(atten)

    def init(self, *, atten: int = ATTN_0DB) -> None:
        """Change the attenuation."""
        self.atten(atten)

    def atten(self, atten: int) -> None:
        """Choose the range."""
        if not 0 <= atten <= 3:
            raise ValueError("invalid atten")
        self._converter = Converter(self._chip, self._pad.role, atten)

    def width(self, bits: int) -> None:
        """Accept only 12 bits."""
        if bits != self.WIDTH_12BIT:
            raise ValueError("invalid bits")

    def read_uv(self) -> int:
        """Return calibrated microvolts: whole millivolts, with this chip's error."""
        analog = self._pad.analog
        # an open input drifts about the lower end
        uv = analog() if analog is not None else (self._chip.random() & 0x3FFFF)
        return self._converter.uv(uv)

    def read_u16(self) -> int:
        """Return the reading as a share of full scale, 0 … 65535."""
        return int(self.read_uv() * 65_535 / self._converter.full_uv)

    def read(self) -> int:
        """Return the reading as a share of full scale, 0 … 4095."""
        return self.read_u16() >> 4


class _Memory:
    """`mem32`: the registers of the console, and 0 for all others."""

    def __getitem__(self, address: int) -> int:
        console = _the_chip.console
        return 0 if console is None else console.register(address)


mem32 = _Memory()


class WDT:
    """Cannot be stopped; constructing it again changes the time-out."""

    def __init__(self, id: int = 0, timeout: int = 5000) -> None:
        if id != 0:
            raise ValueError("WDT(%d) doesn't exist" % id)
        if timeout <= 0:
            raise ValueError("WDT timeout too short")
        _check_alive()
        self._chip = _the_chip
        self._chip.arm_watchdog(timeout)

    def feed(self) -> None:
        """Start the time-out anew."""
        chip = self._chip
        if chip.frozen is None:
            chip.watchdog_fed_us = chip.now_us


class Timer:
    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id: int, **options: "Any") -> None:
        self._chip = _the_chip
        if not -1 <= id < self._chip.facts["timers"]:
            raise ValueError("invalid Timer number, max %d" % self._chip.facts["timers"])
        self._alarm: _chip.Alarm | None = None
        self._callback: Callable[[Timer], object] | None = None
        self._period_us = 0
        self._due_us = 0
        self._mode = self.PERIODIC
        if options:
            self.init(**options)

    def init(
        self,
        *,
        mode: int = PERIODIC,
        callback: "Callable[[Timer], object] | None" = None,
        period: int = -1,
        tick_hz: int = 1000,
        freq: "float | None" = None,
        hard: bool = False,
    ) -> None:
        """Start. The callback gets the timer, softly: between two steps of the program."""
        _check_alive()
        if hard:
            raise ValueError("hard Timers are not implemented")
        self.deinit()
        period_us = int(1_000_000 / freq) if freq else period * 1_000_000 // tick_hz
        if period_us <= 0:
            return
        self._mode = mode
        self._callback = callback
        self._period_us = period_us
        self._due_us = self._chip.now_us + period_us
        self._alarm = self._chip.add_alarm(self._due_us, self._expire)
        self._chip.timers.append(self._alarm)

    def _expire(self) -> "int | None":
        due_us = self._due_us + self._period_us
        self._due_us = due_us
        if self._callback is not None:
            self._chip.call(self._callback, self)
        return due_us if self._mode == self.PERIODIC else None

    def deinit(self) -> None:
        """Stop."""
        chip = self._chip
        if self._alarm in chip.timers:
            chip.timers.remove(self._alarm)
            chip.alarms.remove(self._alarm)
            chip.rearm()


def freq(hz: "int | None" = None) -> "Any":
    """Return the clock of the processor in hertz; or set it."""
    chip = _the_chip
    if hz is None:
        return chip.cpu_hz
    if hz not in [mhz * 1_000_000 for mhz in chip.facts["cpu_mhz"]]:
        names = ["%dMHz" % mhz for mhz in chip.facts["cpu_mhz"]]
        raise ValueError("frequency must be " + ", ".join(names[:-1]) + " or " + names[-1])
    chip.cpu_hz = hz
    return None


def reset_cause() -> int:
    """Return why the chip started; power-on and brown-out read the same."""
    return _the_chip.reset_cause


def reset() -> None:
    """Restart. Pads stay as they are, PWM keeps running."""
    _check_alive()
    _the_chip.reset(HARD_RESET)


def soft_reset() -> None:
    """Restart the interpreter: PWM stops."""
    raise SystemExit


def unique_id() -> bytes:
    """Return six bytes that no other chip has."""
    return _the_chip.unique_id


def idle() -> None:
    """Let other tasks of the chip run."""
    _the_chip.advance(10)


def disable_irq() -> int:
    """Do nothing: callbacks are soft here."""
    return 0


def enable_irq(state: int) -> None:
    """Do nothing: see `disable_irq`."""


def bitstream(pin: Pin, encoding: int, timing: "tuple[Any, ...]", data: bytes) -> None:
    """Clock out bits by high and low times in nanoseconds."""
    _check_alive()
    if encoding != 0:
        raise ValueError("unsupported encoding")
    if pin._pad.on_bits is not None:
        pin._pad.on_bits(data)
    bit_ns = (timing[0] + timing[1] + timing[2] + timing[3]) // 2
    _the_chip.advance(len(data) * 8 * bit_ns // 1000, True)
