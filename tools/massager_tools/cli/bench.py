"""`massager bench`: a virtual board on a port, for every command that needs a real one."""

import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from massager_tools.cli.options import board_option
from massager_tools.errors import UsageError


@click.command(epilog="Example:  massager bench   and, elsewhere,  massager flash --port PORT")
@board_option
@click.option(
    "--files",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Folder that holds the contents of the chip's flash; an empty chip unless given.",
)
@click.option("--tcp", is_flag=True, help="A socket:// port in place of a pseudo-terminal.")
@click.option(
    "--speed", type=click.FloatRange(0.1, 20.0), default=1.0, help="Virtual over real time."
)
def command(board: dict[str, Any], files: Path | None, tcp: bool, speed: float) -> None:
    """Put a virtual board on a port, with MicroPython's prompt on it. Ctrl-C ends it.

    Flash, monitor and any terminal program work on it as on a real board.
    """
    from massager_tools.sim.serial.board import SerialBoard

    if files is not None:
        _make(files)
    # SIGTERM would end Python at once and leave the temporary folders behind
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="massager-") as folder:
        flash = files or Path(folder)
        with SerialBoard(board, flash, tcp=tcp, speed=speed) as virtual:
            try:
                click.echo(f"{board['name']} is on {virtual.port}")
                click.echo(f"try:  massager flash --board {board['name']} --port {virtual.port}")
                while True:
                    time.sleep(1.0)
            except KeyboardInterrupt:
                click.echo("off")


def _make(folder: Path) -> None:
    """Create the folder if it is missing, but not its parents: the path may be mistyped."""
    if not folder.parent.is_dir():
        raise UsageError(f"--files {folder}: there is no folder {folder.parent}")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(f"--files {folder}: cannot be made: {error.strerror}") from None
