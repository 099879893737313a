"""How small integers lie in a block of bytes that can prove itself: version, sequence, check sum.

Runs on the host too, which reads what a device has kept.
"""

import binascii
import struct

from micropython import const

OK = const(0)
MISSING = const(1)
CORRUPT = const(2)
NEWER = const(3)  # whole, but written by a firmware that knows more

_MAGIC = const(0x4D)  # M
_HEADER = "<BBHI"  # magic, version, length of everything, sequence
_HEADER_BYTES = const(8)
_CHECK_BYTES = const(4)
_INT_BYTES = const(4)
SEQUENCE_MAX = const(0x3FFF_FFFF)


def size(count):
    """Bytes of a block of `count` integers."""
    return _HEADER_BYTES + _INT_BYTES * count + _CHECK_BYTES


def put(block, index, value):
    """Write integer number `index` of 32 bits."""
    struct.pack_into("<i", block, _HEADER_BYTES + _INT_BYTES * index, value)


def get(block, index):
    """Integer number `index`."""
    return struct.unpack_from("<i", block, _HEADER_BYTES + _INT_BYTES * index)[0]


def seal(block, version, sequence):
    """Complete a block whose integers are written."""
    struct.pack_into(_HEADER, block, 0, _MAGIC, version, len(block), sequence)
    end = len(block) - _CHECK_BYTES
    struct.pack_into("<I", block, end, binascii.crc32(memoryview(block)[:end]))


def judge(block, length, version):
    """(OK | MISSING | CORRUPT | NEWER, sequence) of the first `length` bytes of `block`."""
    if length == 0:
        return MISSING, 0
    if length < _HEADER_BYTES + _CHECK_BYTES:
        return CORRUPT, 0
    magic, written_by, stated, sequence = struct.unpack_from(_HEADER, block, 0)
    end = length - _CHECK_BYTES
    check = struct.unpack_from("<I", block, end)[0]
    if magic != _MAGIC or stated != length or check != binascii.crc32(memoryview(block)[:end]):
        return CORRUPT, 0
    if written_by > version:
        return NEWER, sequence
    return OK, sequence
