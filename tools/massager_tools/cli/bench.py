"""`massager bench`: a virtual board on a port, for every command that needs a real one."""

import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from massager_tools.cli.options import board_option
from massager_tools.errors import UsageError
from massager_tools.sim.chip_facts import CONSOLES, NEWEST


class FaultType(click.ParamType):
    """Convert NAME, NAME=VALUE or either with @SECONDS to an event of the virtual board."""

    name = "fault"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        """Return the event. Whether there is such a fault is for the board to say."""
        if isinstance(value, dict):
            return value
        what, at, seconds = value.partition("@")
        name, equals, number = what.partition("=")
        event = {"do": "fault", "name": name, "on": True}
        try:
            if equals:
                event["value"] = float(number) if "." in number else int(number)
            if at:
                event["at_ms"] = int(float(seconds) * 1000)
        except ValueError:
            self.fail(f"{value}: write NAME, NAME=NUMBER, or either with @SECONDS", param, ctx)
        return event


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
@click.option(
    "--fault",
    "faults",
    type=FaultType(),
    multiple=True,
    metavar="NAME[=VALUE][@SECONDS]",
    help="Something that is broken, from power-on or SECONDS after it; may be repeated. A name "
    "that is none shows all there are.",
)
@click.option(
    "--console",
    type=click.Choice(CONSOLES),
    help="How the console behaves; as that of the board's chip unless given.",
)
@click.option(
    "--micropython",
    "version",
    default=NEWEST,
    show_default=True,
    metavar="VERSION",
    help="The version that the chip behaves by, 1.23 to 1.29.",
)
def command(
    board: dict[str, Any],
    files: Path | None,
    tcp: bool,
    speed: float,
    faults: tuple[dict[str, Any], ...],
    console: str | None,
    version: str,
) -> None:
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
        with SerialBoard(
            board,
            flash,
            tcp=tcp,
            speed=speed,
            version=version,
            console=console,
            events=faults,
        ) as virtual:
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
