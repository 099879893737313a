"""The builds that the measures run on: the reference board, with and without its options."""

import random
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from massager_tools.boards import load_board
from massager_tools.build import deploy
from massager_tools.sim.chip_facts import chip_facts, ntc_line
from massager_tools.verification.harness import Build

BOARD = "esp32_devkitc"  # of the chips supported, the one with the largest ADC error
_OPTIONAL_ROLES = ("tach", "heater_sense", "supply", "chamber_3")
_EXTRA_ROLES = {"chamber_4": 2, "exhaust": 12}  # on pins that are free as far as a model goes
_SHARE = 0.25


def build(board: Mapping[str, Any]) -> Build:
    """Return `board` as it is flashed, with what the model needs of its parts."""
    flashed = {**board, **deploy.derived(dict(board))}
    return Build(flashed, chip_facts(board["chip"]), tuple(ntc_line(board["ntc"])))


def reference(
    without: Iterable[str] = (), extra: Iterable[str] = (), pulses: int = 0, alike: bool = False
) -> Build:
    """Return the reference board without some roles and with some of `chamber_4`, `exhaust`.

    `pulses` a turn come from the tach, unless 0: as the board says. `alike`: both thermistors
    are wired to ground, as on old boards.
    """
    return _reference(frozenset(without), tuple(extra), pulses, alike)


@cache
def _reference(without: frozenset[str], extra: tuple[str, ...], pulses: int, alike: bool) -> Build:
    board = load_board(BOARD)
    roles = {role: spec for role, spec in board["roles"].items() if role not in without}
    if alike:
        for role in ("pad_temp_a", "pad_temp_b"):
            roles[role] = {key: at for key, at in roles[role].items() if key != "ntc_to"}
    roles |= {role: {"pin": _EXTRA_ROLES[role], "safe": 0} for role in extra}
    board = {**board, "roles": roles}
    if pulses:
        board["tach_pulses_per_turn"] = pulses
    return build(board)


def with_chambers(count: int, has_exhaust: bool = False, sense: bool = True) -> Build:
    """Return the reference board with 2…4 chambers."""
    without = ["chamber_3"] * (count < 3) + ["heater_sense"] * (not sense)
    extra = ["chamber_4"] * (count > 3) + ["exhaust"] * has_exhaust
    return reference(without, extra)


def drawn(seed: int) -> Build:
    """Return the reference board with the parts that the builder of this seed has chosen."""
    dice = random.Random(f"build {seed}")
    without = [role for role in _OPTIONAL_ROLES if dice.random() < _SHARE]
    extra = [
        role for role in _EXTRA_ROLES if dice.random() < _SHARE and "chamber_3" not in without
    ]
    return reference(without, extra)
