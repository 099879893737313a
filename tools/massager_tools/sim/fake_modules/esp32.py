"""MicroPython's `esp32`: the flash store NVS and, where the chip has them, pulse counters."""

import machine  # type: ignore[import-not-found]

from massager_tools.sim import chip as _chip

_the_chip = _chip.current()

_NOT_FOUND = (-0x1102, "ESP_ERR_NVS_NOT_FOUND")
_INVALID_NAME = (-0x1106, "ESP_ERR_NVS_INVALID_NAME")
_KEY_TOO_LONG = (-0x1109, "ESP_ERR_NVS_KEY_TOO_LONG")
_FLASH_FAILED = (0x103, "ESP_ERR_INVALID_STATE")
_INVALID_LENGTH = (-0x110C, "ESP_ERR_NVS_INVALID_LENGTH")
_KEY_MAX = 15
_I32 = 1 << 31
_SET_US = 1_000
_COMMIT_US = 30_000  # erasing and writing flash stalls the chip


def _fail(error):
    raise OSError(*error)


class NVS:
    """One namespace: integers of 32 bits and blobs under keys of up to 15 characters.

    What is set can be read at once and outlives a reset only after `commit`.
    """

    def __init__(self, namespace):
        if not namespace:
            _fail(_INVALID_NAME)
        if len(namespace) > _KEY_MAX:
            _fail(_KEY_TOO_LONG)
        self._namespace = namespace

    def _find(self, key, kind):
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

    def _put(self, key, value):
        if not 0 < len(key) <= _KEY_MAX:
            _fail(_KEY_TOO_LONG if key else _INVALID_NAME)
        chip = _the_chip
        chip.advance(_SET_US, True)
        if chip.plant.chip.flash_fails:
            chip.plant.chip.failed_writes += 1
            _fail(_FLASH_FAILED)
        chip.nvs_pending.append((self._namespace, key, value))

    def set_i32(self, key, value):
        """Keep an integer. OverflowError when it needs more than 32 bits."""
        if not isinstance(value, int):
            raise TypeError("can't convert to int")
        if not -_I32 <= value < _I32:
            raise OverflowError("overflow converting long int to machine word")
        self._put(key, int(value))

    def get_i32(self, key):
        """The integer under `key`. OSError when there is none."""
        return self._find(key, int)

    def set_blob(self, key, value):
        """Keep a string of bytes."""
        self._put(key, value.encode() if isinstance(value, str) else bytes(value))

    def get_blob(self, key, buffer):
        """Fill `buffer` with the blob, return its length. OSError: none, or too long."""
        value = self._find(key, bytes)
        if len(value) > len(buffer):
            _fail(_INVALID_LENGTH)
        buffer[: len(value)] = value
        return len(value)

    def erase_key(self, key):
        """Forget `key`. OSError when there is none."""
        self._find(key, (int, bytes))
        self._put(key, None)

    def commit(self):
        """Write to flash: a stall of tens of milliseconds when anything changed."""
        chip = _the_chip
        if not chip.nvs_pending:
            return
        chip.advance(_COMMIT_US, True)
        for namespace, key, value in chip.nvs_pending:
            values = chip.nvs.setdefault(namespace, {})
            if value is None:
                values.pop(key, None)
            else:
                values[key] = value
        chip.nvs_pending = []


class _Irq:
    """What `PCNT.irq` returns."""

    def __init__(self, counter):
        self._counter = counter
        self._flags = 0

    def flags(self):
        """The events since the last call."""
        flags = self._flags
        self._flags = 0
        return flags

    def trigger(self, trigger):
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

    def __init__(self, unit, **options):
        if not 0 <= unit < _the_chip.facts["pcnt_units"]:
            raise ValueError("invalid id")
        self._pad = None
        self._mode_pad = None
        self._modes = (self.NORMAL, self.NORMAL)
        self._running = False
        self._count = 0
        self._rising = self.IGNORE
        self._falling = self.IGNORE
        self._limits = [-32768, 32767]
        self._thresholds: list = [None, None]
        self._handler: object = None
        self._trigger = 0
        self._irq = _Irq(self)
        self._configure(**options)

    def init(self, **options):
        """Change the given options; the others stay."""
        self._configure(**options)

    def _configure(
        self,
        *,
        channel=0,
        pin=None,
        rising=None,
        falling=None,
        mode_pin=None,
        mode_low=None,
        mode_high=None,
        min=None,
        max=None,
        filter=None,
        threshold0=None,
        threshold1=None,
        value=None,
    ):
        if channel not in (0, 1):
            raise ValueError("channel")
        if pin is not None:
            self._pad = machine._pad_of(pin)
            self._mode_pad = None if mode_pin is None else machine._pad_of(mode_pin)
            self._pad.counter = self._edge
            _the_chip.watch(self._pad)
        elif mode_pin is not None:
            raise ValueError("pin")
        # one that is given takes the others back to what they are without
        edges = (("rising", rising), ("falling", falling))
        modes = (("mode_low", mode_low), ("mode_high", mode_high))
        given = False
        for name, choice in edges + modes:
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
        if filter is not None and not 0 <= filter <= 1023:
            raise ValueError("filter")
        if value:
            raise ValueError("value")
        if min is not None:
            if not -32768 <= min < 0:
                raise ValueError("minimum")
            self._limits[0] = min
        if max is not None:
            if not 0 < max <= 32767:
                raise ValueError("maximum")
            self._limits[1] = max
        for index, threshold in enumerate((threshold0, threshold1)):
            if threshold is not None:
                if not self._limits[0] <= threshold <= self._limits[1]:
                    raise ValueError("threshold" + str(index))
                self._thresholds[index] = threshold
        if value is not None or min is not None or max is not None:
            self._count = 0

    def _edge(self, rising):
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
        flags &= self._trigger
        if flags and self._handler is not None:
            self._irq._flags |= flags
            _the_chip.call(self._handler, self)

    def value(self, value=None):
        """The count; `value(0)` also clears it."""
        if value:
            raise ValueError("value")
        count = self._count
        if value is not None:
            self._count = 0
        return count

    def irq(self, handler=None, trigger=IRQ_ZERO):
        """Call `handler(counter)` on the events in `trigger`."""
        self._handler = handler
        self._trigger = trigger if handler is not None else 0
        return self._irq

    def start(self):
        """Count."""
        self._running = True

    def stop(self):
        """Count no more."""
        self._running = False

    def deinit(self):
        """Let go of the pin; the count is lost."""
        self._running = False
        self._count = 0
        self._handler = None
        if self._pad is not None:
            self._pad.counter = None


if _the_chip.facts["pcnt_units"]:
    PCNT = _PulseCounter
