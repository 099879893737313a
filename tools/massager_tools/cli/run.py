"""`massager run`: the virtual massager in real time, with the keyboard as its buttons."""

from pathlib import Path
from typing import Any

import click

from massager_tools.cli.options import (
    board_option,
    memory_option,
    program_option,
    python_option,
    seed_option,
)
from massager_tools.firmware_tables import Program, built_in


@click.command(epilog="Example:  massager run --speed 5")
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Times real time.",
)
@board_option
@program_option
@click.option("--keys", is_flag=True, help="Show the keys and what each button does, and go.")
@memory_option
@python_option
@seed_option
def command(
    speed: float,
    board: dict[str, Any],
    program: Program,
    keys: bool,
    memory: Path | None,
    on_cpython: bool,
    seed: int,
) -> int:
    """Play the virtual massager in real time: keys are its buttons.

    A key held down is a button held down. A terminal reports a held key only by repeats,
    so faster than real time a key is a tap; capital letters are long presses: P clears a
    fault.
    """
    if keys:
        _show_keys()
        return 0
    from massager_tools.ui.run import run

    try:
        result = run(
            built_in(board, program),
            program,
            speed=speed,
            on_cpython=on_cpython,
            seed=seed,
            memory=memory,
        )
    except KeyboardInterrupt:  # Ctrl-C is a way to quit like q
        return 0
    if result is None or result.reason == "stop":
        return 0
    safe = "all outputs safe" if result.outputs_safe else "OUTPUTS NOT SAFE"
    click.echo(
        f"the massager ended: {result.reason}; {safe}\n{result.traceback}".rstrip(), err=True
    )
    return 1 if result.reason != "returned" else 0


def _show_keys() -> None:
    from massager_tools.manual.gesture_texts import panel_rows
    from massager_tools.ui.keys import key_table

    rows = [
        *key_table(),
        ("f", "faults", "break and mend things"),
        ("l", "leg", "take it out, put it in"),
        ("x", "mains", "fails for 3 s"),
        ("q", "quit", ""),
    ]
    for key, name, does in rows:
        click.echo(f"{key:<12}{name:<15}{does}".rstrip())
    click.echo()
    table = [(row.buttons, row.gesture, row.when, row.does) for row in panel_rows()]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())
