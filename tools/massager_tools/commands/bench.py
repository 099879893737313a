"""`massager bench`: a virtual board on a port, for every command that wants a real one."""

import tempfile
import time
from pathlib import Path
from typing import Any

import click

from massager_tools.commands.options import board_option


@click.command(epilog="Example:  massager bench   and, elsewhere,  massager flash --port PORT")
@board_option
@click.option(
    "--files",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="What the chip has in its flash, and keeps; a new chip with nothing, unless given.",
)
@click.option("--tcp", is_flag=True, help="A socket:// port in place of a pseudo-terminal.")
@click.option(
    "--speed", type=click.FloatRange(0.1, 20.0), default=1.0, help="Virtual over real time."
)
def command(board: dict[str, Any], files: Path | None, tcp: bool, speed: float) -> None:
    """Put a virtual board on a port, with MicroPython's prompt on it. Ctrl-C ends it.

    Then try flash, monitor or any terminal on it, as on a real one.
    """
    from massager_tools.virtual.serial.board import SerialBoard

    with tempfile.TemporaryDirectory(prefix="massager-") as folder:
        flash = files or Path(folder)
        flash.mkdir(parents=True, exist_ok=True)
        with SerialBoard(board, flash, tcp=tcp, speed=speed) as virtual:
            click.echo(f"{board['name']} is on {virtual.port}")
            click.echo(f"try:  massager flash --board {board['name']} --port {virtual.port}")
            try:
                while True:
                    time.sleep(1.0)
            except KeyboardInterrupt:
                click.echo("off")
