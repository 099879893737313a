"""One fault in one session on one massager, where the fault can do harm.

The whole firmware runs on the virtual board. A case says everything there is to chance, so
that any run can be had again: `run_case(Case(...))`.
"""

import atexit
import random
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any

from massager_tools.boards import load_board
from massager_tools.build import deploy
from massager_tools.firmware_tables import core, program
from massager_tools.sim.factory_nvs import brought_up
from massager_tools.sim.host import VirtualMassager
from massager_tools.sim.model import parameters
from massager_tools.sim.model.faults import FAULTS
from massager_tools.ui.live_session import presses_for
from massager_tools.verification.fault_catalogue import (
    ERROR,
    EVENTS,
    FROM_THE_START,
    MEMORY,
    ONE_OFF,
    errors,
    expected_codes,
    names,
    part_of,
)
from massager_tools.verification.fault_judge import Judge, Outcome, Plan
from massager_tools.verification.harness import pad_bend_mc

REFERENCE = "esp32_devkitc"
OTHER = "esp32s3_devkitc1 without tach"
BOARDS = (REFERENCE, OTHER)
"""The second one has four chambers, an exhaust and a heartbeat."""
_OTHER_SHARE = 0.25
OF_EACH_CHIP = (*BOARDS, "esp32c3_three_chambers", "esp32c6_devkitc1")
"""What the chip gets wrong, its console and its converter, differs between chips."""
_CHIPS_PARTS = ("console", "adc", "chip")

SITUATIONS = ("RUN", "OFF", "RUN", "CHECK", "RUN", "ENDING", "PAUSE")
"""Where a fault meets the session; every second one in the middle of it."""
HEATS = ("boost", "heat", "none")
"""What the person asks of the pad: a hold of *heat*, a press, or nothing."""
_WARM_MC = {"boost": 44_000, "heat": 42_500, "none": 41_000}
"""The pad as an earlier session has left it: just below the most that is asked for."""

_BEFORE_MS = 2_000
_START_MS = 8_000
_HEAT_MS = 14_000
_LEVEL_MS = 17_000
_LEVEL_PRESSES = 5  # the first says that the level feels right, the others raise it to the highest
_PRESS_EVERY_MS = 600
_BOOST_PRESS_MS = 1_700
_PRESS_MS = 300
_TOUCH_MS = 150  # stops what runs, and is too short to start what has ended
_START_PRESS_MS = 500
_MOMENTS_MS = {
    "OFF": (4_500, 7_800),
    "CHECK": (8_500, 10_500),
    "RUN": (13_000, 150_000),
    "ENDING": (1_000, 40_000),  # after the press that ends the session
    "PAUSE": (2_500, 9_000),  # after the supply sagged
}
_TURN_MS = (30_000, 120_000)  # when the session is ended or paused
_SAG_MS = 1_500
_RESUME_MS = 10_000  # from the sag to the press that goes on
_PAIR_MS = 8_000  # the second fault comes so soon, before the first has ended the session
_PRESS_AFTER_MS = 4_000  # a chattering button is pressed so long after its fault
WATCH_MS = 300_000
"""From the fault to the press of *power* that ends the run, unless all is quiet before."""
_WATCHES_MS = {"flash_fails": 20_000}  # it is only written to at rest
_STRIKE_MS = 150_000  # a fault that has found nothing to break by then is drawn anew
_POWER_OFF_MS = 12_000
_ONE_OFF_MS = 1_000
_DRAWS = 3
_READS_MS = 1_000  # its telemetry is there …
_CALIBRATED_MS = 3_000  # … and has been averaged by then
_SETTLE_MS = 1_000  # what was pressed last has begun
_FAILED = "failed:"
_THROWN = "thrown by the campaign:"
_THROW = """import sys
import time
import {module}
_place = sys.modules["{module}"]{owner}
_real = _place.{function}
def _broken(*arguments, **named):
    if time.ticks_ms() >= {at_ms}:
        print("{thrown}")
        raise RuntimeError("as asked for")
    return _real(*arguments, **named)
_place.{function} = _broken

"""
_SLOTS = ("memory_a", "memory_b")


@dataclass(frozen=True)
class Case:
    """`faults` come one after the other at `moments_ms`; `plant` is the seed of the massager.

    `situation` is the state of the session that the first one meets, `turn_ms` the moment
    at which it is ended or paused for that. `heat` is what the person asks of the pad, `warm`
    whether the pad is at it from the start, `strong` whether the level is the highest. `watch_ms`
    after the last fault the person ends the session.
    """

    faults: tuple[str, ...]
    program: str
    moments_ms: tuple[int, ...]
    plant: int
    board: str = REFERENCE
    situation: str = "RUN"
    turn_ms: int = 0
    heat: str = "heat"
    warm: bool = False
    strong: bool = False
    watch_ms: int = WATCH_MS

    @property
    def key(self) -> str:
        """Return a key that is the same for the same case, in every run."""
        moments = "+".join(map(str, self.moments_ms))
        parts = ["+".join(self.faults), self.program, moments, str(self.plant)]
        parts += [self.board, self.situation, str(self.turn_ms), self.heat]
        parts += ["warm"] * self.warm + ["strong"] * self.strong
        parts += [f"{self.watch_ms // 1000} s"] * (self.watch_ms != WATCH_MS)
        return " / ".join(parts)

    @property
    def starts_ms(self) -> tuple[int, ...]:
        """Return the presses of *power* that start, or go on."""
        resume = (self.turn_ms + _RESUME_MS,) if self.situation == "PAUSE" else ()
        return (_START_MS, *resume)

    @property
    def stop_ms(self) -> int:
        """Return the press of *power* that ends the run."""
        return max(self.moments_ms) + self.watch_ms

    def events(self, faults: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
        """Return all events of person, mains and `faults`, in order of time."""
        events = presses_for(program(self.program))
        events += [_press("power", at_ms, _START_PRESS_MS) for at_ms in self.starts_ms]
        events.append(_press("power", self.stop_ms, _TOUCH_MS))
        if self.warm:
            events.append({"at_ms": 0, "do": "warm", "pad_mc": _WARM_MC[self.heat]})
        if self.heat != "none":
            length_ms = _BOOST_PRESS_MS if self.heat == "boost" else _PRESS_MS
            events.append(_press("heat", _HEAT_MS, length_ms))
        for number in range(_LEVEL_PRESSES * self.strong):
            events.append(_press("up", _LEVEL_MS + number * _PRESS_EVERY_MS, _PRESS_MS))
        if self.situation == "ENDING":
            events.append(_press("program", self.turn_ms, _PRESS_MS))
        elif self.situation == "PAUSE":
            events.append(_fault("brown_out", self.turn_ms, True))
            events.append(_fault("brown_out", self.turn_ms + _SAG_MS, False))
        for name, at_ms in faults:
            events += _events_of(name, at_ms)
        return sorted(events, key=lambda event: event["at_ms"])


def _press(button: str, at_ms: int, for_ms: int) -> dict[str, Any]:
    return {"at_ms": at_ms, "do": "press", "button": button, "for_ms": for_ms}


def _fault(name: str, at_ms: int, on: bool) -> dict[str, Any]:
    return {"at_ms": at_ms, "do": "fault", "name": name, "on": on}


def _events_of(name: str, at_ms: int) -> list[dict[str, Any]]:
    """Return the events of a fault that is no part of the flashed files."""
    if name in EVENTS:
        return [{"at_ms": at_ms, **EVENTS[name]}]
    if name == MEMORY or name.startswith(ERROR):
        return []
    events = [_fault(name, at_ms, True)]
    if name in ONE_OFF:
        events.append(_fault(name, at_ms + _ONE_OFF_MS, False))
    if name.endswith("_chatter"):
        events.append(_press(name.split("_")[1], at_ms + _PRESS_AFTER_MS, _PRESS_MS))
    return events


@cache
def board_named(name: str) -> dict[str, Any]:
    """Return one of `BOARDS`."""
    if name != OTHER:
        return load_board(name)
    board = load_board(name.split()[0])
    roles = {role: spec for role, spec in board["roles"].items() if role != "tach"}
    return {key: value for key, value in board.items() if key != "tach_pulses_per_turn"} | {
        "roles": roles
    }


@cache
def faults_of(board: str) -> tuple[str, ...]:
    """Return every single fault of plant, chip and storage that a board can have."""
    return tuple(names(board_named(board)))


def programs_for(fault: str) -> list[str]:
    """Return the programs in which the broken part is in use at all."""
    form = core("session.program_format")
    field = {"air": form.PATTERN, "motor": form.MOTOR}.get(part_of(fault))
    return [
        row[form.NAME]
        for row in core("session.programs").PROGRAMS
        if field is None or any(phase[field] != form.NONE for phase in row[form.PHASES])
    ]


def draw(faults: Sequence[str], program_name: str, seed: int, situation: str = "RUN") -> Case:
    """Return a case at a random moment of a situation, on a random massager."""
    dice = random.Random(f"{seed} {faults} {program_name} {situation}")
    board = _board_for(faults, dice)
    turn_ms = dice.randrange(*_TURN_MS) if situation in ("ENDING", "PAUSE") else 0
    moments = [turn_ms + dice.randrange(*_MOMENTS_MS[situation])]
    while len(moments) < len(faults):
        moments.append(moments[-1] + dice.randrange(_PAIR_MS))
    for number, name in enumerate(faults):
        if name in FROM_THE_START:
            moments[number] = _BEFORE_MS
    return Case(
        faults=tuple(faults),
        program=program_name,
        moments_ms=tuple(moments),
        plant=dice.randrange(1 << 30),
        board=board,
        situation=situation,
        turn_ms=turn_ms,
        heat=dice.choice(HEATS) if dice.random() < 0.5 else "boost",
        warm=dice.random() < 0.7,
        strong=dice.random() < 0.5,
        watch_ms=min(_WATCHES_MS.get(name, WATCH_MS) for name in faults),
    )


def _board_for(faults: Sequence[str], dice: random.Random) -> str:
    """Return a board that can have the faults; of any chip, where the chip matters."""
    of_chip = any(part_of(fault) in _CHIPS_PARTS for fault in faults if fault in FAULTS)
    boards = [
        board
        for board in (OF_EACH_CHIP if of_chip else BOARDS)
        if all(_can_have(board, fault) for fault in faults)
    ]
    if of_chip:
        return dice.choice(boards)
    return boards[-1] if len(boards) == 1 or dice.random() < _OTHER_SHARE else boards[0]


def _can_have(board: str, fault: str) -> bool:
    return fault.startswith(ERROR) or fault in faults_of(board)


def run_case(case: Case) -> Outcome:
    """Run it and judge it; one that breaks nothing is drawn anew.

    The outcome has the key of the case, and the faults that were tried last. Codes that the
    fault does not explain are looked for without it.
    """
    tried = case
    judge, reason = live(tried)
    for number in range(1, _DRAWS):
        if judge.activated:
            break
        tried = _drawn_again(case, number)
        judge, reason = live(tried)
    own: set[int] = set()
    if set(judge.codes) - expected_codes(case.faults):
        healthy, _ = live(tried, broken=False)
        own = set(healthy.codes) - expected_codes(case.faults)
    return replace(judge.outcome(reason, own), key=case.key)


def _drawn_again(case: Case, number: int) -> Case:
    """Return the case at another moment, on another massager; an error elsewhere in its file."""
    dice = random.Random(f"{case.key} {number}")
    faults = [
        dice.choice(errors()[name.removeprefix(ERROR).partition(" ")[0]])
        if name.startswith(ERROR)
        else name
        for name in case.faults
    ]
    return draw(faults, case.program, case.plant + number)


def live(case: Case, broken: bool = True, prelude: str = "") -> tuple[Judge, str]:
    """Run the session of a case; nothing fails in it unless `broken`.

    `prelude` is run on the chip before main.py.
    """
    board = board_named(case.board)
    nvs = _calibrated(case)
    faults = tuple(zip(case.faults, case.moments_ms, strict=True)) if broken else ()
    for name, at_ms in faults:
        if name == MEMORY:
            dice = random.Random(case.plant)
            spoilt = {slot: list(dice.randbytes(300)) for slot in _SLOTS}
            nvs = {**nvs, "massager": {**nvs.get("massager", {}), **spoilt}}
        elif name.startswith(ERROR):
            prelude += _throw(name, at_ms)
    events = case.events(faults)
    last_ms = max(event["at_ms"] for event in events if event["at_ms"] < case.stop_ms)
    judge = Judge(
        Plan(
            key=case.key,
            faults=faults,
            from_ms=min(case.moments_ms),
            starts_ms=case.starts_ms,
            stop_ms=case.stop_ms,
            has_tach="tach" in board["roles"],
            sags=case.situation == "PAUSE",
        )
    )
    with tempfile.TemporaryDirectory(prefix="massager-fault-") as folder:
        flash = Path(folder) / "flash"
        shutil.copytree(flash_of(case.board), flash)
        main = flash / "main.py"
        main.write_text(prelude + main.read_text(encoding="utf-8"), encoding="utf-8")
        deploy.seal(board, flash)
        with VirtualMassager(
            board,
            plant=parameters.draw(case.plant),
            seed=case.plant,
            events=events,
            until_ms=case.stop_ms + _POWER_OFF_MS,
            flash_dir=flash,
            repl=True,  # a firmware that fell leaves a chip that has not
            nvs=nvs,
        ) as massager:
            for row in massager.rows():
                judge.see(row, _has_fallen(massager), _reported(massager, case.faults))
                if row["t_ms"] > last_ms + _SETTLE_MS and judge.is_quiet(row["t_ms"]):
                    break
                if not judge.activated and row["t_ms"] > last_ms + _STRIKE_MS:
                    break
    assert massager.result is not None
    return judge, massager.result.reason


def _calibrated(case: Case) -> dict[str, dict[str, Any]]:
    """Return the flash store of this massager after bring-up."""
    board = board_named(case.board)
    with VirtualMassager(
        board,
        plant=parameters.draw(case.plant),
        seed=case.plant,
        until_ms=_CALIBRATED_MS,
        flash_dir=flash_of(case.board),
    ) as massager:
        rows = [row for row in massager.rows() if row["t_ms"] >= _READS_MS]
    sensor = board["pressure_sensor"]
    return brought_up(
        board,
        pad_a_offset_mc=round(mean(row["ntc_a_mc"] - row["fw_pad_a_mc"] for row in rows)),
        pad_b_offset_mc=round(mean(row["ntc_b_mc"] - row["fw_pad_b_mc"] for row in rows)),
        pad_bend_mc=round(pad_bend_mc(parameters.draw(case.plant))),
        pressure_offset_uv=round(
            mean(row["fw_pressure_pa"] for row in rows) * sensor["uv_per_kpa"] / 1_000
        ),
    )


def _has_fallen(massager: VirtualMassager) -> bool:
    return any(_FAILED in line for line in massager.serial)


def _reported(massager: VirtualMassager, faults: Sequence[str]) -> set[str]:
    """Return those of `faults` that are no part of the plant and that the board reports."""
    lines = [line for line in massager.serial if _THROWN in line]
    lines += [line for line in massager.events if "ctrl_c" in line]
    return {name for name in faults if any(name in line for line in lines)}


@cache
def flash_of(board: str) -> Path:
    """Return the deployed firmware of a board, made once in each process."""
    folder = Path(tempfile.mkdtemp(prefix="massager-flash-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    deploy.build(board_named(board), folder / "flash")
    return folder / "flash"


def _throw(name: str, at_ms: int) -> str:
    file, _, place = name.removeprefix(ERROR).partition(" ")
    owner, dot, function = place.rpartition(".")
    module = "massager." + file.removesuffix(".py").replace("/", ".")
    return _THROW.format(
        module=module,
        owner=dot + owner,
        function=function,
        at_ms=at_ms,
        thrown=f"{_THROWN} {name}",
    )
