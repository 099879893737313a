"""`massager boards`: which boards there are, and what is wrong with one."""

import json
from dataclasses import asdict
from typing import Any

import click

from massager_tools.boards import board_names, check, load_board
from massager_tools.commands.options import json_option


@click.group(invoke_without_command=True, epilog="Example:  massager boards check esp32_devkitc")
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the boards, or check one."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_boards)


@command.command("list", epilog="Example:  massager boards list")
@json_option
def list_boards(as_json: bool) -> None:
    """List the boards that come with the project."""
    boards = [load_board(name) for name in board_names()]
    if as_json:
        click.echo(json.dumps([_summary(board) for board in boards], indent=2))
        return
    width = max(len(board["name"]) for board in boards)
    for board in boards:
        click.echo(f"{board['name']:<{width}}  {board['title']}, {_extent(board)}")


@command.command("check", epilog="Example:  massager boards check my_board.py")
@click.argument("board", metavar="NAME|FILE")
@json_option
def check_board(board: str, as_json: bool) -> int:
    """Check a board against the pin tables of its chip; exit 1 where it must not be flashed."""
    loaded = load_board(board)
    findings = check(loaded)
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        found = [asdict(finding) for finding in findings]
        click.echo(json.dumps({"board": loaded["name"], "ok": not errors, "findings": found}))
    else:
        for finding in findings:
            click.echo(str(finding))
        verdict = f"{errors} error{'s' * (errors != 1)}" if errors else "may be flashed"
        click.echo(f"{loaded['name']}: {_extent(loaded)}: {verdict}")
    return 1 if errors else 0


def _summary(board: dict[str, Any]) -> dict[str, Any]:
    return {key: board[key] for key in ("name", "title", "chip")} | {"roles": len(board["roles"])}


def _extent(board: dict[str, Any]) -> str:
    chambers = sum(role.startswith("chamber_") for role in board["roles"])
    return f"{len(board['roles'])} roles, {chambers} chambers"
