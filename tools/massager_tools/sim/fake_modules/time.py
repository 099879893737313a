"""MicroPython's `time`, on the clock of the virtual chip. The real one is `utime`."""

from massager_tools.sim import chip as _chip

_the_chip = _chip.current()

_PERIOD = _chip.TICKS_MASK + 1
_HALF = _PERIOD >> 1


def ticks_ms() -> int:
    """Return milliseconds, modulo 2**30 as on the chip."""
    return (_the_chip.ticks_us() // 1000) & _chip.TICKS_MASK


def ticks_us() -> int:
    """Return microseconds, modulo 2**30: wraps every 18 minutes."""
    return _the_chip.ticks_us() & _chip.TICKS_MASK


def ticks_cpu() -> int:
    """Return a fast counter: microseconds here."""
    return ticks_us()


def ticks_diff(end: int, start: int) -> int:
    """Return the time from `start` to `end`, both of `ticks_…`, in −2**29 … 2**29 − 1."""
    return ((end - start + _HALF) & _chip.TICKS_MASK) - _HALF


def ticks_add(ticks: int, delta: int) -> int:
    """Return `ticks` moved by `delta`. OverflowError beyond half the period."""
    if not -_HALF < delta < _HALF:
        raise OverflowError("ticks interval overflow")
    return (ticks + delta) & _chip.TICKS_MASK


def sleep_ms(ms: int) -> None:
    """Let time pass; a negative wait is none."""
    if ms > 0:
        _the_chip.advance(ms * 1000)


def sleep_us(us: int) -> None:
    """Let time pass; a negative wait is none."""
    if us > 0:
        _the_chip.advance(us)


def sleep(s: float) -> None:
    """Let time pass. ValueError when negative."""
    if s < 0:
        raise ValueError("sleep length must be non-negative")
    _the_chip.advance(int(s * 1_000_000))


def time() -> int:
    """Return seconds since power-on: the chip has no idea of the date."""
    return _the_chip.ticks_us() // 1_000_000


def time_ns() -> int:
    """Return nanoseconds since power-on."""
    return _the_chip.ticks_us() * 1000
