"""The `massager` command: a group whose subcommands are modules of this package.

A subcommand NAME is `cli/NAME.py` with a click command called `command`. It returns
nothing or 0 on success, and returns 1 or raises one of errors.py on failure.
They import large libraries only when they run, so that `massager --help` is quick.
"""

import sys
from collections.abc import Sequence
from importlib import import_module, metadata

import click

from massager_tools.errors import Failure, UsageError

COMMANDS = (
    *("demo", "run", "panel", "programs", "boards", "flash", "bringup"),
    *("monitor", "bench", "faults", "log", "blackbox", "replay", "measure"),
)
"""In the order in which a newcomer needs them."""

STOPPED = 1  # by Ctrl-C: the command did not finish


class _Commands(click.Group):
    """Import a subcommand when it is used."""

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
    """Try, check, flash and measure the firmware of a leg massager on an ESP32."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command in `arguments` (default: the command line); return the exit code.

    An error is one line on stderr: code 1 if the command failed, 2 if it was used wrongly.
    """
    try:
        code = massager.main(args=arguments, prog_name="massager", standalone_mode=False)
    except click.UsageError as error:
        return _print_error(_one_line(error), error.exit_code)
    except click.ClickException as error:
        return _print_error(error.format_message(), error.exit_code)
    except (UsageError, Failure) as error:
        return _print_error(str(error), error.exit_code)
    except click.Abort:
        return _print_error("stopped", STOPPED)
    return code or 0


def main() -> None:
    """Run the installed command and exit."""
    sys.exit(run())


def _one_line(error: click.UsageError) -> str:
    """Return click's message in one line with the command whose --help explains the usage."""
    where = error.ctx.command_path if error.ctx else "massager"
    message = error.format_message().rstrip(".")
    return f"{message[:1].lower()}{message[1:]}; see {where} --help"


def _print_error(message: str, code: int) -> int:
    click.echo(f"massager: {message}", err=True)
    return code


if __name__ == "__main__":
    main()
