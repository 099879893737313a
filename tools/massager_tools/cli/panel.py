"""`massager panel`: everything that the command can do for an owner, as a page."""

from pathlib import Path
from typing import Any

import click

from massager_tools.cli.options import board_option, memory_option, python_option
from massager_tools.errors import Failure

_MISSING = "the page needs NiceGUI; get it with  pip install 'massager-firmware[panel]'"


@click.command(epilog="Example:  massager panel --no-browser --port 8080")
@click.option("--port", type=click.IntRange(1, 65_535), help="Of this computer; a free one.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--device", metavar="PORT", help="Watch the massager on a serial port at once.")
@board_option
@memory_option
@python_option
def command(
    port: int | None,
    no_browser: bool,
    device: str | None,
    board: dict[str, Any],
    memory: Path | None,
    on_cpython: bool,
) -> None:
    """Open a page in the browser: live picture, install, first power-up, nights, faults.

    A virtual massager stands behind it until a real one is plugged in. It listens on this
    computer only, and opens only by the address that is printed. Ctrl-C ends it.
    """
    from massager_tools.device_data.transport import kept_in, save_nvs

    nvs = kept_in(memory)
    try:
        from massager_tools.panel.panel import Panel
        from massager_tools.panel.server import PanelServer, open_browser
        from massager_tools.panel.virtual_device import VirtualDevice
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("nicegui", "fastapi", "uvicorn"):
            raise
        raise Failure(_MISSING) from None

    def ready(address: str) -> None:
        click.echo(f"the page is at  {address}")
        click.echo("Ctrl-C ends it")
        if not no_browser:
            open_browser(server.address_once())

    panel = Panel(VirtualDevice(board, nvs=nvs, on_cpython=on_cpython))
    try:
        if device is not None:
            panel.watch_port(device)
        server = PanelServer(panel, port)
        server.run(ready)
    except KeyboardInterrupt:
        pass
    finally:
        panel.close()
        if memory is not None:
            save_nvs(memory, panel.virtual.nvs)
