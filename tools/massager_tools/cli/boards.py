"""`massager boards`: list boards, check one, show its wiring."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from massager_tools.boards import board_names, check, check_file, load_board
from massager_tools.cli.options import json_option
from massager_tools.device.interpreter_faults import recommended, usable
from massager_tools.errors import UsageError


@click.group(invoke_without_command=True, epilog="Example:  massager boards check esp32_devkitc")
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the boards, check one, or show how it is wired."""
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
        click.echo(f"{'':<{width}}  {_interpreter(board['chip'])}")


@command.command("check", epilog="Example:  massager boards check my_board.py")
@click.argument("board", metavar="NAME|FILE")
@json_option
def check_board(board: str, as_json: bool) -> int:
    """Check a board against the pin tables of its chip; exit 1 where it must not be flashed."""
    loaded, findings = check_file(board)
    errors = sum(finding.severity == "error" for finding in findings)
    name = loaded["name"] if loaded else Path(board).stem
    if as_json:
        found = [asdict(finding) for finding in findings]
        click.echo(json.dumps({"board": name, "ok": not errors, "findings": found}))
    else:
        for finding in findings:
            click.echo(str(finding))
        verdict = f"{errors} error{'s' * (errors != 1)}" if errors else "may be flashed"
        extent = f"{_extent(loaded)}: " if loaded else ""
        click.echo(f"{name}: {extent}{verdict}")
    return 1 if errors else 0


@command.command("wiring", epilog="Example:  massager boards wiring my_board.py --svg wiring.svg")
@click.argument("board", metavar="NAME|FILE")
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Draw it there.")
@json_option
def show_wiring(board: str, svg: Path | None, as_json: bool) -> int:
    """Show what is connected to each pin, and the protective parts no software replaces."""
    from massager_tools.boards.circuit import GUARDS, connections

    loaded = load_board(board)
    errors = [finding for finding in check(loaded) if finding.severity == "error"]
    wires = connections(loaded)
    if svg is not None:
        _draw(loaded, svg)
    if as_json:
        table = {
            "board": loaded["name"],
            "connections": [asdict(wire) for wire in wires],
            "guards": [asdict(guard) for guard in GUARDS],
        }
        click.echo(json.dumps(table, ensure_ascii=False, indent=2))
    else:
        from massager_tools.boards.tables import show_connections

        show_connections(loaded, wires)
        if svg is not None:
            click.echo(f"drawn: {svg}")
    if errors:
        click.echo(f"do not solder this yet: {errors[0]}", err=True)
    return 1 if errors else 0


def _draw(board: dict[str, Any], svg: Path) -> None:
    from massager_tools.boards.drawing import draw

    try:
        draw(board, svg)
    except OSError as error:
        raise UsageError(f"cannot write {svg}: {error.strerror}; choose another --svg") from None


def _summary(board: dict[str, Any]) -> dict[str, Any]:
    chip = board["chip"]
    return {key: board[key] for key in ("name", "title", "chip")} | {
        "roles": len(board["roles"]),
        "micropython": recommended(chip),
        "micropython_usable": usable(chip),
    }


def _interpreter(chip: str) -> str:
    """Return which MicroPython a chip needs."""
    spans = [first if first == last else f"{first} to {last}" for first, last in usable(chip)]
    return f"{chip} with MicroPython {recommended(chip)}; usable are {', '.join(spans)}"


def _extent(board: dict[str, Any]) -> str:
    chambers = sum(role.startswith("chamber_") for role in board["roles"])
    return f"{len(board['roles'])} roles, {chambers} chambers"
