"""The chip's file system: a folder of the host, with no way out of it. Runs on MicroPython.

The chip's littlefs holds the old content of a file until the new one is closed; here a
write goes straight into the file, so that an interrupted write leaves half a file.
"""

from vfs import VfsPosix


class FlashFiles:
    """A file system for `vfs.mount`, whose root is `folder`."""

    def __init__(self, folder: str) -> None:
        self._files = VfsPosix(folder)
        self._files.chdir("/")
        self._cwd = "/"

    def mount(self, readonly: bool, mkfs: bool) -> None:
        """Do nothing: the folder is there."""

    def umount(self) -> None:
        """Do nothing."""

    def _path(self, path: str) -> str:
        """Return `path` as an absolute one, in which `..` ends at the root."""
        parts = [] if path.startswith("/") else self._cwd.split("/")
        inside = []
        for part in parts + path.split("/"):
            if part == "..":
                inside = inside[:-1]
            elif part and part != ".":
                inside.append(part)
        return "/" + "/".join(inside)

    def open(self, path: str, mode: str):
        """Open a file."""
        return self._files.open(self._path(path), mode)

    def chdir(self, path: str) -> None:
        """Change to a folder. OSError when there is none."""
        path = self._path(path)
        self._files.ilistdir(path)
        self._cwd = path

    def getcwd(self) -> str:
        """Return the current folder."""
        return self._cwd

    def ilistdir(self, path: str):
        """Yield (name, type, inode, size) of what is in a folder, as littlefs gives them."""
        folder = self._path(path)
        for entry in self._files.ilistdir(folder):
            name, kind = entry[:2]
            size = self._files.stat(folder.rstrip("/") + "/" + name)[6]
            yield name, kind, 0, 0 if kind == 0x4000 else size

    def stat(self, path: str) -> tuple:
        """Return kind and size of a file, as `os.stat`."""
        return self._files.stat(self._path(path))

    def statvfs(self, path: str) -> tuple:
        """Return the figures of a chip with 2 MB for files; their content is not counted."""
        return 4096, 4096, 512, 512, 512, 0, 0, 0, 0, 255

    def mkdir(self, path: str) -> None:
        """Make a folder."""
        self._files.mkdir(self._path(path))

    def rmdir(self, path: str) -> None:
        """Remove an empty folder."""
        self._files.rmdir(self._path(path))

    def remove(self, path: str) -> None:
        """Remove a file."""
        self._files.remove(self._path(path))

    def rename(self, old: str, new: str) -> None:
        """Move a file; one that is at `new` is replaced."""
        # VfsPosix has one buffer for absolute paths, and a rename would need two
        self._files.rename(self._path(old)[1:], self._path(new)[1:])
