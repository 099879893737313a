"""Flash a chip: interpreter, files, restart, self-test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from massager_tools.build import deploy
from massager_tools.device import interpreter, interpreter_faults, ready
from massager_tools.device.mpremote import Device, Identity
from massager_tools.device.ready import Ready
from massager_tools.device.sync import OnProgress, Plan, listing, plan, sync
from massager_tools.errors import Failure, UsageError

_MPY_VERSION = 6  # of the files that mpy-cross makes, and …
_MPY_SUB_VERSION = 3  # … of the native code in them, of which there is none


@dataclass(frozen=True)
class Flashed:
    """Result of flashing, or of a dry run what it would be."""

    board: str
    port: str
    micropython: str
    todo: Plan
    dry_run: bool
    warnings: tuple[str, ...]
    started: Ready | None
    """None after a dry run on a chip without a working firmware."""

    def lines(self) -> list[str]:
        """Return lines for the user."""
        lines = [f"warning: {warning}" for warning in self.warnings]
        lines += _summary(self.todo, self.dry_run)
        if self.started is not None:
            lines += [
                f"{self.started.board}: massager {self.started.version} runs on MicroPython "
                f"{self.micropython}",
                f"self-test: {self.started.self_test()}",
                *self.started.messages,
            ]
        return lines

    def as_dict(self) -> dict[str, Any]:
        """Return the same as data for programs."""
        started = self.started
        return {
            "board": self.board,
            "port": self.port,
            "micropython": self.micropython,
            "dry_run": self.dry_run,
            "copied": list(self.todo.copy),
            "removed": list(self.todo.remove),
            "warnings": list(self.warnings),
            "firmware": None if started is None else started.version,
            "messages": [] if started is None else started.messages,
            "telemetry": {} if started is None else started.values,
        }


def flash(
    board: dict[str, Any],
    port: str,
    folder: Path,
    on_progress: OnProgress,
    *,
    image: Path | None = None,
    erase: bool = False,
    dry_run: bool = False,
) -> Flashed:
    """Put the firmware for `board` onto the chip on `port`.

    `folder` is empty and takes the build. Raise UsageError for a board of another chip, Failure
    if a step fails or the firmware cannot run on that version of MicroPython; the chip is safe
    then, and flashing again repairs it.
    """
    tree = folder / "flash"
    deploy.build(board, tree, linked=True)
    if image is not None:
        on_progress(0.0, "finding the chip")
        _require_image(board, image)
        _require_chip(board, interpreter.connected_chip(port), port)
        if not dry_run:
            on_progress(0.05, "writing MicroPython")
            interpreter.write(port, board["chip"], image, erase)
    device = Device(port)
    on_progress(0.1, "asking the chip")
    identity = device.identity()
    warnings = _require_fit(board, identity, port)
    on_progress(0.15, "outputs off")
    device.enter_service()
    on_progress(0.2, "comparing files")
    todo = plan(tree, listing(device))
    if not dry_run:
        sync(device, tree, todo, lambda share, what: on_progress(0.2 + 0.7 * share, what))
    device.leave_service()
    on_progress(0.9, "starting")
    started = None
    try:
        started = ready.restart(port)
    except Failure:
        if not dry_run:  # there may be no firmware on the chip
            raise
    return Flashed(board["name"], port, identity.version, todo, dry_run, tuple(warnings), started)


def _require_image(board: dict[str, Any], image: Path) -> None:
    """Refuse an interpreter that is known not to run the firmware, before it is written."""
    version = interpreter_faults.image_version(image)
    if version is not None:
        interpreter_faults.require_usable(board["chip"], version, image.name)


def _require_chip(board: dict[str, Any], chip: str | None, port: str) -> None:
    if chip is not None and chip != board["chip"]:
        raise UsageError(
            f"board {board['name']} is for {board['chip']}, and on {port} is an {chip}: "
            "choose another with --board, see massager boards list"
        )


def _require_fit(board: dict[str, Any], identity: Identity, port: str) -> list[str]:
    """Return warnings; refuse an interpreter for another chip or unfit for the firmware."""
    if identity.name != "micropython":
        raise Failure(f"{port}: {identity.name} is on it, and the firmware needs MicroPython")
    _require_chip(board, identity.chip, port)
    version, sub_version = identity.mpy & 0xFF, identity.mpy >> 8 & 3
    if version != _MPY_VERSION or sub_version > _MPY_SUB_VERSION:
        raise Failure(
            f"{port}: MicroPython {identity.version} loads .mpy files of version {version}, and "
            f"those made here are {_MPY_VERSION}: put another on with --micropython FILE (1.23 "
            "or later), or install the mpy-cross of its version"
        )
    return interpreter_faults.require_usable(board["chip"], identity.version, port)


def _summary(todo: Plan, dry_run: bool) -> list[str]:
    would = "would be " if dry_run else ""
    if todo.empty:
        return ["every file is up to date"]
    lines = [f"{path}: {would}copied" for path in todo.copy] if dry_run else []
    lines += [f"{path}: {would}removed" for path in todo.remove]
    return [*lines, f"{len(todo.copy)} files {would}copied, {len(todo.remove)} {would}removed"]
