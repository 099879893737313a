"""The last 200 sessions, in the chip's non-volatile store.

Ten blocks of twenty records, written round and round: one block of 560 bytes is rewritten a
session. NVS spreads that over its pages by itself and sets a block all or nothing, so a
power cut loses the newest record at most; it also outlives a new firmware on the flash,
which files do not. Each record carries its own check sum.
"""

import binascii
import struct
from array import array

from micropython import const

from massager.core.session import session_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any as Store  # like hal.nvs.NvsStore

RECORDS = const(200)
BLOCKS = const(10)
IN_BLOCK = const(20)
FORMAT = "<HBBBBBBHHHHHHHH"  # as tally.FIELDS
RECORD_BYTES = const(28)  # with the check sum
BLOCK_BYTES = const(560)
_DATA_BYTES = const(24)
_NUMBER_MAX = const(65_535)


def key(block: int) -> str:
    """Return the key of block number `block`."""
    return "journal_" + str(block)


def unpack(data: "bytes | bytearray", index: int) -> "tuple[int, ...] | None":
    """Return the numbers of record `index` in a block, or None where there is no whole one."""
    start = index * RECORD_BYTES
    body = memoryview(data)[start : start + _DATA_BYTES]
    check = struct.unpack_from("<I", data, start + _DATA_BYTES)[0]
    numbers = struct.unpack(FORMAT, body)
    if numbers[session_record.NUMBER] == 0 or check != binascii.crc32(body):
        return None
    return numbers


class SessionLog:
    """Keep session records in `store`; `newest` is the number of the last one, 0 for none."""

    def __init__(self, store: "Store") -> None:
        self.newest = 0
        self._store = store
        self._data = bytearray(BLOCK_BYTES)
        self._loaded = -1
        for block in range(BLOCKS):
            self._load(block)
            for index in range(IN_BLOCK):
                numbers = unpack(self._data, index)
                if numbers and numbers[session_record.NUMBER] > self.newest:
                    self.newest = numbers[session_record.NUMBER]

    def keep(self, record: "array[int]") -> None:
        """Write `record`; one without a number is a new one and is given the next."""
        if record[session_record.NUMBER] == 0:
            self.newest = self.newest + 1 if self.newest < _NUMBER_MAX else 1
            record[session_record.NUMBER] = self.newest
        place = (record[session_record.NUMBER] - 1) % RECORDS
        block = place // IN_BLOCK
        if block != self._loaded:
            self._load(block)
        start = place % IN_BLOCK * RECORD_BYTES
        data = self._data
        struct.pack_into(FORMAT, data, start, *record)
        check = binascii.crc32(memoryview(data)[start : start + _DATA_BYTES])
        struct.pack_into("<I", data, start + _DATA_BYTES, check)
        self._store.write(key(block), data)
        self._store.commit()

    def _load(self, block: int) -> None:
        data = self._data
        if self._store.read(key(block), data) != BLOCK_BYTES:
            for index in range(BLOCK_BYTES):
                data[index] = 0
        self._loaded = block
