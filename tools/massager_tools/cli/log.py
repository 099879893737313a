"""`massager log`: the last 200 sessions of a device, as a table, as CSV, as a picture."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from massager_tools.cli.options import PlotType, json_option, port_option
from massager_tools.errors import UsageError

if TYPE_CHECKING:
    from massager_tools.device_data.session_log import SessionRecord


@click.command("log", epilog="Example:  massager log --plot nights.png")
@click.argument("memory", required=False, type=click.Path(dir_okay=False, path_type=Path))
@port_option
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values.")
@click.option("--plot", type=PlotType(), metavar="FILE", help="Draw minutes and feeling there.")
@json_option
def command(
    memory: Path | None, port: str | None, as_csv: bool, plot: Path | None, as_json: bool
) -> int:
    """Show the sessions stored on a device, or those in MEMORY.

    MEMORY is the file that  massager run --memory FILE  and  massager demo --memory FILE
    write for a virtual massager. A device on a port is stopped, read and started again.
    """
    from massager_tools.device_data import session_log
    from massager_tools.device_data.transport import NvsDevice, NvsFile, at_rest

    if memory is not None and port is not None:
        raise UsageError("a file or a port, not both")
    if memory is not None:
        records = session_log.sessions(NvsFile(memory))
    else:
        with at_rest(port, "the memory file of a virtual massager: massager log FILE") as device:
            records = session_log.sessions(NvsDevice(device, session_log.keys()))
    if plot is not None:
        from massager_tools.plots.nights import draw_log

        draw_log(records, plot)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in records], indent=2, ensure_ascii=False))
    elif as_csv:
        click.echo(session_log.as_csv(records), nl=False)
    else:
        _show(records)
        if plot is not None:
            click.echo(f"plot: {plot}")
    return 0


def _show(records: "list[SessionRecord]") -> None:
    from rich.console import Console
    from rich.table import Table

    if not records:
        click.echo("no sessions stored yet")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1), collapse_padding=True)
    headings = ("no", "program", "min", "press", "warm", "cyc", "lvl", "heat", "°C", "mmHg")
    for heading in (*headings, "feeling", "ended"):
        left = heading in ("program", "heat", "ended")
        table.add_column(heading, justify="left" if left else "right")
    for one in records:
        table.add_row(
            *(str(one.number), one.program, f"{one.minutes:g}"),
            *(f"{one.minutes_at_pressure:g}", f"{one.minutes_at_temperature:g}"),
            *(str(one.cycles), str(one.level), one.heat),
            *(f"{one.peak_pad_c:.1f}", f"{one.peak_pressure_mmhg:.0f}"),
            f"{_said(one.feeling_before)} → {_said(one.feeling_after)}",
            f"{one.ended} {one.fault}".rstrip(),
        )
    Console().print(table)
    click.echo("press, warm: minutes at pressure, at temperature; °C, mmHg: peaks")


def _said(feeling: int | None) -> str:
    return "–" if feeling is None else str(feeling)
