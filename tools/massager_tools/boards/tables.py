"""Print a board's wiring as tables on the terminal."""

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from massager_tools.boards.circuit import FILTER, GROUND, GUARDS, Connection

NOTE = (
    f"{FILTER} from each analog, sense and tach pin to {GROUND}. Every MOSFET: N-channel, fully "
    "on at 2.5 to 3.3 V at its gate. One fuse serves the pump and all valves."
)


def show_connections(
    board: dict[str, Any], wires: Sequence[Connection], console: Console | None = None
) -> None:
    """Print the connection table of `board`, then what no software replaces."""
    console = console or Console()
    table = Table("pin", "role", "part", "between", "far end", box=SIMPLE_HEAD)
    table.title = f"{board['title']} ({board['name']})"
    for wire in sorted(wires, key=lambda wire: wire.pin):
        table.add_row(str(wire.pin), wire.role, wire.part, wire.between, wire.far_end)
    console.print(table)
    console.print(NOTE)
    guards = Table("part", "where", "against", box=SIMPLE_HEAD, title="What no software replaces")
    for guard in GUARDS:
        guards.add_row(guard.part, guard.where, guard.why)
    console.print(guards)
