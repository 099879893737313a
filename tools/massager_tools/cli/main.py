"""The `massager` command: a group whose subcommands are modules of this package.

A subcommand NAME is `cli/NAME.py` with a click command called `command`. It ends
well by returning nothing or 0, and badly by returning 1 or raising one of errors.py.
Those modules import what is heavy only when they run, so that `massager --help` is quick.
"""

import sys
from collections.abc import Sequence
from importlib import import_module, metadata

import click

from massager_tools.errors import Failure, UsageError

COMMANDS = (
    *("demo", "run", "programs", "boards", "flash", "bringup"),
    *("monitor", "bench", "faults", "log", "blackbox", "replay", "measure"),
)
"""In the order in which a newcomer meets them."""

STOPPED = 1  # by Ctrl-C: what was asked did not get done


class _Commands(click.Group):
    """A group that imports a subcommand when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"massager_tools.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args[0].startswith("-") and args[0] not in COMMANDS:
            raise click.UsageError(
                f"no command {args[0]!r}; commands are {', '.join(COMMANDS)}", ctx
            )
        return super().resolve_command(ctx, args)


def _version() -> str:
    try:
        return metadata.version("massager-firmware")
    except metadata.PackageNotFoundError:  # run from a checkout that is not installed
        return "not installed"


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 99},
    epilog="Try the massager without any hardware:  massager demo",
)
@click.version_option(_version(), prog_name="massager")
@click.pass_context
def massager(ctx: click.Context) -> None:
    """Firmware of a leg massager on an ESP32: try it, check it, measure it."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(arguments: Sequence[str] | None = None) -> int:
    """Do what `arguments` (default: the command line) ask; the exit code.

    What goes wrong is one line on stderr: 1 where it was tried and failed, 2 where it
    was asked wrongly.
    """
    try:
        code = massager.main(args=arguments, prog_name="massager", standalone_mode=False)
    except click.UsageError as error:
        return _complain(_one_line(error), error.exit_code)
    except click.ClickException as error:
        return _complain(error.format_message(), error.exit_code)
    except (UsageError, Failure) as error:
        return _complain(str(error), error.exit_code)
    except click.Abort:
        return _complain("stopped", STOPPED)
    return code or 0


def main() -> None:
    """The entry point of the installed command."""
    sys.exit(run())


def _one_line(error: click.UsageError) -> str:
    """What click has to say, and where to read how it is done right."""
    where = error.ctx.command_path if error.ctx else "massager"
    message = error.format_message().rstrip(".")
    return f"{message[:1].lower()}{message[1:]}; see {where} --help"


def _complain(message: str, code: int) -> int:
    click.echo(f"massager: {message}", err=True)
    return code


if __name__ == "__main__":
    main()
