"""Options shared by several subcommands."""

import os
from pathlib import Path
from typing import Any

import click

from massager_tools import firmware_tables
from massager_tools.boards import check, load_board
from massager_tools.errors import BoardError
from massager_tools.programs import load_program

DEFAULT_BOARD = "esp32_devkitc"

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object, for programs."
)


port_option = click.option(
    "--port",
    metavar="PORT",
    help="Port of the device, as mpremote takes it; `auto` finds the only one.",
)


class BoardType(click.ParamType):
    """Convert the name of a shipped board or the path of a board file to a checked board."""

    name = "board"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        """Return the board. Raise BoardError with role, pin and rule."""
        if isinstance(value, dict):
            return value
        board = load_board(value)
        errors = [finding for finding in check(board) if finding.severity == "error"]
        if errors:
            raise BoardError(f"board {value}: {errors[0]}; see massager boards check {value}")
        return board


class ProgramType(click.ParamType):
    """Convert the name of a program or the path of a program file to a `Program`."""

    name = "program"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> firmware_tables.Program:
        """Return the program. Raise UsageError with what is wrong."""
        if isinstance(value, firmware_tables.Program):
            return value
        if str(value).endswith(".py"):
            return firmware_tables.own_program(load_program(Path(value)))
        return firmware_tables.program(value)


class OutputType(click.ParamType):
    """Accept a file to write whose folder exists."""

    name = "file"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the path. Refuse now what could not be written after a minute of work."""
        path = Path(value)
        if not path.parent.is_dir():
            self.fail(f"{value}: there is no folder {path.parent}", param, ctx)
        if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            self.fail(f"{value}: cannot be written", param, ctx)
        return path


class PlotType(OutputType):
    """Accept a picture file with the ending of a known format."""

    endings = (".png", ".svg", ".pdf")

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the path; check its ending and that it can be written."""
        if Path(value).suffix.lower() not in self.endings:
            self.fail(f"{value}: a plot ends in {', '.join(self.endings)}", param, ctx)
        return super().convert(value, param, ctx)


board_option = click.option(
    "--board",
    type=BoardType(),
    default=DEFAULT_BOARD,
    show_default=True,
    metavar="NAME|FILE",
    help="A board by name (see massager boards), or a board file.",
)
program_option = click.option(
    "--program",
    type=ProgramType(),
    default="evening",
    show_default=True,
    metavar="NAME|FILE",
    help="Program to play: a name (see massager programs) or a program file of your own.",
)
memory_option = click.option(
    "--memory",
    type=OutputType(),
    metavar="FILE",
    help="Store settings, faults and sessions in FILE; for massager log and massager faults.",
)
python_option = click.option(
    "--python", "on_cpython", is_flag=True, help="Run the firmware on CPython, not MicroPython."
)
seed_option = click.option(
    "--seed", type=int, default=1, show_default=True, help="Seed of the sensor noise."
)
