"""`massager faults`: what the blinked codes mean, in plain words."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from massager_tools.cli.options import json_option, port_option
from massager_tools.errors import UsageError
from massager_tools.manual.fault_texts import Fault, fault, faults


@click.command(epilog="Example:  massager faults E12 --port auto")
@click.argument("code", required=False)
@port_option
@click.option(
    "--memory",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Read the memory of a virtual massager in place of a device.",
)
@json_option
def command(code: str | None, port: str | None, memory: Path | None, as_json: bool) -> int:
    """List the faults, or explain the one whose CODE the lamp blinks.

    The lamp blinks tens, a pause, units: twice, a pause, three times is E23. With --port or
    --memory also the freeze frame of CODE, or of each fault that the device has stored. A
    device on a port is stopped, read and started again.
    """
    if port is not None and memory is not None:
        raise UsageError("a file or a port, not both")
    one = None if code is None else fault(code)
    stored = None if port is None and memory is None else _stored(port, memory)
    if one is not None:
        _explain(one, stored, as_json)
    elif stored is not None:
        _list_stored(stored, as_json)
    elif as_json:
        click.echo(json.dumps([_as_dict(row) for row in faults()], ensure_ascii=False))
    else:
        for row in faults():
            click.echo(f"{row.label}  {row.happened}")
    return 0


def _as_dict(one: Fault) -> dict[str, object]:
    return {"label": one.label, **asdict(one)}


def _stored(port: str | None, memory: Path | None) -> list[dict[str, int]]:
    from massager_tools.device_data.freeze_frames import keys, last_readings
    from massager_tools.device_data.transport import NvsDevice, NvsFile, at_rest

    if memory is not None:
        return last_readings(NvsFile(memory))
    with at_rest(port) as device:
        return last_readings(NvsDevice(device, keys()))


def _list_stored(rows: list[dict[str, int]], as_json: bool) -> None:
    """Print every stored fault with its freeze frame, newest first."""
    from massager_tools.device_data.freeze_frames import in_words
    from massager_tools.firmware_tables import fault_name

    if as_json:
        table = [{"name": fault_name(row["code"]), **row} for row in rows]
        click.echo(json.dumps(table, indent=2))
        return
    for row in rows:
        click.echo(f"E{row['code']:02d} {fault_name(row['code'])}: {in_words(row)}")
    if not rows:
        click.echo("no fault kept")


def _explain(one: Fault, stored: list[dict[str, int]] | None, as_json: bool) -> None:
    from massager_tools.device_data.freeze_frames import in_words

    readings = [row for row in stored or () if row["code"] == one.code]
    if as_json:
        table = _as_dict(one) | {"readings": readings}
        click.echo(json.dumps(table, indent=2, ensure_ascii=False))
        return
    click.echo(f"{one.label} {one.name}, blinked as {one.blinks}")
    click.echo(f"  happened  {one.happened}")
    click.echo(f"  stops     {one.stops}")
    for row in readings:
        click.echo(f"  readings  {in_words(row)}")
    if stored is not None and not readings:
        click.echo("  readings  none kept for this fault")
    for check in one.checks:
        click.echo(f"  check     {check}")
    click.echo(f"  clear     {one.clears}")
