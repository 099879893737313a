"""Data that outlive power-off on the device: read once, shown by several pages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from nicegui import run, ui
from nicegui.events import UploadEventArguments

from massager_tools.device_data import blackbox, freeze_frames, session_log
from massager_tools.device_data.blackbox import Recording
from massager_tools.device_data.session_log import SessionRecord
from massager_tools.device_data.transport import NvsFile
from massager_tools.errors import Failure, UsageError
from massager_tools.panel.device import Device
from massager_tools.panel.panel import Panel
from massager_tools.panel.widgets import button, complain, file_button, guarded_async

READ_WARNING = "It stops, is read and starts again: a session that runs ends as by power."


@dataclass
class KeptData:
    """Stored data of a device; `source` says where it is from."""

    source: str = ""
    records: list[SessionRecord] = field(default_factory=list)
    frames: list[dict[str, int]] = field(default_factory=list)
    recording: Recording | None = None


def read_device(device: Device) -> KeptData:
    """Stop the device, read what it keeps, start it again. Failure where it does not answer."""
    with device.at_rest() as kept:
        data = KeptData(
            device.title,
            session_log.sessions(kept.store),
            freeze_frames.last_readings(kept.store),
        )
        if kept.files.read_file(blackbox.box().NAME):
            data.recording = blackbox.read(kept.files)
        return data


def read_memory(content: bytes, name: str) -> KeptData:
    """Return what a memory file of a virtual massager holds; UsageError where it is none."""
    with tempfile.TemporaryDirectory(prefix="massager-panel-") as folder:
        path = Path(folder) / "memory.json"
        path.write_bytes(content)
        try:
            store = NvsFile(path)
        except UsageError as error:
            raise UsageError(str(error).replace(str(path), name)) from None
        return KeptData(name, session_log.sessions(store), freeze_frames.last_readings(store))


def kept_of(panel: Panel) -> KeptData:
    """Return what was read last; empty before the first time."""
    return panel.kept if isinstance(panel.kept, KeptData) else KeptData()


def sources(panel: Panel, show: Callable[[], None]) -> None:
    """Build the row that reads a device, or a memory file, and then calls `show`."""

    async def read(_: object) -> None:
        busy.set_visibility(True)
        try:
            panel.kept = await run.io_bound(read_device, panel.device)
        finally:
            busy.set_visibility(False)
        show()

    async def take(event: UploadEventArguments) -> None:
        try:
            panel.kept = read_memory(await event.file.read(), event.file.name)
        except (UsageError, Failure) as error:
            complain(error)
        else:
            show()
        upload.reset()

    with ui.row().classes("switches"):
        button("Read the device", guarded_async(panel, read), "download", "main").mark("read")
        upload = file_button("or a memory file", ".json", take).mark("memory")
        busy = ui.spinner(size="1.6em")
        busy.set_visibility(False)
    ui.label(READ_WARNING).classes("note")
