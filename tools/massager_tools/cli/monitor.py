"""`massager monitor`: telemetry of a running massager as gauges, CSV or picture."""

from pathlib import Path

import click

from massager_tools.cli.options import PlotType, json_option


@click.command(epilog="Example:  massager monitor --csv evening.csv --plot evening.png")
@click.option("--port", metavar="PORT", help="Serial port, if there is more than one.")
@click.option(
    "--csv",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write every telemetry line to FILE.",
)
@click.option("--plot", type=PlotType(), metavar="FILE", help="Draw it into FILE at the end.")
@click.option(
    "--for",
    "for_s",
    type=click.FloatRange(min=0.1),
    metavar="SECONDS",
    help="Stop by itself.",
)
@json_option
def command(
    port: str | None, csv: Path | None, plot: Path | None, for_s: float | None, as_json: bool
) -> int:
    """Watch a running massager: temperatures, pressure, motor, faults. Ctrl-C ends it.

    The monitor only reads the port and never affects the massager. If the cable is pulled, it
    waits for the board to come back.
    """
    from massager_tools.device.ports import find_port
    from massager_tools.device.serial_lines import Line
    from massager_tools.ui.monitor_record import CsvFile, Trace, draw
    from massager_tools.ui.monitor_screen import print_json, watch

    trace = Trace()
    with CsvFile(csv) as file:
        line = Line(find_port(port))
        try:
            show = print_json if as_json else watch
            show(line, (trace.add, file.add), for_s)
        finally:
            line.close()
    if not trace:
        click.echo("no telemetry received; does the firmware run? try massager flash", err=True)
        return 1
    if plot is not None:
        draw(trace, plot)
        click.echo(f"plot: {plot}", err=as_json)
    if csv is not None:
        click.echo(f"csv: {csv}, {len(trace)} lines", err=as_json)
    return 0
