"""`massager blackbox`: the last 30 s before a device tripped, as a table, CSV or picture."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from massager_tools.cli.options import PlotType, json_option, port_option
from massager_tools.errors import UsageError
from massager_tools.units import PA_PER_MMHG

if TYPE_CHECKING:
    from massager_tools.device_data.blackbox import Recording

_TABLE_STEP = 10  # of 300 rows; the last seconds are shown in full
_TABLE_LAST = 40


@click.command("blackbox", epilog="Example:  massager blackbox flash/ --plot trip.png")
@click.argument("source", required=False, type=click.Path(path_type=Path))
@port_option
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values.")
@click.option("--plot", type=PlotType(), metavar="FILE", help="Draw the signals there.")
@json_option
def command(
    source: Path | None, port: str | None, as_csv: bool, plot: Path | None, as_json: bool
) -> int:
    """Show the black box recording of a device's last trip, or the one in SOURCE.

    SOURCE is the flash folder of a virtual device, or the file blackbox.bin from one. A
    device on a port is stopped, read and started again.
    """
    from massager_tools.device_data.blackbox import FlashFolder, read
    from massager_tools.device_data.transport import at_rest

    if source is not None and port is not None:
        raise UsageError("a file or a port, not both")
    if source is not None:
        recording = read(FlashFolder(source))
    else:
        with at_rest(port, "a flash folder or a blackbox.bin: massager blackbox PATH") as device:
            recording = read(device)
    if plot is not None:
        from massager_tools.plots.blackbox import draw

        draw(recording, plot)
    if as_json:
        summary = {"fault": recording.fault, "t_ms": recording.t_ms}
        rows = [asdict(row) for row in recording.rows]
        click.echo(json.dumps({**summary, "rows": rows}, ensure_ascii=False))
    elif as_csv:
        click.echo(recording.as_csv(), nl=False)
    else:
        _show(recording)
        if plot is not None:
            click.echo(f"plot: {plot}")
    return 0


def _show(recording: "Recording") -> None:
    from rich.console import Console
    from rich.table import Table

    from massager_tools.firmware_tables import fault_name, state_names

    click.echo(f"{recording.fault} {fault_name(recording.fault)}, {len(recording.rows)} rows")
    table = Table(box=None, padding=(0, 1, 0, 0))
    headings = ("s", "state", "fault", "A °C", "B °C", "mmHg", "V", "rpm")
    for heading in (*headings, "heater", "pump", "valves", "motor", "late"):
        table.add_column(heading, justify="left" if heading == "state" else "right")
    names = state_names()
    first_full = len(recording.rows) - _TABLE_LAST
    for index, row in enumerate(recording.rows):
        if index < first_full and index % _TABLE_STEP:
            continue
        table.add_row(
            *(f"{row.t_s:.1f}", names[row.state] if row.state < len(names) else str(row.state)),
            *(str(row.fault or ""), f"{row.pad_a_c:.1f}", f"{row.pad_b_c:.1f}"),
            *(f"{row.pressure_pa / PA_PER_MMHG:.1f}", f"{row.supply_mv / 1000:.1f}"),
            *(str(row.motor_rpm), str(row.heater_permille), str(row.pump_permille)),
            *(f"{row.chambers:b}", str(row.motor_permille), str(row.late_ms)),
        )
    Console().print(table)
