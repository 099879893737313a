"""Put the compiled package into one file, which firmware/pack.py mounts on the chip."""

import shutil
import zlib
from pathlib import Path

NAME = "massager.pack"
_PACKAGE = "massager"


def pack(tree: Path) -> None:
    """Replace the package in `tree` by its pack; see firmware/pack.py for the form."""
    package = tree / _PACKAGE
    lines = [f"/{_PACKAGE}/"]
    contents = b""
    for path in sorted(package.rglob("*")):
        name = path.relative_to(tree).as_posix()
        if path.is_dir():
            lines.append(f"/{name}/")
        else:
            module = path.read_bytes()
            lines.append(f"/{name} {len(contents)} {len(module)}")
            contents += module
    index = "".join(line + "\n" for line in lines).encode()
    head = f"{zlib.crc32(index + contents)} {len(index)}\n".encode()
    (tree / NAME).write_bytes(head + index + contents)
    shutil.rmtree(package)


def contents(path: Path) -> dict[str, bytes]:
    """Return the modules in a pack: path on the chip → bytes."""
    head, _, body = path.read_bytes().partition(b"\n")
    index_bytes = int(head.split()[1])
    modules = {}
    for line in body[:index_bytes].decode().splitlines():
        name, *place = line.split()
        if place:
            start = index_bytes + int(place[0])
            modules[name[1:]] = body[start : start + int(place[1])]
    return modules
