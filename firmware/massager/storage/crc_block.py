"""A block of bytes with a check sum: a header, 32-bit integers, a CRC.

Runs on the host too, which reads what a device has kept.
"""

import binascii
import struct

from micropython import const

_MAGIC = const(0x4D)  # M
_HEADER = "<BBHI"  # magic, version, length of everything, sequence
_SEQUENCE = const(3)  # of its fields
HEADER_BYTES = const(8)
AROUND_BYTES = const(12)  # header and check sum
INT_BYTES = const(4)


def seal(block: bytearray, version: int, sequence: int) -> None:
    """Complete a block whose integers are written; `sequence` from 1."""
    struct.pack_into(_HEADER, block, 0, _MAGIC, version, len(block), sequence)
    struct.pack_into("<I", block, len(block) - INT_BYTES, _check(block, len(block)))


def judge(block: bytearray, length: int, version: int) -> int:
    """Return the sequence of the first `length` bytes of `block`.

    0 where nothing was kept, -1 where it is damaged or newer than `version`.
    """
    if length == 0:
        return 0
    if not is_recognised(block, length, version):
        return -1
    sound = struct.unpack_from("<I", block, length - INT_BYTES)[0] == _check(block, length)
    return struct.unpack_from(_HEADER, block, 0)[_SEQUENCE] if sound else -1


def is_recognised(block: bytearray, length: int, version: int) -> bool:
    """Return whether the header is that of a block of `length` bytes, up to `version`."""
    if length < AROUND_BYTES:
        return False
    magic, written_by, stated, _ = struct.unpack_from(_HEADER, block, 0)
    return bool(magic == _MAGIC and stated == length and written_by <= version)


def _check(block: bytearray, length: int) -> int:
    check: int = binascii.crc32(memoryview(block)[: length - INT_BYTES])
    return check
