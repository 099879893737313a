"""`massager programs`: list the programs, or check a program file."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from massager_tools.cli.options import json_option
from massager_tools.manual.program_notes import program_notes
from massager_tools.programs import findings, read_program


@click.group(invoke_without_command=True, epilog="Example:  massager programs check my_program.py")
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the programs and where they come from, or check one of your own."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_programs)


@command.command("list", epilog="Example:  massager programs list")
@json_option
def list_programs(as_json: bool) -> None:
    """List the programs that come with the firmware, and where each comes from."""
    notes = program_notes()
    if as_json:
        click.echo(json.dumps([asdict(note) for note in notes], indent=2, ensure_ascii=False))
        return
    for note in notes:
        click.echo(f"{note.name}, {note.minutes} min\n    {note.evidence}")


@command.command("check", epilog="Example:  massager programs check my_program.py")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def check_program(file: Path, as_json: bool) -> int:
    """Check a program of your own; exit 1 where it breaks a rule.

    The file holds one table, PROGRAM = {...}; see the README for an example.
    """
    program = read_program(file)
    found = findings(program)
    if as_json:
        click.echo(json.dumps({"ok": not found, "findings": found}, ensure_ascii=False))
        return 1 if found else 0
    for line in found:
        click.echo(f"{file}: {line}")
    if found:
        return 1
    minutes = sum(phase["minutes"] for phase in program["phases"])
    click.echo(
        f"{program['name']}: {len(program['phases'])} phases, {minutes} min: may be built in; "
        f"try it with  massager demo --program {file}"
    )
    return 0
