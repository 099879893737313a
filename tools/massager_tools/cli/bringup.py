"""`massager bringup`: first power-up, one output at a time."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from massager_tools.bringup.bench import Device
from massager_tools.bringup.operator import Operator
from massager_tools.bringup.runner import Outcome
from massager_tools.cli.options import BoardType, board_option, json_option
from massager_tools.errors import UsageError


@click.command(
    epilog="Examples:  massager bringup    massager bringup --virtual --fault pump_dead",
)
@click.option("--port", metavar="PORT", help="Serial port, PTY, socket:// or rfc2217:// address.")
@click.option("--virtual", is_flag=True, help="A virtual massager, with somebody to answer.")
@board_option
@click.option(
    "--wiring",
    type=BoardType(),
    metavar="NAME|FILE",
    help="How the virtual one is really soldered, where that is not as its board says.",
)
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="Break it (virtual).")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    port: str | None,
    virtual: bool,
    board: dict[str, Any],
    wiring: dict[str, Any] | None,
    faults: tuple[str, ...],
    as_json: bool,
) -> int:
    """Bring up a device that has just been soldered and flashed.

    Each output is tried alone, for seconds and at low power; you say what moved. What is
    wired wrong is named with its pin. Passed, the calibration is written and the heat unlocked;
    until then it stays locked. Ctrl-C at any time: everything is off, the heat stays locked.
    """
    if virtual and port:
        raise UsageError("--virtual has no --port; leave one of the two out")
    if not virtual and (wiring or faults):
        raise UsageError("--wiring and --fault are for --virtual; add it")

    def say(text: str) -> None:
        if not as_json:
            click.echo(text)

    with _bench(port, board, wiring, faults, virtual, say) as (device, operator):
        return _run(device, operator, say, as_json)


@contextmanager
def _bench(
    port: str | None,
    board: dict[str, Any],
    wiring: dict[str, Any] | None,
    faults: tuple[str, ...],
    virtual: bool,
    say: Callable[[str], None],
) -> Iterator[tuple[Device, Operator]]:
    """Yield the device and its operator."""
    if virtual:
        from massager_tools.bringup.virtual import VirtualBench

        with VirtualBench(board, wiring, faults, say=lambda text: say(f"  {text}")) as bench:
            yield bench, bench
        return
    from massager_tools.bringup.terminal import Builder
    from massager_tools.device.mpremote import Device as RealDevice
    from massager_tools.device.ports import find_port

    device = RealDevice(find_port(port))
    device.enter_service()
    yield device, Builder()
    device.restart()


def _run(device: Device, operator: Operator, say: Callable[[str], None], as_json: bool) -> int:
    from massager_tools.bringup.bench import Bench
    from massager_tools.bringup.steps import STEPS, bring_up

    outcomes = []
    kept: dict[str, Any] = {}
    with Bench(device) as bench:
        for result in bring_up(bench, operator, begin=lambda title: say(f"{title} …")):
            if isinstance(result, Outcome):
                outcomes.append(result)
                for line in _lines(result):
                    say(line)
            else:
                kept = result
    if as_json:
        click.echo(json.dumps(_table(outcomes, kept), indent=2))
    for line in _verdict(outcomes, kept, len(STEPS)):
        say(line)
    return 0 if kept else 1


def _lines(outcome: Outcome) -> list[str]:
    if outcome.missing:
        return [click.style(f"  left out until {', '.join(outcome.missing)} pass", fg="yellow")]
    if outcome.troubles:
        return [click.style(f"  {trouble}", fg="red") for trouble in outcome.troubles]
    return [click.style("  ok", fg="green")]


def _verdict(outcomes: list[Outcome], kept: dict[str, Any], count: int) -> list[str]:
    passed = sum(outcome.passed for outcome in outcomes)
    if not kept:
        return [
            "",
            f"{passed} of {count} steps passed; the heat stays locked. Mend, then again.",
        ]
    return [
        "",
        f"All {count} steps passed. Written to the device, and the heat is unlocked:",
        f"  thermistors {kept['pad_a_offset_mc'] / 1000:+.2f} and "
        f"{kept['pad_b_offset_mc'] / 1000:+.2f} °C, "
        f"pressure zero {kept['pressure_offset_uv'] / 1000:+.1f} mV, "
        f"chambers from the ankle {', '.join(str(kept['chamber_order']))}",
    ]


def _table(outcomes: list[Outcome], kept: dict[str, Any]) -> dict[str, Any]:
    return {
        "passed": bool(kept),
        "kept": kept,
        "steps": [
            {
                "name": outcome.step.name,
                "passed": outcome.passed,
                "left_out_until": outcome.missing,
                "troubles": [
                    {"role": trouble.role, "pin": trouble.pin, "text": trouble.text}
                    for trouble in outcome.troubles
                ],
            }
            for outcome in outcomes
        ],
    }
