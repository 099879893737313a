"""MicroPython's `esp32`: the flash store NVS and, where the chip has them, pulse counters."""

import machine  # type: ignore[import-not-found]

from massager_tools.sim import chip as _chip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


_the_chip = _chip.current()

_NOT_FOUND = (-0x1102, "ESP_ERR_NVS_NOT_FOUND")
_INVALID_NAME = (-0x1106, "ESP_ERR_NVS_INVALID_NAME")
_KEY_TOO_LONG = (-0x1109, "ESP_ERR_NVS_KEY_TOO_LONG")
_FLASH_FAILED = (-0x103, "ESP_ERR_INVALID_STATE")
_NOT_INITIALISED = (-0x1101, "ESP_ERR_NVS_NOT_INITIALIZED")
_NOT_ENOUGH_SPACE = (-0x1105, "ESP_ERR_NVS_NOT_ENOUGH_SPACE")
_INVALID_LENGTH = (-0x110C, "ESP_ERR_NVS_INVALID_LENGTH")
_KEY_MAX = 15
_I32 = 1 << 31
_SET_US = 1_000
_COMMIT_US = 30_000  # erasing and writing flash stalls the chip


def _fail(error: "tuple[Any, ...]") -> None:
    raise OSError(*error)


class NVS:
    """One namespace: integers of 32 bits and blobs under keys of up to 15 characters.

    What is set can be read at once and outlives a reset only after `commit`.
    """

    def __init__(self, namespace: str) -> None:
        if not namespace:
            _fail(_INVALID_NAME)
        if len(namespace) > _KEY_MAX:
            _fail(_KEY_TOO_LONG)
        if _the_chip.plant.chip.nvs_broken:
            _fail(_NOT_INITIALISED)
        self._namespace = namespace

    def _find(self, key: str, kind: "type | tuple[type, ...]") -> "Any":
        if len(key) > _KEY_MAX:
            _fail(_KEY_TOO_LONG)
        chip = _the_chip
        value = chip.nvs.get(self._namespace, {}).get(key)
        for namespace, pending_key, pending in chip.nvs_pending:
            if namespace == self._namespace and pending_key == key:
                value = pending
        if not isinstance(value, kind):  # absent, erased, or of the other kind
            _fail(_NOT_FOUND)
        return value

    def _put(self, key: str, value: "int | bytes | None") -> None:
        if not 0 < len(key) <= _KEY_MAX:
            _fail(_KEY_TOO_LONG if key else _INVALID_NAME)
        chip = _the_chip
        chip.advance(_SET_US, True)
        if chip.plant.chip.flash_fails:
            chip.plant.chip.failed_writes += 1
            _fail(_FLASH_FAILED)
        if chip.plant.chip.nvs_full and value is not None:
            chip.plant.chip.failed_writes += 1
            _fail(_NOT_ENOUGH_SPACE)
        chip.nvs_pending.append((self._namespace, key, value))

    def set_i32(self, key: str, value: int) -> None:
        """Store an integer. OverflowError when it needs more than 32 bits."""
        if not isinstance(value, int):
            raise TypeError("can't convert to int")
        if not -_I32 <= value < _I32:
            raise OverflowError("overflow converting long int to machine word")
        self._put(key, int(value))

    def get_i32(self, key: str) -> int:
        """Return the integer under `key`. OSError when there is none."""
        return self._find(key, int)

    def set_blob(self, key: str, value: "str | bytes | bytearray") -> None:
        """Store a string of bytes."""
        self._put(key, value.encode() if isinstance(value, str) else bytes(value))

    def get_blob(self, key: str, buffer: bytearray) -> int:
        """Fill `buffer` with the blob, return its length. OSError: none, or too long."""
        value = self._find(key, bytes)
        if len(value) > len(buffer):
            _fail(_INVALID_LENGTH)
        buffer[: len(value)] = value
        return len(value)

    def erase_key(self, key: str) -> None:
        """Erase `key`. OSError when there is none."""
        self._find(key, (int, bytes))
        self._put(key, None)

    def commit(self) -> None:
        """Write to flash: a stall of tens of milliseconds when anything changed."""
        chip = _the_chip
        if not chip.nvs_pending:
            return
        chip.advance(_COMMIT_US + chip.plant.chip.nvs_slow_ms * 1000, True)
        for namespace, key, value in chip.nvs_pending:
            values = chip.nvs.setdefault(namespace, {})
            if value is None:
                values.pop(key, None)
            else:
                values[key] = value
        chip.nvs_pending = []


class _Irq:
    """The object that `PCNT.irq` returns."""

    def __init__(self, counter: "_PulseCounter") -> None:
        self._counter = counter
        self._flags = 0

    def flags(self) -> int:
        """Return the events since the last call."""
        flags = self._flags
        self._flags = 0
        return flags

    def trigger(self, trigger: int) -> None:
        """Choose the events that call back."""
        self._counter._trigger = trigger


class _PulseCounter:
    IGNORE = 0
    INCREMENT = 1
    DECREMENT = 2
    NORMAL = 0
    REVERSE = 1
    HOLD = 2
    IRQ_ZERO = 1
    IRQ_THRESHOLD0 = 2
    IRQ_THRESHOLD1 = 4
    IRQ_MIN = 8
    IRQ_MAX = 16

    def __init__(self, unit: int, **options: "Any") -> None:
        if not 0 <= unit < _the_chip.facts["pcnt_units"]:
            raise ValueError("invalid id")
        self._pad: _chip.Pad | None = None
        self._mode_pad: _chip.Pad | None = None
        self._modes = (self.NORMAL, self.NORMAL)
        self._running = False
        self._count = 0
        self._rising = self.IGNORE
        self._falling = self.IGNORE
        self._limits = [-32768, 32767]
        self._thresholds: list[Any] = [None, None]
        self._handler: Callable[[_PulseCounter], object] | None = None
        self._trigger = 0
        self._irq = _Irq(self)
        self._configure(**options)

    def init(self, **options: "Any") -> None:
        """Change the given options; the others stay."""
        self._configure(**options)

    def _configure(
        self,
        *,
        channel: int = 0,
        pin: "Any" = None,
        rising: "int | None" = None,
        falling: "int | None" = None,
        mode_pin: "Any" = None,
        mode_low: "int | None" = None,
        mode_high: "int | None" = None,
        min: "int | None" = None,
        max: "int | None" = None,
        filter: "int | None" = None,
        threshold0: "int | None" = None,
        threshold1: "int | None" = None,
        value: "int | None" = None,
    ) -> None:
        if channel not in (0, 1):
            raise ValueError("channel")
        self._set_pins(pin, mode_pin)
        self._set_actions(rising, falling, mode_low, mode_high)
        if filter is not None and not 0 <= filter <= 1023:
            raise ValueError("filter")
        if value:
            raise ValueError("value")
        self._set_limits(min, max, (threshold0, threshold1))
        if value is not None or min is not None or max is not None:
            self._count = 0

    def _set_pins(self, pin: "Any", mode_pin: "Any") -> None:
        if pin is not None:
            self._pad = machine._pad_of(pin)
            self._mode_pad = None if mode_pin is None else machine._pad_of(mode_pin)
            self._pad.counter = self._edge
            _the_chip.watch(self._pad)
        elif mode_pin is not None:
            raise ValueError("pin")

    def _set_actions(
        self,
        rising: "int | None",
        falling: "int | None",
        mode_low: "int | None",
        mode_high: "int | None",
    ) -> None:
        """Set what edges do. One that is given takes the others back to their default."""
        choices = (
            ("rising", rising),
            ("falling", falling),
            ("mode_low", mode_low),
            ("mode_high", mode_high),
        )
        given = False
        for name, choice in choices:
            if choice is not None:
                given = True
                if not 0 <= choice <= 2:
                    raise ValueError(name)
        if given:
            if self._pad is None:
                raise ValueError("channel not initialised")
            self._rising = rising or self.IGNORE
            self._falling = falling or self.IGNORE
            self._modes = (mode_low or self.NORMAL, mode_high or self.NORMAL)

    def _set_limits(
        self, low: "int | None", high: "int | None", thresholds: "tuple[Any, ...]"
    ) -> None:
        if low is not None:
            if not -32768 <= low < 0:
                raise ValueError("minimum")
            self._limits[0] = low
        if high is not None:
            if not 0 < high <= 32767:
                raise ValueError("maximum")
            self._limits[1] = high
        for index, threshold in enumerate(thresholds):
            if threshold is not None:
                if not self._limits[0] <= threshold <= self._limits[1]:
                    raise ValueError("threshold" + str(index))
                self._thresholds[index] = threshold

    def _edge(self, rising: bool) -> None:
        if not self._running:
            return
        action = self._rising if rising else self._falling
        if action == self.IGNORE:
            return
        up = action == self.INCREMENT
        if self._mode_pad is not None:
            mode = self._modes[_the_chip.read(self._mode_pad)]
            if mode == self.HOLD:
                return
            up = up != (mode == self.REVERSE)
        self._count += 1 if up else -1
        flags = self._events() & self._trigger
        if flags and self._handler is not None:
            self._irq._flags |= flags
            _the_chip.call(self._handler, self)

    def _events(self) -> int:
        """Return the IRQ_* bits of the new count, which starts anew at a limit."""
        flags = 0
        if self._count == self._limits[0]:
            flags = self.IRQ_MIN
            self._count = 0
        elif self._count == self._limits[1]:
            flags = self.IRQ_MAX
            self._count = 0
        if self._count == 0:
            flags |= self.IRQ_ZERO
        if self._count == self._thresholds[0]:
            flags |= self.IRQ_THRESHOLD0
        if self._count == self._thresholds[1]:
            flags |= self.IRQ_THRESHOLD1
        return flags

    def value(self, value: "int | None" = None) -> int:
        """Return the count; `value(0)` also clears it."""
        if value:
            raise ValueError("value")
        count = self._count
        if value is not None:
            self._count = 0
        return count

    def irq(
        self,
        handler: "Callable[[_PulseCounter], object] | None" = None,
        trigger: int = IRQ_ZERO,
    ) -> _Irq:
        """Call `handler(counter)` on the events in `trigger`."""
        self._handler = handler
        self._trigger = trigger if handler is not None else 0
        return self._irq

    def start(self) -> None:
        """Start counting."""
        self._running = True

    def stop(self) -> None:
        """Stop counting."""
        self._running = False

    def deinit(self) -> None:
        """Release the pin; the count is lost."""
        self._running = False
        self._count = 0
        self._handler = None
        if self._pad is not None:
            self._pad.counter = None


if _the_chip.facts["pcnt_units"]:
    PCNT = _PulseCounter
