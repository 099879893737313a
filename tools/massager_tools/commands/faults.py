"""`massager faults`: what the blinked codes mean, in plain words."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from massager_tools.commands.options import json_option
from massager_tools.faults import Fault, fault, faults


@click.command(epilog="Example:  massager faults E12")
@click.argument("code", required=False)
@click.option(
    "--memory",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Show what the sensors said, at CODE or at each fault kept, from the memory of a "
    "virtual massager.",
)
@json_option
def command(code: str | None, memory: Path | None, as_json: bool) -> int:
    """List the faults, those kept in FILE, or explain the one whose CODE the lamp blinks.

    The lamp blinks tens, a pause, units: twice, a pause, three times is E23.
    """
    if code is None and memory is not None:
        _list_kept(memory, as_json)
        return 0
    if code is None:
        if as_json:
            click.echo(json.dumps([_as_dict(one) for one in faults()], ensure_ascii=False))
        else:
            for one in faults():
                click.echo(f"{one.label}  {one.happened}")
        return 0
    one = fault(code)
    readings = _readings(memory, one)
    if as_json:
        told = _as_dict(one) | {"readings": readings}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        _tell(one, readings, memory is not None)
    return 0


def _as_dict(one: Fault) -> dict[str, object]:
    return {"label": one.label, **asdict(one)}


def _list_kept(memory: Path, as_json: bool) -> None:
    """Every fault in the memory with its readings, newest first."""
    from massager_tools.core import fault_name
    from massager_tools.kept.readings import in_words

    rows = _kept(memory)
    if as_json:
        told = [{"name": fault_name(row["code"]), **row} for row in rows]
        click.echo(json.dumps(told, indent=2))
        return
    for row in rows:
        click.echo(f"E{row['code']:02d} {fault_name(row['code'])}: {in_words(row)}")
    if not rows:
        click.echo("no fault kept")


def _kept(memory: Path) -> list[dict[str, int]]:
    from massager_tools.kept.readings import last_readings
    from massager_tools.kept.transport import NvsFile

    return last_readings(NvsFile(memory))


def _readings(memory: Path | None, one: Fault) -> list[dict[str, int]]:
    if memory is None:
        return []
    return [row for row in _kept(memory) if row["code"] == one.code]


def _tell(one: Fault, readings: list[dict[str, int]], asked: bool) -> None:
    from massager_tools.kept.readings import in_words

    click.echo(f"{one.label} {one.name}, blinked as {one.blinks}")
    click.echo(f"  happened  {one.happened}")
    click.echo(f"  stops     {one.stops}")
    for row in readings:
        click.echo(f"  readings  {in_words(row)}")
    if asked and not readings:
        click.echo("  readings  none kept for this fault")
    for check in one.checks:
        click.echo(f"  check     {check}")
    click.echo(f"  clear     {one.clears}")
