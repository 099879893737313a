"""`massager measure NAME`: figures, and whether they reach their bars."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from massager_tools.cli.options import PlotType, json_option
from massager_tools.errors import UsageError
from massager_tools.verification import MEASURES, measure
from massager_tools.verification.report import Options

_LIST = "\n    ".join(f"  {name:<14}{says}" for name, says in MEASURES.items())


@click.command(
    epilog="Example:  massager measure tick --json",
    short_help="Figures of the firmware, and whether they are enough.",
    help=f"""Measure NAME, show its figures, and exit 1 where a bar is not reached.

    `all` with --keep FOLDER runs every measure, resumes what was stopped, and writes
    host_tests/RESULTS.md.

    \b
    Measures:
    {_LIST}
    """,
)
@click.argument("name")
@json_option
@click.option("--quick", is_flag=True, help="A small part of the work, for a first look.")
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    help="Of all chance in it: plants, noise, order; another one is another sample "
    "(thermistor has none, mutation only with --quick).",
)
@click.option(
    "--plants",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Parameters of the modelled plants, in place of the shipped ones "
    "(air, air-faults, heat, heat-faults, motor, motor-faults, tick).",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Store every run there, and go on where it was stopped; a folder for `all`.",
)
@click.option("--dask", metavar="ADDRESS", help="Spread the runs over a Dask cluster.")
@click.option(
    "--plot", type=PlotType(), metavar="FILE", help="Draw it there, too, if it has a picture."
)
def command(
    name: str,
    as_json: bool,
    quick: bool,
    seed: int,
    plants: Path | None,
    keep: Path | None,
    dask: str | None,
    plot: Path | None,
) -> int:
    from rich.console import Console

    from massager_tools.ui.progress import progress
    from massager_tools.verification.results import ALL, measure_all
    from massager_tools.verification.tables import show

    options = Options(quick=quick, seed=seed, plants=plants, keep=keep, dask=dask)
    if name != ALL and keep is not None and keep.is_dir():
        raise UsageError(f"{keep} is a folder; measure {name} keeps its runs in a file")
    run = measure_all if name == ALL else partial(measure, name)
    with progress(f"measuring {name}") as on_progress:
        report = run(replace(options, progress=lambda share: on_progress(share, "")))
    if plot is not None:
        if report.draw is None:
            raise UsageError(f"measure {name} has nothing to plot; leave --plot out")
        report.draw(plot)
    if as_json:
        click.echo(report.as_json())
    else:
        show(report, Console())
        if plot is not None:
            click.echo(f"plot: {plot}")
    return 0 if report.ok else 1
