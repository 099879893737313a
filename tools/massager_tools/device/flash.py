"""All of flashing, in order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from massager_tools.build import deploy
from massager_tools.device import interpreter, ready
from massager_tools.device.mpremote import Device, Identity
from massager_tools.device.sync import Plan, Tell, listing, plan, sync
from massager_tools.errors import Failure, UsageError

_MPY_VERSION = 6  # of the files that mpy-cross makes, and …
_MPY_SUB_VERSION = 3  # … of the native code in them, of which there is none


def flash(
    board: dict[str, Any],
    port: str,
    folder: Path,
    tell: Tell,
    *,
    image: Path | None = None,
    erase: bool = False,
    dry_run: bool = False,
) -> list[str]:
    """Put the firmware for `board` onto the chip on `port`; what to tell the user.

    `folder` is empty and takes the build. UsageError for a board of another chip, Failure
    where something does not work; the chip is safe then, and the next time repairs it.
    """
    tree = folder / "flash"
    deploy.build(board, tree)
    if image is not None:
        tell(0.0, "finding the chip")
        found = interpreter.connected_chip(port)
        _require_chip(board, found, port)
        if not dry_run:
            tell(0.05, "writing MicroPython")
            interpreter.write(port, board["chip"], image, erase)
    device = Device(port)
    tell(0.1, "asking the chip")
    identity = device.identity()
    _require_fit(board, identity, port)
    tell(0.15, "outputs off")
    device.enter_service()
    tell(0.2, "comparing files")
    todo = plan(tree, listing(device))
    if not dry_run:
        sync(device, tree, todo, lambda share, what: tell(0.2 + 0.7 * share, what))
    device.leave_service()
    tell(0.9, "starting")
    lines = _words(todo, dry_run)
    try:
        started = ready.restart(port)
    except Failure:
        if dry_run:  # what is on the chip may be anything, or nothing
            return lines
        raise
    return [
        *lines,
        f"{started.board}: massager {started.version} runs on MicroPython {identity.version}",
        f"self-test: {started.self_test()}",
        *started.messages,
    ]


def _require_chip(board: dict[str, Any], chip: str | None, port: str) -> None:
    if chip is not None and chip != board["chip"]:
        raise UsageError(
            f"board {board['name']} is for {board['chip']}, and on {port} is an {chip}: "
            "choose another with --board, see massager boards list"
        )


def _require_fit(board: dict[str, Any], identity: Identity, port: str) -> None:
    """The interpreter must be for this chip and load what mpy-cross makes."""
    if identity.name != "micropython":
        raise Failure(f"{port}: {identity.name} is on it, and the firmware wants MicroPython")
    _require_chip(board, identity.chip, port)
    version, sub_version = identity.mpy & 0xFF, identity.mpy >> 8 & 3
    if version != _MPY_VERSION or sub_version > _MPY_SUB_VERSION:
        raise Failure(
            f"{port}: MicroPython {identity.version} loads .mpy files of version {version}, and "
            f"those made here are {_MPY_VERSION}: put another on with --micropython FILE (1.23 "
            "or later), or install the mpy-cross of its version"
        )


def _words(todo: Plan, dry_run: bool) -> list[str]:
    would = "would be " if dry_run else ""
    if todo.empty:
        return ["every file is up to date"]
    lines = [f"{path}: {would}copied" for path in todo.copy] if dry_run else []
    lines += [f"{path}: {would}removed" for path in todo.remove]
    return [*lines, f"{len(todo.copy)} files {would}copied, {len(todo.remove)} {would}removed"]
