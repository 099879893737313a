"""`massager replay`: play a recorded session through this tree's core, tick by tick."""

import json
import tempfile
from pathlib import Path

import click

from massager_tools.cli.options import json_option
from massager_tools.errors import UsageError


@click.command(
    epilog="Example:  massager demo --record evening.rec && massager replay evening.rec"
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--python", "only_cpython", is_flag=True, help="On CPython only.")
@json_option
def command(file: Path, only_cpython: bool, as_json: bool) -> int:
    """Play the session in FILE through the core of this tree, on CPython and on MicroPython.

    FILE comes from massager demo --record. Each controller gets what the recorded one read,
    tick by tick; every output, the state and all faults must be what they were. After a change
    of the core, the first tick that differs shows what the change did.
    """
    from massager_tools import replay
    from massager_tools.ui.progress import progress

    results = []
    with tempfile.TemporaryDirectory(prefix="massager-replay-") as folder:
        recorded, played = Path(folder) / "recorded", Path(folder) / "played"
        head = replay.unpack(file, recorded)
        ticks = replay.ticks(recorded)
        if not ticks:
            raise UsageError(f"{file}: there is no tick in it")
        for name in ("CPython",) if only_cpython else ("CPython", "MicroPython"):
            with progress(f"{ticks} ticks on {name}") as on_progress:
                replay.play(
                    head.board,
                    recorded,
                    played,
                    on_cpython=name == "CPython",
                    on_progress=on_progress,
                )
            found = replay.difference(recorded, played)
            results.append((name, found))
            if not as_json:
                click.echo(f"{name:<13}{found or f'{ticks} ticks: the same, tick by tick'}")
    ours = replay.firmware_digest()
    if as_json:
        differences = {name: None if found is None else vars(found) for name, found in results}
        summary = {"board": head.board["name"], "recorded_with": head.firmware, "tree": ours}
        click.echo(json.dumps({**summary, "ticks": ticks, "differences": differences}))
    elif head.firmware != ours:
        click.echo(f"recorded with firmware {head.firmware}, this tree is {ours}")
    return 1 if any(found is not None for _, found in results) else 0
