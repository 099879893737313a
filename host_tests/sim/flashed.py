"""A throw-away program on the virtual chip: what the tests of the chip's habits run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from massager_tools.sim.host import Result, Row, VirtualMassager

BOARD: dict[str, Any] = {
    "name": "bench",
    "chip": "esp32",
    "roles": {
        "pump": {"pin": 18, "safe": 0},
        "chamber_1": {"pin": 19, "safe": 0},
        "chamber_2": {"pin": 21, "safe": 0},
        "chamber_3": {"pin": 22, "safe": 0},
        "heater_enable": {"pin": 32, "safe": 0},
        "heater_pwm": {"pin": 33, "safe": 0},
        "motor": {"pin": 23, "safe": 0},
        "pixels": {"pin": 27, "safe": 0},
        "pad_temp_a": {"pin": 36},
        "pad_temp_b": {"pin": 39},
        "pressure": {"pin": 34},
        "supply": {"pin": 35},
        "heater_sense": {"pin": 4},
        "tach": {"pin": 16},
        "button_power": {"pin": 25, "active": 0},
        "button_up": {"pin": 26, "active": 0},
    },
    "ntc": {"ohm_at_25c": 10_000, "beta_k": 3_950, "pull_up_ohm": 24_000, "rail_mv": 3_300},
    "pressure_sensor": {"zero_mv": 250, "uv_per_kpa": 100_000},
    "supply_divider": {"permille": 130},
    "tach_pulses_per_turn": 1,
}
"""A bench of its own: the shipped boards may change."""

PINS = {role: spec["pin"] for role, spec in BOARD["roles"].items()}


@dataclass
class Run:
    """What came of a program."""

    result: Result
    serial: list[str]
    events: list[str]
    rows: list[Row]


def run(
    folder: Path,
    main: str,
    *,
    boot: str = "",
    files: Mapping[str, str] | None = None,
    board: Mapping[str, Any] = BOARD,
    **options: Any,
) -> Run:
    """Flash `main` (and `boot`) into `folder` and run it to its end."""
    sources = {"boot.py": boot, "main.py": main, **(files or {})}
    for name, source in sources.items():
        (folder / name).write_text(dedent(source), encoding="utf-8")
    with VirtualMassager(board, flash_dir=folder, **options) as massager:
        rows = list(massager.rows())
    assert massager.result is not None
    return Run(massager.result, massager.serial, massager.events, rows)


def at(rows: list[Row], t_ms: int) -> Row:
    """The first row at or after `t_ms`."""
    return next(row for row in rows if row["t_ms"] >= t_ms)
