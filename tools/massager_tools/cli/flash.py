"""`massager flash`: install or update the firmware on a chip."""

import json
import tempfile
from pathlib import Path
from typing import Any

import click

from massager_tools.cli.options import board_option, json_option
from massager_tools.errors import UsageError


@click.command(
    epilog="Example:  massager flash --board esp32_devkitc --micropython ESP32_GENERIC.bin"
)
@board_option
@click.option("--port", metavar="PORT", help="Serial port of the chip, if there is more than one.")
@click.option(
    "--micropython",
    "image",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Write this interpreter first, a .bin from micropython.org.",
)
@click.option("--sha256", metavar="HEX", help="Expected SHA-256 of that file.")
@click.option("--erase", is_flag=True, help="Erase the chip first, with its faults and settings.")
@click.option("--dry-run", is_flag=True, help="Show which files would change; change none.")
@json_option
def command(
    board: dict[str, Any],
    port: str | None,
    image: Path | None,
    sha256: str | None,
    erase: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Put the firmware for a board onto its chip.

    Copy the files that changed, check every file and restart. If it is interrupted, the chip
    keeps its outputs off, and flashing again repairs it.
    """
    from massager_tools.device import interpreter
    from massager_tools.device.flash import flash
    from massager_tools.device.ports import find_port
    from massager_tools.ui.progress import progress

    if image is None and (sha256 or erase):
        raise UsageError("--sha256 and --erase go with --micropython FILE")
    port = find_port(port)
    if image is not None:
        interpreter.check_image(image, board["chip"], sha256)
    with (
        tempfile.TemporaryDirectory(prefix="massager-") as folder,
        progress("flashing") as on_progress,
    ):
        done = flash(
            board, port, Path(folder), on_progress, image=image, erase=erase, dry_run=dry_run
        )
    if as_json:
        click.echo(json.dumps(done.as_dict(), indent=2, ensure_ascii=False))
        return
    for line in done.lines():
        click.echo(line)
