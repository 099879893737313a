"""Read the firmware's black box: the last seconds before a device tripped.

The file is written by `firmware/massager/storage/blackbox.py`: one line of text, then rows of
16-bit numbers in a ring.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import ModuleType
from typing import Protocol

from massager_tools.device_data.csv_table import as_csv
from massager_tools.errors import Failure, UsageError
from massager_tools.firmware_tables import firmware

PERIOD_S = 0.1
_TICKS_MASK = (1 << 30) - 1


class Reader(Protocol):
    """A device whose files can be read."""

    def read_file(self, path: str) -> bytes:
        """Return the contents of a file, empty if there is none. Raise Failure."""
        ...


class FlashFolder:
    """The flash of a virtual device: a folder of the computer, or one file from it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read_file(self, path: str) -> bytes:
        """Return the contents of a file, empty if there is none. Raise UsageError."""
        file = self._path / path if self._path.is_dir() else self._path
        try:
            return file.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise UsageError(f"{file}: cannot be read: {error.strerror or error}") from None


@dataclass(frozen=True)
class Row:
    """One tenth of a second; `t_s` is 0 at the last row."""

    t_s: float
    state: int
    fault: int
    """Code of the active fault, 0 for none."""
    pad_a_c: float
    pad_b_c: float
    pressure_pa: int
    supply_mv: int
    motor_rpm: int
    heater_enable: bool
    heater_permille: int
    pump_permille: int
    chambers: int
    """Bit n: the valve of chamber n + 1 energised."""
    exhaust: bool
    motor_permille: int
    buttons: int
    late_ms: int
    """The latest tick of the ten."""


@dataclass(frozen=True)
class Recording:
    """One recording: `fault` is the code that triggered it, `t_ms` the time of the last row."""

    fault: int
    t_ms: int
    rows: tuple[Row, ...]

    def trip_s(self) -> float | None:
        """Return when `fault` became active, None if the rows do not show it."""
        return next((row.t_s for row in self.rows if row.fault == self.fault), None)

    def as_csv(self) -> str:
        """Return comma-separated values with a line of names."""
        names = [field.name for field in fields(Row)]
        return as_csv(names, map(asdict, self.rows))


def read(device: Reader) -> Recording:
    """Return the newest recording of a device. Raise Failure if there is none or it is damaged."""
    data = device.read_file(box().NAME)
    if not data:
        raise Failure("there is no recording; a device writes one when something trips")
    return parse(data)


def box() -> ModuleType:
    """Return the firmware's own module, which defines the layout."""
    return firmware("storage.blackbox")


def parse(data: bytes) -> Recording:
    """Parse a file's content. Raise Failure if it is damaged or of another firmware."""
    layout = box()
    head, newline, body = data.partition(b"\n")
    words = head.decode("ascii", errors="replace").split()
    if not newline or not words or words[0] != layout.MAGIC.decode():
        raise Failure("this is not a recording of the black box")
    try:
        version, count, kept, t_ms, fault = map(int, words[1:])
    except ValueError:
        raise Failure("the recording's first line is damaged") from None
    if version != layout.VERSION:
        raise Failure(f"the recording has format {version}, known here is {layout.VERSION}")
    row_bytes = 2 * layout.WORDS
    if (
        len(body) != layout.ROWS * row_bytes
        or not 0 <= kept <= count
        or not 0 <= t_ms <= _TICKS_MASK
    ):
        raise Failure(f"the recording is damaged: {len(data)} bytes")
    unpack: Callable[[bytes], tuple[int, ...]] = struct.Struct(f"<{layout.WORDS}h").unpack
    rows = []
    for number in _numbers(count, kept, layout.ROWS):
        shared = kept and number >= kept
        at = kept + (number - kept) % (layout.ROWS // 2) if shared else number
        at = at % layout.ROWS * row_bytes
        rows.append(_row((number + 1 - count) * PERIOD_S, unpack(body[at : at + row_bytes])))
    return Recording(fault, t_ms, tuple(rows))


def _numbers(count: int, kept: int, rows: int) -> Iterator[int]:
    """Yield which of the `count` rows recorded are still there, oldest first.

    Once `kept` is not 0, the half before it is frozen, and the rows from it on share the other
    half: until that has been filled once, nothing is missing between them.
    """
    if not kept or count - kept <= rows // 2:
        yield from range(max(count - rows, 0), count)
    else:
        yield from range(max(kept - rows // 2, 0), kept)
        yield from range(count - rows // 2, count)


def _row(t_s: float, words: tuple[int, ...]) -> Row:
    flags, pad_a_cc, pad_b_cc, pressure_pa, supply_mv, rpm, heater, pump, motor, code = words
    return Row(
        t_s=round(t_s, 1),
        state=flags & 15,
        fault=code & 127,
        pad_a_c=pad_a_cc / 100,
        pad_b_c=pad_b_cc / 100,
        pressure_pa=pressure_pa,
        supply_mv=supply_mv,
        motor_rpm=rpm,
        heater_enable=bool(flags & 1 << 14),
        heater_permille=heater,
        pump_permille=pump,
        chambers=flags >> 4 & 15,
        exhaust=bool(flags & 1 << 13),
        motor_permille=motor,
        buttons=flags >> 8 & 31,
        late_ms=code >> 7 & 255,
    )
