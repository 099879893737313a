"""Imports the package from one file: looking for seventy files takes the chip seconds.

massager.pack begins with a line `CRC32 INDEX_BYTES`; the checksum is that of all after it. The
index has a line `PATH OFFSET LENGTH` a module and `PATH/` a folder; the modules follow. Mounted,
it is a folder like any other, so modules keep their names, and tracebacks theirs.
"""

import binascii
import io
import os
import sys

NAME = "massager.pack"
_FOLDER = "massager"  # of a tree that is not packed
_MOUNTED_AT = "/pack"
_CHUNK_BYTES = 2_048
_NO_FILE = 2  # ENOENT
_KIND_FOLDER = 0x4000
_KIND_FILE = 0x8000


class Pack:
    """A read-only file system for `vfs.mount`."""

    def __init__(self, index: bytes, start: int) -> None:
        self._index = index  # with a line end before the first line, too
        self._start = start

    def mount(self, readonly: bool, mkfs: bool) -> None:
        """Do nothing: the file is there."""

    def umount(self) -> None:
        """Do nothing."""

    def stat(self, path: str) -> tuple:
        """Return kind and size, as `os.stat`. OSError where there is none."""
        place = self._find(path)
        if place is not None:
            return (_KIND_FILE, 0, 0, 0, 0, 0, place[1], 0, 0, 0)
        if self._index.find(("\n" + path + "/\n").encode()) < 0:
            raise OSError(_NO_FILE)
        return (_KIND_FOLDER, 0, 0, 0, 0, 0, 0, 0, 0, 0)

    def open(self, path: str, _mode: str) -> io.BytesIO:
        """Return the contents of a module as a stream."""
        place = self._find(path)
        if place is None:
            raise OSError(_NO_FILE)
        with open(NAME, "rb") as file:
            file.seek(self._start + place[0])
            return io.BytesIO(file.read(place[1]))

    def ilistdir(self, _path: str) -> object:
        """Return no entries: the files are for imports only."""
        return iter(())

    def _find(self, path: str) -> tuple | None:
        """Return offset and length of a module, None where there is none."""
        line = ("\n" + path + " ").encode()
        at = self._index.find(line)
        if at < 0:
            return None
        offset, length = self._index[at + len(line) : self._index.find(b"\n", at + 1)].split()
        return int(offset), int(length)


def mount() -> bool:
    """Make the package importable. Say what is wrong and return False where it is not whole."""
    try:
        with open(NAME, "rb") as file:
            crc, index_bytes = file.readline().split()
            start = file.tell()
            index = b"\n" + file.read(int(index_bytes))
            file.seek(start)
            whole = _crc32(file) == int(crc)
    except OSError:
        whole = False
        if _FOLDER in os.listdir():
            return True
    except ValueError:  # the first line is none of ours
        whole = False
    if not whole:
        print("firmware incomplete:", NAME, "is missing or damaged; run massager flash again")
        return False
    import array
    import struct
    import time

    import machine
    import vfs

    if _MOUNTED_AT in sys.path:  # a soft reset of the virtual chip
        vfs.umount(_MOUNTED_AT)
    else:
        sys.path.insert(0, _MOUNTED_AT)
    vfs.mount(Pack(index, start + int(index_bytes)), _MOUNTED_AT)
    # the interpreter looks for a file of its own modules' names, in each folder, at each import:
    # unless they stand here
    sys.modules.update(
        array=array, binascii=binascii, machine=machine, os=os, struct=struct, time=time
    )
    return True


def _crc32(file: io.BufferedReader) -> int:
    crc = 0
    while True:
        chunk = file.read(_CHUNK_BYTES)
        if not chunk:
            return crc
        crc = binascii.crc32(chunk, crc)
