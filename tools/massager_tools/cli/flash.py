"""`massager flash`: from a bare chip, or an older firmware, to one that runs."""

import tempfile
from pathlib import Path
from typing import Any

import click

from massager_tools.cli.options import board_option
from massager_tools.errors import UsageError


@click.command(
    epilog="Example:  massager flash --board esp32_devkitc --micropython ESP32_GENERIC.bin"
)
@board_option
@click.option("--port", metavar="PORT", help="Where the chip is; found when there is just one.")
@click.option(
    "--micropython",
    "image",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Write this interpreter first, a .bin from micropython.org.",
)
@click.option("--sha256", metavar="HEX", help="What the interpreter's file must hash to.")
@click.option("--erase", is_flag=True, help="Clear the chip before: faults and settings, too.")
@click.option("--dry-run", is_flag=True, help="Say what would be done to the files; change none.")
def command(
    board: dict[str, Any],
    port: str | None,
    image: Path | None,
    sha256: str | None,
    erase: bool,
    dry_run: bool,
) -> None:
    """Put the firmware for a board onto its chip.

    Copies what has changed, checks every file, and restarts. Where it is interrupted, the
    chip keeps its outputs off and the next time repairs it.
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
    with tempfile.TemporaryDirectory(prefix="massager-") as folder, progress("flashing") as tell:
        done = flash(board, port, Path(folder), tell, image=image, erase=erase, dry_run=dry_run)
    for line in done:
        click.echo(line)
