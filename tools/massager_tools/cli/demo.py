"""`massager demo`: a whole session on the virtual massager, summed up and drawn."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from massager_tools.cli.options import (
    OutputType,
    PlotType,
    board_option,
    json_option,
    memory_option,
    program_option,
    python_option,
    seed_option,
)
from massager_tools.firmware_tables import Program, built_in

if TYPE_CHECKING:
    from massager_tools.sim.demo import Demo

DEFAULT_PLOT = "massager-demo.png"


@click.command(epilog="Example:  massager demo --program warm --plot warm.png")
@json_option
@program_option
@board_option
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    help="Times real time: 1 is real time. As fast as possible unless given.",
)
@click.option("--no-plot", is_flag=True, help="Draw nothing.")
@click.option(
    "--plot",
    type=PlotType(),
    default=DEFAULT_PLOT,
    show_default=True,
    metavar="FILE",
    help="Draw there.",
)
@click.option(
    "--record",
    type=OutputType(),
    metavar="FILE",
    help="Write down every tick's inputs and outputs; for massager replay.",
)
@memory_option
@python_option
@seed_option
def command(
    as_json: bool,
    program: Program,
    board: dict[str, Any],
    speed: float | None,
    no_plot: bool,
    plot: Path,
    record: Path | None,
    memory: Path | None,
    on_cpython: bool,
    seed: int,
) -> int:
    """Play a whole session on the virtual massager.

    The real firmware boots on a virtual ESP32, power is pressed, the program runs its full
    length, buttons are pressed on the way, and everything ends off and vented.
    """
    from massager_tools.device_data.transport import kept_in, save_nvs
    from massager_tools.sim.demo import play, scenario_of
    from massager_tools.ui.progress import progress

    nvs = kept_in(memory)
    with ExitStack() as stack:
        on_progress = stack.enter_context(progress(f"{program.name}, {program.minutes} min"))
        flashed = built_in(board, program)
        flash = None
        if record is not None:
            from massager_tools.replay import recording_into

            flash = stack.enter_context(recording_into(record, flashed, on_cpython=on_cpython))
        demo = play(
            flashed,
            scenario_of(program),
            seed=seed,
            speed=speed,
            on_cpython=on_cpython,
            flash_dir=flash,
            nvs=nvs,
            on_progress=on_progress,
        )
    if memory is not None and demo.result.nvs:  # a process that died has left nothing
        save_nvs(memory, demo.result.nvs)
    drawn = not no_plot and len(demo.track) > 1  # nothing to draw of a firmware that fell at once
    if drawn:
        from massager_tools.plots.session import draw_session

        title = f"{program.name}, {program.minutes} min"
        subtitle = f"the whole firmware on a virtual {board['name']}, seed {seed}"
        draw_session(demo.track, title, subtitle, plot)
    if as_json:
        summary = demo.as_dict() | {"plot": str(plot) if drawn else None}
        click.echo(json.dumps(summary, indent=2, ensure_ascii=False))
    else:
        _tell(demo)
        if drawn:
            click.echo(f"plot: {plot}")
        if record is not None:
            click.echo(f"recording: {record}")
    return 0 if demo.ok else 1


def _tell(demo: "Demo") -> None:
    figures = demo.figures
    safe = "all outputs safe" if demo.safe else "OUTPUTS NOT SAFE"
    lines = (
        ("session", f"{demo.program}, {figures['minutes']} min on {demo.board}"),
        ("pad", f"peak {figures['pad_peak_c']:.1f} °C, mean {figures['pad_mean_c'] or 0:.1f} °C"),
        ("squeezes", f"{figures['cycles']}, peak {figures['pressure_peak_mmhg']:.0f} mmHg"),
        ("motor", _speed(figures["motor_mean_rpm"], figures["motor_peak_rpm"])),
        ("faults", ", ".join(figures["faults"]) or "none"),
        ("at the end", f"{figures['state']}, {safe}"),
        ("time", f"{demo.real_s:.1f} s, {demo.times_real_time:.0f} times real time"),
    )
    for name, value in lines:
        click.echo(f"{name:<11}{value}")
    if demo.result.traceback:
        click.echo(f"\nthe firmware raised; {safe}\n{demo.result.traceback}", err=True)
    elif demo.result.reason != "until":
        click.echo(f"ended early: {demo.result.reason}; {safe}", err=True)
    for miss in demo.misses:
        click.echo(f"not as expected: {miss}", err=True)


def _speed(mean_rpm: int, peak_rpm: int) -> str:
    return f"mean {mean_rpm} rpm, peak {peak_rpm} rpm" if peak_rpm else "never ran"
