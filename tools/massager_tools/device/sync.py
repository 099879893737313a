"""Make the files on the chip those of a build.

The order makes an interruption harmless. The manifest is removed first: from there on the
chip starts nothing. New files are copied under temporary names, checked, and renamed, which
is atomic on littlefs; boot.py with the safe levels is the first. The manifest is written
last, when every file on the chip has the right SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from massager_tools.build.deploy import MANIFEST
from massager_tools.device.mpremote import Device, DeviceError

NEW = ".new"
"""Suffix of a file that has not been renamed yet."""

# stems at the root that would shadow a file of ours
_OURS = ("boot", "main", "board", "bringup", "massager")
_COPY_S = 20.0  # and in addition …
_COPY_BYTES_PER_S = 1_000.0  # … less than the slowest chip writes

OnProgress = Callable[[float, str], None]
"""Called with the share that is done, 0…1, and what is being done."""

_LIST = """
import os, json, hashlib, binascii
def sha(p):
    h = hashlib.sha256()
    b = bytearray(512)
    with open(p, "rb") as f:
        while True:
            n = f.readinto(b)
            if not n:
                return binascii.hexlify(h.digest()).decode()
            h.update(memoryview(b)[:n])
def walk(d):
    for e in os.ilistdir(d or "/"):
        if len(e) < 4:  # no file of this flash but something mounted
            continue
        p = d + "/" + e[0]
        if e[1] == 0x4000:
            print(json.dumps([p[1:], None]))
            walk(p)
        else:
            print(json.dumps([p[1:], sha(p)]))
walk("")
"""

_PREPARE = """
import os
for p in {folders!r}:
    os.mkdir(p)
try:
    os.remove({manifest!r})
except OSError as e:
    if e.errno != 2:
        raise
"""
_TAKE_PLACE = """
import os
for p in {renamed!r}:
    os.rename(p + {new!r}, p)
for p in {removed!r}:
    try:
        os.rmdir(p) if os.stat(p)[0] & 0x4000 else os.remove(p)
    except OSError as e:  # an interrupted run already did it
        if e.errno != 2:
            raise
"""
_SEAL = """__import__("binascii").hexlify(__import__("hashlib").sha256(
    open("{manifest}{new}", "rb").read()).digest()).decode()"""


@dataclass(frozen=True)
class Plan:
    """The changes to make; all paths are those on the chip."""

    copy: tuple[str, ...]
    remove: tuple[str, ...]
    folders: tuple[str, ...]
    """To make, the outer ones first."""
    manifest: bool
    """Whether the manifest on the chip is another than that of the build."""

    @property
    def empty(self) -> bool:
        """Return whether there is nothing to do."""
        return not (self.copy or self.remove or self.manifest)


def listing(device: Device) -> dict[str, str | None]:
    """Return path → SHA-256 of every file on the chip; None for a folder."""
    output = device.execute(_LIST, timeout_s=120.0)
    return dict(json.loads(line) for line in output.splitlines() if line.startswith("["))


def tree_hashes(tree: Path) -> dict[str, str]:
    """Return path on the chip → SHA-256 of every file of a build."""
    return {
        path.relative_to(tree).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(tree.rglob("*"))
        if path.is_file()
    }


def plan(tree: Path, there: dict[str, str | None]) -> Plan:
    """Return the changes that turn the files `there` into those of `tree`.

    Files that are not part of the firmware stay. Old files of the firmware, and files that would
    be imported instead of it, are removed.
    """
    wanted = tree_hashes(tree)
    manifest = wanted.pop(MANIFEST)
    copy = [path for path in wanted if there.get(path) != wanted[path]]
    copy.sort(key=lambda path: (path != "boot.py", path))
    stale = [path for path in there if path not in wanted and _is_ours(path)]
    folders = sorted({str(Path(path).parent.as_posix()) for path in wanted} - {"."})
    stale = [path for path in stale if path not in folders]
    # a folder after what is in it
    stale.sort(key=lambda path: (-path.count("/"), path))
    return Plan(
        tuple(copy),
        tuple(stale),
        tuple(folder for folder in folders if folder not in there),
        there.get(MANIFEST) != manifest,
    )


def _is_ours(path: str) -> bool:
    first = path.split("/")[0]
    if path.endswith(NEW):
        return True
    return first == "massager" or ("/" not in path and first.split(".")[0] in _OURS)


def sync(device: Device, tree: Path, todo: Plan, on_progress: OnProgress) -> None:
    """Carry out `todo`. The device must be in service mode: outputs off, no watchdog.

    Raise DeviceError unless every file is right at the end; then the chip starts nothing, and
    flashing again repairs it.
    """
    if todo.empty:
        return
    wanted = tree_hashes(tree)
    manifest = wanted.pop(MANIFEST)
    device.execute(_PREPARE.format(manifest=MANIFEST, folders=todo.folders))
    _copy(device, tree, todo.copy, lambda done, path: on_progress(0.8 * done, path))
    on_progress(0.8, "checking")
    there = listing(device)
    for path in todo.copy:
        if there.get(path + NEW) != wanted[path]:
            raise DeviceError(f"{path} was damaged on the way; check the cable and flash again")
    device.execute(_TAKE_PLACE.format(renamed=todo.copy, removed=todo.remove, new=NEW))
    on_progress(0.9, "checking")
    left = plan(tree, listing(device))
    if left.copy or left.remove:
        raise DeviceError(f"{(left.copy + left.remove)[0]} differs from the build; flash again")
    _copy(device, tree, (MANIFEST,), lambda done, path: on_progress(0.95, path))
    if device.evaluate(_SEAL.format(manifest=MANIFEST, new=NEW)) != manifest:
        raise DeviceError(f"{MANIFEST} was damaged on the way; check the cable and flash again")
    device.execute(_TAKE_PLACE.format(renamed=(MANIFEST,), removed=(), new=NEW))
    on_progress(1.0, "")


def _copy(device: Device, tree: Path, paths: tuple[str, ...], on_progress: OnProgress) -> None:
    sizes = {path: (tree / path).stat().st_size for path in paths}
    total = sum(sizes.values()) or 1
    done = 0

    def copied(name: str) -> None:
        nonlocal done
        path = name.removesuffix(NEW)
        done += sizes[path]
        on_progress(done / total, path)

    if paths:
        pairs = [(str(tree / path), path + NEW) for path in paths]
        limit_s = len(paths) * _COPY_S + total / _COPY_BYTES_PER_S
        device.copy(pairs, copied, limit_s)
